"""Draws the tokens of pictures block by block, each draw following from a seed and its place alone.

Guidance: logits of the sentence, pushed away from those of no sentence (Ho and Salimans 2022, arXiv 2207.12598).
Shape letters: B pictures, n tokens of a block, K codes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.seed import generator

from ..orders import Order
from ..words import WordTable
from .coder import PictureCoder
from .quantiser import Quantiser
from .token_maps import inputs, map_of
from .writer import PictureWriter

N_NEXT: Final = 12
MOST_SHARE: Final = 0.97
"""Tokens beyond this share of probability, the likeliest first, are never drawn."""


@dataclass(frozen=True)
class Asking:
    """How pictures are drawn.

    Attributes:
        texts, seeds: of each picture. guidance: 1 for none. variety: temperature; 0 takes the likeliest token.
    """

    texts: Sequence[str]
    seeds: Sequence[int]
    guidance: float = 3.0
    variety: float = 1.0


@dataclass(frozen=True, eq=False)
class Written:
    """What was written so far.

    Attributes:
        tokens: (B, T so far). next_ids, next_shares: of the newest block, (B, n, N_NEXT), the likeliest first.
        shares: of the tokens that were taken in it, (B, n).
    """

    tokens: Tensor
    next_ids: Tensor
    next_shares: Tensor
    shares: Tensor


@torch.no_grad()
def written(
    writer: PictureWriter, quantiser: Quantiser, words: WordTable, asking: Asking, start: Tensor | None = None
) -> Iterator[Written]:
    """Yield after each block, those of `start`, (B, whole blocks) too: these stand, the ones behind are drawn."""
    order, codes, n = writer.order, quantiser.codes, len(asking.texts)
    device = codes.device
    ids, lengths = (torch.from_numpy(array).to(device) for array in words.padded([*asking.texts, *[""] * n]))
    memory = writer.encode(ids, lengths)
    tokens = torch.zeros(n, 0, dtype=torch.int64, device=device)
    for block, (size, end) in enumerate(zip(order.blocks, order.ends, strict=True)):
        seen = inputs(order, quantiser, tokens)[:, -size:]
        all_of_them = torch.ones(size, end, dtype=torch.bool, device=device)
        said, unsaid = writer.write(seen.repeat(2, 1, 1), memory, codes, all_of_them).chunk(2)
        shares = ((unsaid + asking.guidance * (said - unsaid)) / max(asking.variety, 1e-3)).softmax(-1)
        if start is not None and start.shape[1] >= end:
            taken = start[:, end - size : end]
        else:
            chances = [generator(seed, "picture", block).random(size) for seed in asking.seeds]
            taken = chosen(shares, torch.from_numpy(np.stack(chances)).to(device))
        tokens = torch.cat([tokens, taken], 1)
        top = shares.topk(min(N_NEXT, shares.shape[-1]))
        yield Written(tokens, top.indices, top.values, shares.gather(2, taken[..., None])[..., 0])


def chosen(shares: Tensor, chances: Tensor) -> Tensor:
    """The token at a chance (B, n) in [0, 1) among the likeliest ones of shares (B, n, K), as (B, n)."""
    ordered, ids = shares.double().sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(-1) - ordered
    kept = torch.where(before < MOST_SHARE, ordered, 0.0)
    place = (kept.cumsum(-1) <= chances[..., None] * kept.sum(-1, keepdim=True)).sum(-1)
    return ids.gather(-1, place.clamp_max(shares.shape[-1] - 1)[..., None])[..., 0]


@torch.no_grad()
def pictures_of(coder: PictureCoder, order: Order, tokens: Tensor) -> Tensor:
    """What the coder makes of the first tokens (B, whole blocks), (B, 3, H, W) in [0, 1]."""
    return coder.draw(map_of(order, coder.quantiser, tokens)).clamp(0, 1)
