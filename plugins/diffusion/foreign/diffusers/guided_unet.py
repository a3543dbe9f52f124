"""Walks through the U-Net of Stable Diffusion with both halves of the guidance in one batch.

The modules are the library's; the walk is our own, since three things can be saved that way: keys and values of the
prompt are computed once for a run, the halves are one until the first time that the prompt is heard, and pictures stay
in one layout (channels last, where a row of tokens is a picture already).

B halves (1 until the prompt is heard), C channels, H W of a map, N = H W, L tokens, K heads, D their width.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.translation import N_

_LEAST_WIDTH: Final = 16
"""torch's attention on a processor works in rows of 16 numbers: narrower heads are quicker with zeros beside them."""


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
        _check(unet)
        self._unet = unet.to(memory_format=torch.channels_last)
        self._cross = [block.attn2 for block in _transformer_blocks(unet)]
        for block in _transformer_blocks(unet):
            block.attn1 = GuidedSelfAttention(block.attn1)

    @property
    def dtype(self) -> torch.dtype:
        """The type of its numbers."""
        found: torch.dtype = self._unet.dtype
        return found

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        found: torch.device = self._unet.device
        return found

    def hear(self, context: Tensor, pooled: Tensor | None = None, facts: Tensor | None = None) -> PromptKeys:
        """Prepare a prompt (B, L, features).

        For SDXL with the whole prompt's features `pooled` (B, E), and sizes, place and score of the picture (B, 5 or
        6) as `facts`; raises UserError where the U-Net was built for another number of them.
        """
        pairs = tuple((_heads(attn.to_k(context), attn), _heads(attn.to_v(context), attn)) for attn in self._cross)
        if pooled is None or facts is None:
            return PromptKeys(pairs)
        told = self._unet.add_time_proj(facts.flatten()).reshape(len(pooled), -1)
        heard = torch.cat([pooled, told.to(pooled.dtype)], 1)
        embedding = self._unet.add_embedding
        _need(heard.shape[1] == embedding.linear_1.in_features, "projection_class_embeddings_input_dim")
        return PromptKeys(pairs, embedding(heard))

    def told(self, guidance: float) -> Tensor:
        """A guidance as the network is told it, (1, G): waves of what it adds to the plain prediction, in 1/1000."""
        from diffusers.models.embeddings import get_timestep_embedding

        width = self._unet.config.time_cond_proj_dim
        told = get_timestep_embedding(torch.tensor([1000 * (guidance - 1)]), width, downscale_freq_shift=1)
        found: Tensor = told.to(self.device, self.dtype)
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
                x = _look(block, number, x, pairs, maps)
                skips.append(x)
            if block.downsamplers is not None:
                x = block.downsamplers[0](x)
                skips.append(x)
        x = self._middle(x, emb, pairs, maps)
        for block in unet.up_blocks:
            for number, resnet in enumerate(block.resnets):
                skip = skips.pop()
                x = torch.cat([x, skip.expand(len(x), -1, -1, -1)], 1)
                x = _look(block, number, _residual(resnet, x, emb), pairs, maps)
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
            x = _residual(resnet, _look(block, number, x, pairs, maps), emb)
        return x


class GuidedSelfAttention(torch.nn.Module):
    """Self-attention whose queries, keys and values come out of one product.

    Narrow heads are made as wide as the processor likes: rows of zeros in the weights, which change no score.
    """

    def __init__(self, attn: Any) -> None:
        """Take the weights of an attention of the library, which is left without them."""
        super().__init__()
        width = attn.to_q.weight.shape[0] // attn.heads
        wide = max(width, _LEAST_WIDTH)
        self._n_heads, self._scale = attn.heads, 1 / math.sqrt(width)
        parts = [one.weight.unflatten(0, (attn.heads, width)) for one in (attn.to_q, attn.to_k, attn.to_v)]  # (K, D, C)
        self.together = torch.cat([F.pad(one, (0, 0, 0, wide - width)).flatten(0, 1) for one in parts])  # (3 K D, C)
        out = attn.to_out[0]
        self.out = F.pad(out.weight.unflatten(1, (attn.heads, width)), (0, wide - width)).flatten(1)  # (C, K D)
        self.bias = out.bias
        attn.to_q = attn.to_k = attn.to_v = attn.to_out = None

    def weights(self) -> dict[str, Tensor]:
        """What the library keeps apart, in the same memory, with the heads as an axis: (K, D, C) and (C, K, D)."""
        wide, width = len(self.together) // (3 * self._n_heads), round(self._scale**-2)
        parts = self.together.unflatten(0, (3, self._n_heads, wide))[:, :, :width]
        out = self.out.unflatten(1, (self._n_heads, wide))[..., :width]
        return {"to_q": parts[0], "to_k": parts[1], "to_v": parts[2], "to_out.0": out}

    def forward(self, tokens: Tensor) -> Tensor:
        """Rows (B, N, C) as each of them sees all others, (B, N, C)."""
        parts = F.linear(tokens, self.together).unflatten(2, (3, self._n_heads, -1)).transpose(1, 3)  # (B, K, 3, N, D)
        query, key, value = parts.unbind(2)
        found = F.scaled_dot_product_attention(query, key, value, scale=self._scale)
        return F.linear(found.transpose(1, 2).flatten(2), self.out, self.bias)


def _residual(block: Any, x: Tensor, emb: Tensor) -> Tensor:
    """A residual block with the time's embedding (B, E), activated already."""
    hidden = block.conv1(F.silu(block.norm1(x)))
    hidden = hidden + block.time_emb_proj(emb)[:, :, None, None]
    hidden = block.conv2(F.silu(block.norm2(hidden), inplace=True))
    kept = x if block.conv_shortcut is None else _picture(_projected(block.conv_shortcut, _tokens(x)), x)
    total: Tensor = hidden.add_(kept) if len(hidden) >= len(kept) else hidden + kept
    return total if block.output_scale_factor == 1 else total / block.output_scale_factor


def _look(
    block: Any, number: int, x: Tensor, pairs: Iterator[tuple[Tensor, Tensor]], maps: list[Tensor] | None
) -> Tensor:
    """The transformer behind a residual block, where there is one."""
    layers = getattr(block, "attentions", None)
    if layers is None:
        return x
    layer = layers[number]
    height, width = x.shape[2:]
    tokens = _tokens(layer.norm(x))
    tokens = _projected(layer.proj_in, tokens)
    for inner in layer.transformer_blocks:
        tokens = tokens + inner.attn1(inner.norm1(tokens))
        keys, values = next(pairs)
        query = _heads(inner.attn2.to_q(inner.norm2(tokens)), inner.attn2)
        if maps is not None:
            maps.append(_map(query[-1:], keys[-1:], height, width))
        tokens = tokens + _joined(
            F.scaled_dot_product_attention(query.expand(len(keys), -1, -1, -1), keys, values), inner.attn2
        )
        tokens = inner.ff(inner.norm3(tokens)).add_(tokens)
    return _picture(_projected(layer.proj_out, tokens), x) + x


def _tokens(x: Tensor) -> Tensor:
    """A map (B, C, H, W) as rows (B, N, C); no copy where channels come last."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def _picture(tokens: Tensor, like: Tensor) -> Tensor:
    """Rows (B, N, C) as a map of the size of another one, (B, C, H, W), channels last."""
    return tokens.unflatten(1, like.shape[2:]).permute(0, 3, 1, 2)


def _projected(layer: Any, tokens: Tensor) -> Tensor:
    """A linear layer or a 1 x 1 convolution, for tokens (B, N, C)."""
    return F.linear(tokens, layer.weight.flatten(1), layer.bias)


def _heads(x: Tensor, attn: Any) -> Tensor:
    """(B, N, K D) to (B, K, N, D)."""
    return x.unflatten(2, (attn.heads, -1)).transpose(1, 2)


def _joined(x: Tensor, attn: Any) -> Tensor:
    """(B, K, N, D) through the layer behind the heads, (B, N, C)."""
    out: Tensor = attn.to_out[0](x.transpose(1, 2).flatten(2))
    return out


def _map(query: Tensor, keys: Tensor, height: int, width: int) -> Tensor:
    """How much each place looks at each token, the mean of the heads: (1, L, H, W)."""
    scores = query.float() @ keys.float().transpose(2, 3) / math.sqrt(query.shape[3])
    return scores.softmax(3).mean(1).transpose(1, 2).unflatten(2, (height, width))


def _transformer_blocks(unet: Any) -> Iterator[Any]:
    """Every transformer block in the order of the walk."""
    for block in (*unet.down_blocks, unet.mid_block, *unet.up_blocks):
        for layer in getattr(block, "attentions", None) or ():
            yield from layer.transformer_blocks


_PLAIN_BLOCKS: Final = (
    "CrossAttnDownBlock2D",
    "DownBlock2D",
    "UNetMidBlock2DCrossAttn",
    "UpBlock2D",
    "CrossAttnUpBlock2D",
    "NoneType",
)


def _check(unet: Any) -> None:
    """Refuse what this walk would compute otherwise than the library does."""
    for block in (*unet.down_blocks, unet.mid_block, *unet.up_blocks):
        _need(type(block).__name__ in _PLAIN_BLOCKS, type(block).__name__)
        for resnet in getattr(block, "resnets", None) or ():
            _need(resnet.time_embedding_norm == "default" and not resnet.skip_time_act, "resnet_time_scale_shift")
            _need(resnet.upsample is None and resnet.downsample is None, "resnet_skip_time_act")
            _need(isinstance(resnet.nonlinearity, torch.nn.SiLU), "act_fn")
    for layer in _transformer_blocks(unet):
        _need(getattr(layer, "norm_type", "") == "layer_norm", "attention_type")
        _need(layer.pos_embed is None and not layer.only_cross_attention and layer.attn2 is not None, "attention")
    config = unet.config
    for name in (
        "encoder_hid_dim_type",
        "timestep_post_act",
        "center_input_sample",
        "class_embed_type",
    ):
        _need(not config.get(name), name)
    _need(config.addition_embed_type in (None, "text_time"), "addition_embed_type")
    _need(config.act_fn in ("silu", "swish") and unet.conv_norm_out is not None, "act_fn")


def _need(is_so: bool, name: str) -> None:
    if not is_so:
        raise UserError(N_("This U-Net is built in a way that cannot be opened here ({name}).").format(name=name))
