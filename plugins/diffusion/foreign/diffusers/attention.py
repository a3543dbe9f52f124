"""The transformers inside a U-Net of Stable Diffusion, whose keys and values of the prompt are known beforehand.

B halves, C channels, H W of a map, N = H W, L tokens, K heads, D their width.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as F

_LEAST_WIDTH: Final = 16
"""torch's attention on a processor works in rows of 16 numbers: narrower heads are quicker with zeros beside them."""


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


def look(
    block: Any, number: int, x: Tensor, pairs: Iterator[tuple[Tensor, Tensor]], maps: list[Tensor] | None
) -> Tensor:
    """The transformer behind a residual block, where there is one."""
    layers = getattr(block, "attentions", None)
    if layers is None:
        return x
    layer = layers[number]
    height, width = x.shape[2:]
    tokens = tokens_of(layer.norm(x))
    tokens = projected(layer.proj_in, tokens)
    for inner in layer.transformer_blocks:
        tokens = tokens + inner.attn1(inner.norm1(tokens))
        keys, values = next(pairs)
        query = heads_of(inner.attn2.to_q(inner.norm2(tokens)), inner.attn2)
        if maps is not None:
            maps.append(_map(query[-1:], keys[-1:], height, width))
        tokens = tokens + _joined(
            F.scaled_dot_product_attention(query.expand(len(keys), -1, -1, -1), keys, values), inner.attn2
        )
        tokens = inner.ff(inner.norm3(tokens)).add_(tokens)
    return picture_of(projected(layer.proj_out, tokens), x) + x


def tokens_of(x: Tensor) -> Tensor:
    """A map (B, C, H, W) as rows (B, N, C); no copy where channels come last."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def picture_of(tokens: Tensor, like: Tensor) -> Tensor:
    """Rows (B, N, C) as a map of the size of another one, (B, C, H, W), channels last."""
    return tokens.unflatten(1, like.shape[2:]).permute(0, 3, 1, 2)


def projected(layer: Any, tokens: Tensor) -> Tensor:
    """A linear layer or a 1 x 1 convolution, for tokens (B, N, C)."""
    return F.linear(tokens, layer.weight.flatten(1), layer.bias)


def heads_of(x: Tensor, attn: Any) -> Tensor:
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


def transformer_blocks(unet: Any) -> Iterator[Any]:
    """Every transformer block in the order of the walk."""
    for block in (*unet.down_blocks, unet.mid_block, *unet.up_blocks):
        for layer in getattr(block, "attentions", None) or ():
            yield from layer.transformer_blocks
