"""Refuses settings that would build something without end, or another kind of model than is opened here."""

from collections.abc import Mapping
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .described import FLUX_SIDE, PACKED, PipelineFolder
from .kinds import TRANSFORMERS

_MAX_LIST: Final = 64
_MAX_NUMBER: Final = 1_000_000
_MAX_LAYERS: Final = 64
_MAX_SIZE: Final = 1024
_MAX_LEVELS: Final = 8
_MAX_WIDTH: Final = 16_384


def check_numbers(value: Any, part: str, key: str = "") -> None:
    """Refuse settings that would build something without end; `key` is whose value it is."""
    if isinstance(value, dict):
        for name, one in value.items():
            check_numbers(one, part, name)
    elif isinstance(value, list):
        if len(value) > _MAX_LIST:
            raise UserError(N_("The settings of “{part}” contain a list that never ends.").format(part=part))
        for one in value:
            check_numbers(one, part, key)
    elif type(value) is int and abs(value) > (_MAX_LAYERS if "layers" in key else _MAX_NUMBER):
        raise UserError(
            N_("The settings of “{part}” ask for an impossible size ({key}).").format(part=part, key=printable(key))
        )


def check_fit(pipeline: PipelineFolder) -> None:
    """What is needed to know the sizes, and what would make another kind of model of it."""
    unet = pipeline.denoiser.config
    if pipeline.kind == "flux":
        n_channels = pipeline.components["vae"].config.get("latent_channels")
        unet = {"sample_size": FLUX_SIDE, **unet, "out_channels": n_channels}
        if type(unet.get("in_channels")) is int:
            unet["in_channels"] //= PACKED
    size, channels = unet.get("sample_size"), unet.get("in_channels")
    sizes = size if isinstance(size, list) and len(size) == 2 else [size]
    if not all(type(one) is int and 1 <= one <= _MAX_SIZE for one in [*sizes, channels]):
        raise UserError(N_("The settings of the U-Net do not say how large its pictures are."))
    vae = pipeline.components.get("vae")
    expected = 3 if vae is None else vae.config.get("vq_embed_dim") or vae.config.get("latent_channels")
    may_see = type(expected) is int and pipeline.kind in ("sd", "sdxl")
    known = 2 * expected + 1 if may_see and expected else expected
    said = 2 * expected if type(expected) is int and pipeline.kind == "classes" else expected
    if channels not in (expected, known) or unet.get("out_channels") not in (expected, said):
        raise UserError(
            N_("This U-Net takes {n} channels, but {m} were expected: it was made for another task.").format(
                n=channels, m=expected
            ),
            N_("Only pipelines that make a picture from words or from noise can be opened."),
        )
    if vae is not None and not _are_widths(vae.config.get("block_out_channels")):
        raise UserError(N_("The settings of the autoencoder do not say how much it shrinks a picture."))
    if pipeline.kind in TRANSFORMERS:
        _check_transformer(unet, "num_embeds_ada_norm" if pipeline.kind == "classes" else "joint_attention_dim")
    elif not _are_widths(unet.get("block_out_channels")):
        raise UserError(N_("The settings of the U-Net do not say how wide it is."))
    n_classes = unet.get("num_class_embeds")
    is_asked = pipeline.kind == "consistency" and type(n_classes) is int and n_classes > 0
    if (n_classes and not is_asked) or unet.get("class_embed_type"):
        raise UserError(N_("This U-Net needs a class number, which its pipeline does not supply."))


def _check_transformer(config: Mapping[str, Any], heard: str) -> None:
    """What the memory of a step follows from."""
    names = ("num_layers", "num_attention_heads", "attention_head_dim", heard)
    sizes = [config.get("patch_size", 1), *(config.get(name) for name in names)]
    if not all(type(one) is int and 1 <= one <= _MAX_WIDTH for one in sizes):
        raise UserError(N_("The settings of the transformer do not say how wide it is."))


def _are_widths(values: Any) -> bool:
    """Whether it is a list of a few numbers of channels."""
    return (
        isinstance(values, list)
        and 1 <= len(values) <= _MAX_LEVELS
        and all(type(one) is int and 1 <= one <= _MAX_WIDTH for one in values)
    )
