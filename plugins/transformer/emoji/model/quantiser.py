"""Maps of numbers as tokens, several scales one after the other, each for what those before it left over.

VQ: van den Oord et al. 2017 (arXiv 1711.00937), the codes followed by moving means (appendix A.1). Residual scales:
Tian et al. 2024 (arXiv 2404.02905), without its convolutions behind each scale.
Shape letters: B pictures, C code width, G cells of a side, K codes, M vectors, S cells of a scale's side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DECAY: Final = 0.99
UNUSED: Final = 0.05
"""Codes with less than this share of the mean use move to where something is."""


@dataclass(frozen=True, eq=False)
class Quantised:
    """What became of a map.

    Attributes:
        ids: of each scale, (B, S * S).
        sums: of the codes up to each scale, at full size, (B, C, G, G); the last one stands for the map.
        left_over: what each scale was asked for, (M, C) in the order of the ids.
    """

    ids: list[Tensor]
    sums: list[Tensor]
    left_over: Tensor


def reduced(x: Tensor, side: int) -> Tensor:
    """(B, C, G, G) as means over side x side parts."""
    return F.adaptive_avg_pool2d(x, side)


def enlarged(x: Tensor, side: int) -> Tensor:
    """(B, C, S, S) at side x side cells."""
    return x if x.shape[-1] == side else F.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)


class Quantiser(nn.Module):
    """The codes, and how often and for what each is used."""

    codes: Tensor
    uses: Tensor
    totals: Tensor

    def __init__(self, n_codes: int, width: int) -> None:
        super().__init__()
        for name, shape in (("codes", (n_codes, width)), ("uses", (n_codes,)), ("totals", (n_codes, width))):
            self.register_buffer(name, torch.empty(shape))
        nn.init.normal_(self.codes)
        nn.init.zeros_(self.uses)
        nn.init.zeros_(self.totals)

    def nearest(self, vectors: Tensor) -> Tensor:
        """The number of the nearest code to each of (M, C): argmin |v - e|²."""
        return (vectors @ self.codes.T - 0.5 * self.codes.square().sum(1)).argmax(1)

    def grown(self, ids: Tensor, scale: int, side: int) -> Tensor:
        """What the tokens (B, S * S) of a scale add to the map, (B, C, G, G)."""
        return enlarged(self.codes[ids].transpose(1, 2).unflatten(2, (scale, scale)), side)

    def forward(self, x: Tensor, scales: Sequence[int]) -> Quantised:
        """Quantise maps (B, C, G, G) float32; carries no gradients."""
        ids, sums, asked = [], [], []
        found = torch.zeros_like(x)
        for scale in scales:
            vectors = reduced(x - found, scale).flatten(2).transpose(1, 2)  # (B, S * S, C)
            ids.append(self.nearest(vectors.flatten(0, 1)).view(len(x), -1))
            found = found + self.grown(ids[-1], scale, x.shape[-1])
            sums.append(found)
            asked.append(vectors.flatten(0, 1))
        return Quantised(ids, sums, torch.cat(asked))

    @torch.no_grad()
    def follow(self, vectors: Tensor, ids: Tensor, can_move: bool) -> None:
        """Move each code towards the mean of the vectors (M, C) that chose it; unused ones to some of these."""
        counts = torch.bincount(ids, minlength=len(self.codes)).float()
        totals = torch.zeros_like(self.totals).index_add_(0, ids, vectors)
        self.uses.lerp_(counts, 1 - DECAY)
        self.totals.lerp_(totals, 1 - DECAY)
        used = self.uses > 1e-6
        self.codes[used] = self.totals[used] / self.uses[used, None]
        mean = len(ids) / len(self.codes)
        unused = (self.uses < UNUSED * mean).nonzero().flatten()
        if can_move and len(unused):
            chosen = vectors[torch.randint(len(vectors), (len(unused),), device=vectors.device)]
            self.codes[unused], self.totals[unused], self.uses[unused] = chosen, chosen * mean, mean


def straight_through(x: Tensor, quantised: Tensor) -> Tensor:
    """The quantised values, with gradients passed on to `x` as if nothing had happened (van den Oord et al. 2017)."""
    return x + (quantised - x).detach()
