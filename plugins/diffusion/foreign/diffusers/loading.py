"""Makes the networks of a pipeline folder, one tensor at a time.

Only a handful of classes is ever made, straight from the libraries; nothing is fetched, and no code of the folder runs.
"""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_
from studio.nn.without_weights import without_weights

from .arrays import stored
from .described import Component

_LIBRARIES: Final = ("diffusers", "transformers")
_PLACES: Final = "pos_embed.pos_embed"


def require_libraries() -> None:
    """Raise UserError where the libraries that define these networks are not installed; keep them off the network.

    Only in this process: one that looks up a model of a hub, which a person has agreed to, inherits nothing of it.
    """
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            N_("To open such a folder, {names} must be installed.").format(names=N_(" and ").join(missing)),
            N_("Install them once: {python} -m pip install {names}").format(
                python=sys.executable, names=" ".join(missing)
            ),
        )
    hub = importlib.import_module("huggingface_hub.constants")
    hub.HF_HUB_OFFLINE = hub.HF_HUB_DISABLE_TELEMETRY = True  # type: ignore[attr-defined]
    for name in _LIBRARIES:  # whose advice about what else to install is for programmers
        importlib.import_module(f"{name}.utils.logging").set_verbosity_error()


def load_component(component: Component, dtype: torch.dtype, device: torch.device) -> Any:
    """The network with its weights, ready to compute; raises UserError where the two do not fit each other."""
    module = _made(component)
    arrays = stored(component, module)
    module = module.to(dtype).to_empty(device=device)
    _fill_buffers(module)
    state = module.state_dict()
    with torch.no_grad():
        for name, array in arrays.items():
            pause()
            state[name].copy_(array.reshape(state[name].shape))
    return module.requires_grad_(False).eval()


def stored_arrays(component: Component) -> dict[str, Tensor]:
    """The weights of a network by today's names of the library; they stay in the files until they are looked at."""
    return stored(component, _made(component))


def _made(component: Component) -> nn.Module:
    """The network without weights."""
    try:
        with without_weights():
            return _maker(component)()
    except Exception as error:  # whatever the library says of settings that it does not take
        raise UserError(
            N_("The settings of “{part}” are not accepted: {why}").format(
                part=component.name, why=printable(str(error).partition("\n")[0])
            )
        ) from error


def _maker(component: Component) -> Callable[[], nn.Module]:
    import diffusers
    import transformers
    from diffusers.pipelines.latent_diffusion import pipeline_latent_diffusion as first

    values = {name: value for name, value in component.config.items() if not name.startswith("_")}
    configs = {
        "T5": (transformers, "T5Config"),
        "CLIP": (transformers, "CLIPTextConfig"),
        "LDM": (first, "LDMBertConfig"),
    }
    for start, (library, name) in configs.items():
        if component.class_name.startswith(start):
            kind = getattr(library, name)
            settings = kind(**_known(kind, values))
            return lambda: getattr(library, component.class_name)(settings)
    made = getattr(diffusers, component.class_name)
    return lambda: made(**_known(made, values))


def _known(made: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a class takes; others are of other versions of the library."""
    names = inspect.signature(made.__init__).parameters  # type: ignore[misc]
    return {name: value for name, value in values.items() if name in names}


def _fill_buffers(module: nn.Module) -> None:
    """Buffers that are computed and not stored: the numbers of the positions."""
    stored = set(module.state_dict())
    for name, buffer in module.named_buffers():
        if name in stored:
            continue
        if name == _PLACES:
            buffer.copy_(_places_of_patches(module))
            continue
        if not name.endswith("position_ids"):
            raise UserError(N_("This version of the library stores “{name}” in an unknown way.").format(name=name))
        buffer.copy_(torch.arange(buffer.shape[-1], device=buffer.device).expand(buffer.shape))


def _places_of_patches(module: Any) -> Tensor:
    """Waves by which a transformer of patches knows where each lies, (1, L, D), as its class has made them."""
    places = module.pos_embed
    fresh = type(places)(
        places.height * places.patch_size,
        places.width * places.patch_size,
        places.patch_size,
        in_channels=1,
        embed_dim=module.inner_dim,
        interpolation_scale=places.interpolation_scale,
    )
    found: Tensor = fresh.pos_embed
    return found
