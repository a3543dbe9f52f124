"""Reads one .safetensors file that holds a whole Stable Diffusion, named as its first authors named it.

The file has no settings: how wide and deep its networks are follows from the shapes of their arrays (Rombach et al.
2022, arXiv 2112.10752; Podell et al. 2023, arXiv 2307.01952), and the rest is the same for all of a version.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import open_regular, printable
from studio.core.container.weights.folder import WeightFiles, read_weights
from studio.core.container.weights.safetensors_file import LENGTH_BYTES, header_length
from studio.core.error import UserError
from studio.core.translation import N_

from .described import Component, PipelineFolder
from .fit import check_fit
from .folder import folder_of, read_pipeline
from .kinds import Kind
from .noise import SchedulerConfig
from .scheduler import parse_scheduler
from .shapes import CLIPS, FACTS, FIRST, OPEN_CLIPS, UNET, VAE, Shapes, encoder_configs, unet_config, vae_config

SUFFIX: Final = ".safetensors"
_MAX_HEADER_BYTES: Final = 8 << 20
_NOISE: Final[Mapping[str, Any]] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
}


def is_checkpoint(path: Path) -> bool:
    """Whether a file is one of these, by the names in its header; quick."""
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return False
    with open_regular(path) as file:
        length = header_length(file.read(LENGTH_BYTES))
        return length <= _MAX_HEADER_BYTES and f'"{FIRST}"'.encode() in file.read(length)


def read_model(path: Path) -> PipelineFolder:
    """Read a file of this kind, or a pipeline's folder or index; raises UserError where it would not open."""
    return read_checkpoint(path) if path.suffix.lower() == SUFFIX else read_pipeline(folder_of(path))


def read_checkpoint(path: Path) -> PipelineFolder:
    """Read everything but the weights themselves; raises UserError where it would not open."""
    weights = read_weights((path,))
    shapes = {one.name: one.shape for one in weights.tensors}
    try:
        version = _version(shapes)
        unet, vae = unet_config(shapes, version), vae_config(shapes, version)
        encoders = dict(encoder_configs(shapes, version))
    except (KeyError, IndexError) as error:
        raise UserError(
            N_("“{name}” is missing from this checkpoint.").format(name=printable(str(error.args[0]))),
            N_("Only files that hold a whole Stable Diffusion 1, 2 or XL can be opened: network, decoder and words."),
        ) from error
    components = {
        "unet": _component("unet", "UNet2DConditionModel", UNET, unet, weights),
        "vae": _component("vae", "AutoencoderKL", VAE, vae, weights),
        **{name: _component(name, kind, prefix, config, weights) for name, (kind, prefix, config) in encoders.items()},
    }
    kind: Kind = "sdxl" if version == "xl" else "sd"
    is_second_stage = version == "xl" and "text_encoder" not in components
    scheduler = _scheduler(shapes, version)
    empties = version == "xl" and not is_second_stage
    pipeline = PipelineFolder(path, kind, _CLASSES[version], components, scheduler, empties, is_second_stage)
    check_fit(pipeline)
    return pipeline


_CLASSES: Final[Mapping[str, str]] = {
    "1": "StableDiffusionPipeline",
    "2": "StableDiffusionPipeline",
    "xl": "StableDiffusionXLPipeline",
}


def _version(shapes: Shapes) -> str:
    if FACTS in shapes:
        return "xl"
    return "2" if any(name.startswith(OPEN_CLIPS[0]) for name in shapes) else "1"


def _component(name: str, class_name: str, prefix: str, config: Mapping[str, Any], weights: WeightFiles) -> Component:
    own = tuple(one for one in weights.tensors if one.name.startswith(prefix))
    return Component(name, class_name, config, replace(weights, tensors=own), prefix)


def _scheduler(shapes: Shapes, version: str) -> SchedulerConfig:
    """The noise of that version; some files say by an array that they were taught otherwise."""
    says_velocity = version == "2" or "v_pred" in shapes
    return parse_scheduler(
        {
            **_NOISE,
            "_class_name": "EulerDiscreteScheduler" if version == "xl" else "DDIMScheduler",
            "prediction_type": "v_prediction" if says_velocity else "epsilon",
            "rescale_betas_zero_snr": "ztsnr" in shapes,
        }
    )


def renamed(component: Component, arrays: Mapping[str, Any], module: Any) -> dict[str, Any]:
    """The arrays of a component by the names that the library's own class has for them, computed by that library."""
    from diffusers.loaders import single_file_utils as library

    given = dict(arrays)
    if component.prefix == UNET:
        found = library.convert_ldm_unet_checkpoint(given, component.config)
    elif component.prefix == VAE:
        found = library.convert_ldm_vae_checkpoint(given, component.config)
    elif component.prefix in CLIPS:
        found = {name.removeprefix(component.prefix): one for name, one in given.items()}
    else:
        found = library.convert_open_clip_checkpoint(module, given, component.prefix)
    return dict(found)
