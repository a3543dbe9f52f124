"""Makes the networks of a pipeline folder, one tensor at a time, and tells before how much memory they take.

Only a handful of classes is ever made, straight from the libraries; nothing is fetched, and no code of the folder runs.
"""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.api.engine import Device, size_text
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_
from studio.nn.without_weights import without_weights

from .checkpoint import renamed
from .described import PACKED, Component, PipelineFolder
from .kinds import TRANSFORMERS

TILE_PX: Final = 512
"""The side of the tiles in which pictures are decoded that are much larger."""
_LIBRARIES_BYTES: Final = 400 << 20
_FLOAT32_BYTES: Final = 4
_HALF_BYTES: Final = 2
_USUAL_DEPTH: Final = 3
_TEXT_TOKENS: Final = 512
_WIDE: Final = 16
"""How many numbers a token of a transformer takes at most, in widths: its MLP, and queries, keys and values twice."""
_LIBRARIES: Final = ("diffusers", "transformers")
# What attention was called in files from before diffusers 0.14.
_OLD_NAMES: Final = {
    ".query.": ".to_q.",
    ".key.": ".to_k.",
    ".value.": ".to_v.",
    ".proj_attn.": ".to_out.0.",
}
_TEXT: Final = "text_model."
_PLACES: Final = "pos_embed.pos_embed"
_T5_SHARED, _T5_TIED = "shared.weight", "encoder.embed_tokens.weight"
"""One table of tokens by two names, of which files hold the first."""


@dataclass(frozen=True)
class PipelineMemoryForecast:
    """Bytes that a model needs in one type of number: its weights, and what a step or the decoder holds at most."""

    weights: int
    activations: int

    @property
    def total(self) -> int:
        """Both, and what the libraries take."""
        return self.weights + self.activations + _LIBRARIES_BYTES


def forecast(pipeline: PipelineFolder, n_bytes: int) -> PipelineMemoryForecast:
    """What the pipeline needs where each number has `n_bytes`."""
    activations = max(_step_numbers(pipeline), _decoder_numbers(pipeline))
    return PipelineMemoryForecast(pipeline.n_params * n_bytes, activations * n_bytes)


def choose_dtype(pipeline: PipelineFolder, device: Device) -> torch.dtype:
    """float32 where it fits, else 16 bits where the machine computes in them; raises UserError with figures."""
    free = device.free_bytes
    full, half = forecast(pipeline, _FLOAT32_BYTES), forecast(pipeline, _HALF_BYTES)
    if full.total <= free:
        return torch.float32
    type_of_half = _half(device)
    if type_of_half is not None and half.total <= free:
        return type_of_half
    needed = full if type_of_half is None else half
    raise UserError(
        N_("This model needs about {needed}: {weights} for {n:,} numbers and {activations} to compute with.").format(
            needed=size_text(needed.total),
            weights=size_text(needed.weights),
            n=pipeline.n_params,
            activations=size_text(needed.activations),
        ),
        N_("{free} of memory are free. Close other models and programs, or use a smaller model.").format(
            free=size_text(free)
        ),
    )


def _half(device: Device) -> torch.dtype | None:
    """The 16-bit type that this machine computes in, None where it only emulates."""
    if device.kind == "cuda":
        return torch.float16
    from studio.api.training import has_fast_bfloat16

    return torch.bfloat16 if has_fast_bfloat16(device.torch_device) else None


def _step_numbers(pipeline: PipelineFolder) -> int:
    """Both halves of a guided step: the maps kept for the way up, and a few of the largest ones."""
    config = pipeline.denoiser.config
    _, height, width = pipeline.shape
    if pipeline.kind in TRANSFORMERS:
        packed = PACKED if pipeline.kind == "flux" else config.get("patch_size", 2) ** 2
        n_tokens = height * width // packed + _TEXT_TOKENS
        return 2 * _WIDE * n_tokens * config["num_attention_heads"] * config["attention_head_dim"]
    widths, n_layers = config["block_out_channels"], config.get("layers_per_block", 2)
    depth = n_layers if isinstance(n_layers, int) else _USUAL_DEPTH
    maps = [channels * height * width // 4**level for level, channels in enumerate(widths)]
    halves = 1 if pipeline.kind == "pixels" else 2
    return halves * ((depth + 2) * sum(maps) + 12 * max(maps))


def _decoder_numbers(pipeline: PipelineFolder) -> int:
    vae = pipeline.components.get("vae")
    if vae is None:
        return 0
    widths = vae.config["block_out_channels"]
    height, width = (min(side, TILE_PX) for side in pipeline.size)
    return 5 * int(widths[min(1, len(widths) - 1)]) * height * width


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
    arrays = _stored(component, module)
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
    return _stored(component, _made(component))


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


def _stored(component: Component, module: nn.Module) -> dict[str, Tensor]:
    arrays = _read(component)
    if component.prefix:
        arrays = _renamed(component, arrays, module)
    found = {place: arrays[name] for name, place in _places(component, module, arrays).items()}
    return found | {_T5_TIED: found[_T5_SHARED]} if _T5_SHARED in found else found


def _maker(component: Component) -> Callable[[], nn.Module]:
    import diffusers
    import transformers

    values = {name: value for name, value in component.config.items() if not name.startswith("_")}
    if component.class_name.startswith("T5"):
        settings = transformers.T5Config(**_known(transformers.T5Config, values))
        return lambda: transformers.T5EncoderModel(settings)
    if component.class_name.startswith("CLIP"):
        config = transformers.CLIPTextConfig(**_known(transformers.CLIPTextConfig, values))
        return lambda: getattr(transformers, component.class_name)(config)
    made = getattr(diffusers, component.class_name)
    return lambda: made(**_known(made, values))


def _known(made: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a class takes; others are of other versions of the library."""
    names = inspect.signature(made.__init__).parameters  # type: ignore[misc]
    return {name: value for name, value in values.items() if name in names}


def _renamed(component: Component, arrays: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    try:
        return renamed(component, arrays, module)
    except Exception as error:  # the library stops in many ways where an array is missing
        raise _incomplete(component.name, 1, printable(str(error))) from error


def _places(component: Component, module: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, str]:
    """Where each array of the files goes in the module; raises UserError where they are not its weights."""
    expected = {name: tuple(one.shape) for name, one in module.state_dict().items()}
    places: dict[str, str] = {}
    for stored, tensor in arrays.items():
        shape = tuple(tensor.shape)
        place = next((name for name in _spellings(stored) if name in expected), None)
        if place is None:
            continue  # such as the numbers of positions, which old files hold
        if _squeezed(expected[place]) != _squeezed(shape):
            raise UserError(
                N_("“{name}” of “{part}” has the shape {found}, but {wanted} was expected.").format(
                    name=stored, part=component.name, found=shape, wanted=expected[place]
                )
            )
        places[stored] = place
    missing = sorted(set(expected) - set(places.values()) - {_T5_TIED})
    if missing:
        raise _incomplete(component.name, len(missing), missing[0])
    return places


def _incomplete(part: str, n_missing: int, name: str) -> UserError:
    return UserError(
        N_("{n} arrays of “{part}” are missing, such as “{name}”.").format(n=n_missing, part=part, name=name),
        N_("The weights belong to another model, or the folder is incomplete."),
    )


def _spellings(name: str) -> Iterator[str]:
    """The names that an array may have in today's libraries."""
    for old, new in _OLD_NAMES.items():
        if ".attentions." in name and old in name:
            yield name.replace(old, new)
    yield name
    yield name.removeprefix(_TEXT)
    yield _TEXT + name


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A 1 x 1 convolution and a matrix hold the same."""
    return shape[:2] if len(shape) == 4 and shape[2:] == (1, 1) else shape


def _read(component: Component) -> dict[str, Tensor]:
    """Its arrays by their names; their numbers stay in the files until they are looked at."""
    found: dict[str, Tensor] = {}
    for path in component.weights.paths:
        try:
            with safe_open(path, framework="pt") as file:
                names = [name for name in file.keys() if name.startswith(component.prefix)]  # noqa: SIM118 - no mapping
                found |= {printable(name): file.get_tensor(name) for name in names}
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=printable(path.name))) from error
    return found


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
