"""Tokens in an order, as what is known of the picture on the way.

Shape letters: B pictures, C code width, G cells of a side, T tokens of a picture, n tokens so far.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..orders import Order
from .quantiser import Quantiser, reduced


def reach(order: Order) -> Tensor:
    """(T, T) bool: each token sees those of its own block and of earlier ones."""
    blocks = torch.repeat_interleave(torch.arange(len(order.blocks)), torch.tensor(order.blocks))
    return blocks[:, None] >= blocks[None]


def sequence(order: Order, ids: Sequence[Tensor]) -> Tensor:
    """Tokens (B, T) in order, of those of each scale (B, S * S)."""
    return torch.stack(list(ids), 2).flatten(1) if order.is_by_line else torch.cat(list(ids), 1)


def map_of(order: Order, quantiser: Quantiser, tokens: Tensor) -> Tensor:
    """What the first tokens (B, whole blocks) say so far, (B, C, G, G); zero where they say nothing."""
    if not order.is_by_line:
        return _sums(order, quantiser, tokens)[-1]
    codes = quantiser.codes[tokens]  # (B, n, C)
    missing = codes.new_zeros(len(codes), order.n_tokens - codes.shape[1], codes.shape[2])
    cells = torch.cat([codes, missing], 1).unflatten(1, (-1, len(order.scales))).sum(2)
    return cells.transpose(1, 2).unflatten(2, (order.side, order.side))


def inputs(order: Order, quantiser: Quantiser, tokens: Tensor) -> Tensor:
    """What the writer sees at each token (B, n, C), from the first one to the end of the block behind `tokens`.

    By scale, the picture so far at the size of the scale; by line, the token before.
    """
    if order.is_by_line:
        codes = quantiser.codes[tokens[:, : order.n_tokens - 1]]
        return torch.cat([codes.new_zeros(len(codes), 1, codes.shape[2]), codes], 1)
    sums = _sums(order, quantiser, tokens)[: len(order.scales)]
    seen = [reduced(found, scale).flatten(2) for found, scale in zip(sums, order.scales, strict=False)]
    return torch.cat(seen, 2).transpose(1, 2)


def _sums(order: Order, quantiser: Quantiser, tokens: Tensor) -> list[Tensor]:
    """What is known before each scale that has begun, and behind the last one."""
    found = quantiser.codes.new_zeros(len(tokens), quantiser.codes.shape[1], order.side, order.side)
    sums = [found]
    for scale, end in zip(order.scales, order.ends, strict=True):
        if end > tokens.shape[1]:
            break
        found = found + quantiser.grown(tokens[:, end - scale * scale : end], scale, order.side)
        sums.append(found)
    return sums
