"""Reads one .safetensors file that holds a whole Stable Diffusion, named as its first authors named it.

The file has no settings: how wide and deep its networks are follows from the shapes of their arrays (Rombach et al.
2022, arXiv 2112.10752; Podell et al. 2023, arXiv 2307.01952), and the rest is the same for all of a version.
"""

from collections.abc import Iterator, Mapping
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
from .scheduler import SchedulerConfig, parse_scheduler

SUFFIX: Final = ".safetensors"
UNET: Final = "model.diffusion_model."
VAE: Final = "first_stage_model."
CLIPS: Final = ("cond_stage_model.transformer.", "conditioner.embedders.0.transformer.")
"""Where the encoder that OpenAI trained lies, in versions 1 and XL."""
OPEN_CLIPS: Final = ("cond_stage_model.model.", "conditioner.embedders.1.model.", "conditioner.embedders.0.model.")
"""Where the one of OpenCLIP lies, in versions 2 and XL and in the second stage of XL."""
_FIRST: Final = f"{UNET}input_blocks.0.0.weight"
_FACTS: Final = f"{UNET}label_emb.0.0.weight"
_MAX_HEADER_BYTES: Final = 8 << 20
_MAX_BLOCKS: Final = 64
_HEAD_WIDTH: Final = 64
_SIDES: Final[Mapping[str, int]] = {"1": 64, "2": 96, "xl": 128}
_NOISE: Final[Mapping[str, Any]] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
}
Shapes = Mapping[str, tuple[int, ...]]


def is_checkpoint(path: Path) -> bool:
    """Whether a file is one of these, by the names in its header; quick."""
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return False
    with open_regular(path) as file:
        length = header_length(file.read(LENGTH_BYTES))
        return length <= _MAX_HEADER_BYTES and f'"{_FIRST}"'.encode() in file.read(length)


def read_model(path: Path) -> PipelineFolder:
    """Read a file of this kind, or a pipeline's folder or index; raises UserError where it would not open."""
    return read_checkpoint(path) if path.suffix.lower() == SUFFIX else read_pipeline(folder_of(path))


def read_checkpoint(path: Path) -> PipelineFolder:
    """Read everything but the weights themselves; raises UserError where it would not open."""
    weights = read_weights((path,))
    shapes = {one.name: one.shape for one in weights.tensors}
    try:
        version = _version(shapes)
        unet, vae = _unet(shapes, version), _vae(shapes, version)
        encoders = dict(_encoders(shapes, version))
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
    if _FACTS in shapes:
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


# What the shapes say


def _unet(shapes: Shapes, version: str) -> dict[str, Any]:
    levels = list(_levels(shapes))
    widths = [width for width, _ in levels]
    depths = [blocks[0] for _, blocks in levels]
    middle = _depth(shapes, f"{UNET}middle_block.1.")
    keys = (name for name in shapes if name.startswith(UNET) and "attn2.to_k" in name)
    context = shapes[next(keys, f"{UNET}attn2.to_k.weight")][1]
    is_linear = len(shapes[f"{UNET}middle_block.1.proj_in.weight"]) == 2
    config = {
        "sample_size": _SIDES[version],
        "in_channels": shapes[_FIRST][1],
        "out_channels": shapes[f"{UNET}out.2.weight"][0],
        "layers_per_block": len(levels[0][1]),
        "block_out_channels": widths,
        "down_block_types": ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths],
        "up_block_types": ["CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in reversed(depths)],
        "cross_attention_dim": context,
        "attention_head_dim": [max(width // _HEAD_WIDTH, 1) for width in widths] if is_linear else 8,
        "use_linear_projection": is_linear,
        "transformer_layers_per_block": [*(depth or 1 for depth in depths[:-1]), depths[-1] or middle],
    }
    if version != "xl":
        return config
    return {
        **config,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": shapes[_FACTS][1],
    }


def _levels(shapes: Shapes) -> Iterator[tuple[int, list[int]]]:
    """For each resolution its width, and for each residual block on the way down how many transformers follow it."""
    width, depths = 0, list[int]()
    for at in range(1, _MAX_BLOCKS):
        block = f"{UNET}input_blocks.{at}."
        if f"{block}0.op.weight" in shapes:
            yield width, depths
            depths = []
        elif f"{block}0.out_layers.3.weight" in shapes:
            width = shapes[f"{block}0.out_layers.3.weight"][0]
            depths.append(_depth(shapes, f"{block}1."))
    if not depths:
        raise KeyError(f"{UNET}input_blocks.1.0.out_layers.3.weight")
    yield width, depths


def _depth(shapes: Shapes, block: str) -> int:
    return sum(f"{block}transformer_blocks.{n}.norm1.weight" in shapes for n in range(_MAX_BLOCKS))


def _vae(shapes: Shapes, version: str) -> dict[str, Any]:
    coder = f"{VAE}encoder.down"
    inner = [f"{coder}.{level}.block.0.conv1.weight" for level in range(_MAX_BLOCKS)]
    widths = [shapes[name][0] for name in inner if name in shapes]
    return {
        "in_channels": shapes[f"{VAE}encoder.conv_in.weight"][1],
        "out_channels": shapes[f"{VAE}decoder.conv_out.weight"][0],
        "latent_channels": shapes[f"{VAE}decoder.conv_in.weight"][1],
        "block_out_channels": widths,
        "layers_per_block": sum(f"{coder}.0.block.{n}.conv1.weight" in shapes for n in range(_MAX_BLOCKS)),
        "down_block_types": ["DownEncoderBlock2D"] * len(widths),
        "up_block_types": ["UpDecoderBlock2D"] * len(widths),
        "scaling_factor": 0.13025 if version == "xl" else 0.18215,
    }


def _encoders(shapes: Shapes, version: str) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """Each text encoder by its name: the library's class, what its arrays' names begin with, its settings."""
    clip = next((prefix for prefix in CLIPS if any(name.startswith(prefix) for name in shapes)), None)
    if clip is not None:
        inside = clip if f"{clip}embeddings.token_embedding.weight" in shapes else f"{clip}text_model."
        names = (
            f"{inside}embeddings.token_embedding.weight",
            f"{inside}embeddings.position_embedding.weight",
            f"{inside}encoder.layers.{{}}.mlp.fc1.weight",
        )
        yield "text_encoder", ("CLIPTextModel", clip, _text(shapes, *names, act="quick_gelu"))
    elif version == "1":
        raise KeyError(CLIPS[0])
    opened = next((prefix for prefix in OPEN_CLIPS if any(name.startswith(prefix) for name in shapes)), None)
    if opened is None:
        if version != "1":
            raise KeyError(OPEN_CLIPS[1])
        return
    names = (
        f"{opened}token_embedding.weight",
        f"{opened}positional_embedding",
        f"{opened}transformer.resblocks.{{}}.mlp.c_fc.weight",
    )
    config = _text(shapes, *names, act="gelu")
    if version == "2":  # which hears the last layer but one, so that the last one is not made
        yield "text_encoder", ("CLIPTextModel", opened, config | {"num_hidden_layers": config["num_hidden_layers"] - 1})
        return
    config["projection_dim"] = shapes[f"{opened}text_projection"][1]
    yield "text_encoder_2", ("CLIPTextModelWithProjection", opened, config)


def _text(shapes: Shapes, tokens: str, positions: str, layer: str, act: str) -> dict[str, Any]:
    n_tokens, width = shapes[tokens]
    n_layers = sum(layer.format(n) in shapes for n in range(_MAX_BLOCKS))
    return {
        "vocab_size": n_tokens,
        "hidden_size": width,
        "intermediate_size": shapes[layer.format(0)][0],
        "num_hidden_layers": n_layers,
        "num_attention_heads": max(width // _HEAD_WIDTH, 1),
        "max_position_embeddings": shapes[positions][0],
        "hidden_act": act,
        "bos_token_id": n_tokens - 2,
        "eos_token_id": n_tokens - 1,
        "projection_dim": width,
    }


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
