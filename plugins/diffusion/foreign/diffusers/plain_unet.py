"""Refuses a U-Net that the walk of `guided_unet` would compute otherwise than its library does."""

from typing import Any, Final

import torch

from studio.core.error import UserError
from studio.core.translation import N_

from .attention import transformer_blocks

_PLAIN_BLOCKS: Final = (
    "CrossAttnDownBlock2D",
    "DownBlock2D",
    "UNetMidBlock2DCrossAttn",
    "UpBlock2D",
    "CrossAttnUpBlock2D",
    "NoneType",
)


def check_plain(unet: Any) -> None:
    """Refuse what this walk would compute otherwise than the library does."""
    for block in (*unet.down_blocks, unet.mid_block, *unet.up_blocks):
        need(type(block).__name__ in _PLAIN_BLOCKS, type(block).__name__)
        for resnet in getattr(block, "resnets", None) or ():
            need(resnet.time_embedding_norm == "default" and not resnet.skip_time_act, "resnet_time_scale_shift")
            need(resnet.upsample is None and resnet.downsample is None, "resnet_skip_time_act")
            need(isinstance(resnet.nonlinearity, torch.nn.SiLU), "act_fn")
    for layer in transformer_blocks(unet):
        need(getattr(layer, "norm_type", "") == "layer_norm", "attention_type")
        need(layer.pos_embed is None and not layer.only_cross_attention and layer.attn2 is not None, "attention")
    config = unet.config
    for name in (
        "encoder_hid_dim_type",
        "timestep_post_act",
        "center_input_sample",
        "class_embed_type",
    ):
        need(not config.get(name), name)
    need(config.addition_embed_type in (None, "text_time"), "addition_embed_type")
    need(config.act_fn in ("silu", "swish") and unet.conv_norm_out is not None, "act_fn")


def need(is_so: bool, name: str) -> None:
    if not is_so:
        raise UserError(N_("This U-Net is built in a way that cannot be opened here ({name}).").format(name=name))
