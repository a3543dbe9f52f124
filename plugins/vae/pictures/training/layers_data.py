"""Batches of pictures as the maps of the parts that are seen in them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.training import PartMaps

EDGE_PX: Final = 2  # so near an edge pixels count more
N_POINTS: Final = 128


@dataclass(frozen=True)
class LayersBatch:
    """Some pictures.

    Attributes:
        chosen: (B,) which they are.
        parts: (B, P, P) int64, which part is seen at points of them.
        near_edge: (B, P, P) 1 where another part is near, else 0.
        colours: (B, K, 3) in [0, 1].
        grid: (down, right) of the first point and the way to the next, in pixels of the map.
        noise: (B, Z) ~ N(0, I), for the reparametrisation.
        others: (M, Z) ~ N(0, I), places of which no picture is known.
    """

    chosen: Tensor
    parts: Tensor
    near_edge: Tensor
    colours: Tensor
    grid: tuple[int, int, int]
    noise: Tensor
    others: Tensor


class LayersBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        maps: PartMaps,
        n_latent: int,
        sizes: tuple[int, int],
        seed: int,
        device: torch.device,
        n_points: int = N_POINTS,
    ) -> None:
        """Take the maps of pictures; `sizes` are B and M. So many points along a side are learnt from at a time."""
        self._stride = maps.size_px // n_points
        self._maps, self._colours, self.map_px = maps, torch.from_numpy(maps.colours), maps.size_px
        self._n_latent, self._sizes, self._seed, self._device = n_latent, sizes, seed, device

    def draw(self, step: int, micro: int) -> LayersBatch:
        """The batch of this step and micro-batch."""
        random, (n, n_others) = np.random.default_rng([self._seed, step, micro]), self._sizes
        chosen, stride = random.integers(0, len(self._maps), n), self._stride
        down, right = (int(phase) for phase in random.integers(0, stride, 2))
        maps = torch.from_numpy(np.stack([self._maps.parts(index) for index in chosen]))  # (B, S, S)
        noise = torch.from_numpy(random.standard_normal((n + n_others, self._n_latent), dtype=np.float32))
        parts, near_edge = (one[:, down::stride, right::stride] for one in (maps, _near_edge(maps)))
        told = (torch.from_numpy(chosen), parts.long(), near_edge.float(), self._colours[chosen], noise)
        numbers, parts, near_edge, colours, noise = (one.to(self._device) for one in told)
        return LayersBatch(numbers, parts, near_edge, colours, (down, right, stride), noise[:n], noise[n:])


def _near_edge(maps: Tensor) -> Tensor:
    """Whether another part is near, in the same row or column, of maps (B, H, W)."""
    near = torch.zeros_like(maps, dtype=torch.bool)
    rows = maps[:, EDGE_PX:] != maps[:, :-EDGE_PX]
    near[:, EDGE_PX:] |= rows
    near[:, :-EDGE_PX] |= rows
    columns = maps[:, :, EDGE_PX:] != maps[:, :, :-EDGE_PX]
    near[:, :, EDGE_PX:] |= columns
    near[:, :, :-EDGE_PX] |= columns
    return near
