"""Walks through the U-Net of Stable Diffusion with both halves of the guidance in one batch.

The modules are the library's; the walk is our own, since three things can be saved that way: keys and values of the
prompt are computed once for a run, the halves are one until the first time that the prompt is heard, and pictures stay
in one layout (channels last, where a row of tokens is a picture already).

B halves (1 until the prompt is heard), C channels, H W of a map, N = H W, L tokens, K heads, D their width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .attention import GuidedSelfAttention, heads_of, look, picture_of, projected, tokens_of, transformer_blocks
from .plain_unet import check_plain, need


@dataclass(frozen=True, eq=False)
class PromptKeys:
    """What a run hears of its prompt, computed once.

    Attributes:
        pairs: keys and values (B, K, L, D) of every cross-attention, in the order of the walk.
        added: what is added to the embedding of the time, (B, E); None but for SDXL.
        told: the guidance as the embedding of the time takes it in, (1, G); None for networks that are not told.
    """

    pairs: tuple[tuple[Tensor, Tensor], ...]
    added: Tensor | None = None
    told: Tensor | None = None


class GuidedUNet:
    """The U-Net of a pipeline, ready for steps."""

    def __init__(self, unet: Any) -> None:
        """Take a UNet2DConditionModel; raises UserError where it is built in a way that is not known here."""
        check_plain(unet)
        self._unet = unet.to(memory_format=torch.channels_last)
        self._cross = [block.attn2 for block in transformer_blocks(unet)]
        for block in transformer_blocks(unet):
            block.attn1 = GuidedSelfAttention(block.attn1)

    def hear(self, context: Tensor, pooled: Tensor | None = None, facts: Tensor | None = None) -> PromptKeys:
        """Prepare a prompt (B, L, features).

        For SDXL with the whole prompt's features `pooled` (B, E), and sizes, place and score of the picture (B, 5 or
        6) as `facts`; raises UserError where the U-Net was built for another number of them.
        """
        pairs = tuple((heads_of(attn.to_k(context), attn), heads_of(attn.to_v(context), attn)) for attn in self._cross)
        if pooled is None or facts is None:
            return PromptKeys(pairs)
        told = self._unet.add_time_proj(facts.flatten()).reshape(len(pooled), -1)
        heard = torch.cat([pooled, told.to(pooled.dtype)], 1)
        embedding = self._unet.add_embedding
        need(heard.shape[1] == embedding.linear_1.in_features, "projection_class_embeddings_input_dim")
        return PromptKeys(pairs, embedding(heard))

    def told(self, guidance: float) -> Tensor:
        """A guidance as the network is told it, (1, G): waves of what it adds to the plain prediction, in 1/1000."""
        from diffusers.models.embeddings import get_timestep_embedding

        width = self._unet.config.time_cond_proj_dim
        told = get_timestep_embedding(torch.tensor([1000 * (guidance - 1)]), width, downscale_freq_shift=1)
        found: Tensor = told.to(self._unet.device, self._unet.dtype)
        return found

    def __call__(self, x: Tensor, time: float, heard: PromptKeys, maps: list[Tensor] | None = None) -> Tensor:
        """What the network says (B, C, H, W) of x (1, C, H, W).

        Args:
            maps: gets how much each place looks at each token in the last half, (1, L, H, W), of every layer.
        """
        unet, pairs = self._unet, iter(heard.pairs)
        x = x.contiguous(memory_format=torch.channels_last)
        emb = unet.time_embedding(unet.get_time_embed(x, torch.tensor(time, device=x.device)), heard.told)
        emb = F.silu(emb if heard.added is None else emb + heard.added)  # (B, E)
        x = unet.conv_in(x)
        skips = [x]
        for block in unet.down_blocks:
            for number, resnet in enumerate(block.resnets):
                x = _residual(resnet, x, emb)
                x = look(block, number, x, pairs, maps)
                skips.append(x)
            if block.downsamplers is not None:
                x = block.downsamplers[0](x)
                skips.append(x)
        x = self._middle(x, emb, pairs, maps)
        for block in unet.up_blocks:
            for number, resnet in enumerate(block.resnets):
                skip = skips.pop()
                x = torch.cat([x, skip.expand(len(x), -1, -1, -1)], 1)
                x = look(block, number, _residual(resnet, x, emb), pairs, maps)
            if block.upsamplers is not None:
                x = block.upsamplers[0].conv(F.interpolate(x, skips[-1].shape[2:], mode="nearest"))
        said: Tensor = unet.conv_out(F.silu(unet.conv_norm_out(x)))
        return said

    def _middle(
        self, x: Tensor, emb: Tensor, pairs: Iterator[tuple[Tensor, Tensor]], maps: list[Tensor] | None
    ) -> Tensor:
        block = self._unet.mid_block
        if block is None:
            return x
        x = _residual(block.resnets[0], x, emb)
        for number, resnet in enumerate(block.resnets[1:]):
            x = _residual(resnet, look(block, number, x, pairs, maps), emb)
        return x


def _residual(block: Any, x: Tensor, emb: Tensor) -> Tensor:
    """A residual block with the time's embedding (B, E), activated already."""
    hidden = block.conv1(F.silu(block.norm1(x)))
    hidden = hidden + block.time_emb_proj(emb)[:, :, None, None]
    hidden = block.conv2(F.silu(block.norm2(hidden), inplace=True))
    kept = x if block.conv_shortcut is None else picture_of(projected(block.conv_shortcut, tokens_of(x)), x)
    total: Tensor = hidden.add_(kept) if len(hidden) >= len(kept) else hidden + kept
    return total if block.output_scale_factor == 1 else total / block.output_scale_factor
