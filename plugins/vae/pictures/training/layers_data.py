"""Batches of places with the maps of the parts that are seen there."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.training import AvatarLayers

EDGE_PX: Final = 2  # so near an edge pixels count more
STRIDE_PX: Final = 4  # every so many pixels of a map are learnt from at a time, those of another phase in each batch


@dataclass(frozen=True)
class LayersBatch:
    """Some places.

    Attributes:
        places: (B, Z) of pictures.
        parts: (B, P, P) int64, which part is seen at every fourth pixel of them.
        near_edge: (B, P, P) 1 where another part is near, else 0.
        colours: (B, K, 3) in [0, 1].
        phase: (down, right) of the first pixel of each map.
        others: (M, Z) ~ N(0, I), places of which no picture is known.
    """

    places: Tensor
    parts: Tensor
    near_edge: Tensor
    colours: Tensor
    phase: tuple[int, int]
    others: Tensor


class LayersBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        faces: AvatarLayers,
        means: Tensor,
        log_variances: Tensor,
        sizes: tuple[int, int],
        seed: int,
        device: torch.device,
    ) -> None:
        """Take faces and where they lie, (N, Z) each; `sizes` are B and M."""
        self._faces, self._colours = faces, torch.from_numpy(faces.colours())
        self._means, self._deviations = means, (log_variances / 2).exp()
        self._sizes, self._seed, self.n_pictures, self._device = sizes, seed, sizes[0], device

    def draw(self, step: int, micro: int) -> LayersBatch:
        """The batch of this step and micro-batch."""
        random, (n, n_others) = np.random.default_rng([self._seed, step, micro]), self._sizes
        chosen = random.integers(0, len(self._faces.packed), n)
        down, right = (int(phase) for phase in random.integers(0, STRIDE_PX, 2))
        maps = torch.from_numpy(np.stack([self._faces.parts(index) for index in chosen]))  # (B, 512, 512)
        noise = torch.from_numpy(random.standard_normal((n + n_others, self._means.shape[1]), dtype=np.float32))
        known = self._means[chosen] + self._deviations[chosen] * noise[:n]
        seen, near_edge = (one[:, down::STRIDE_PX, right::STRIDE_PX] for one in (maps, _near_edge(maps)))
        told = (known, seen.long(), near_edge.float(), self._colours[chosen], noise[n:])
        places, seen, near_edge, colours, others = (one.to(self._device) for one in told)
        return LayersBatch(places, seen, near_edge, colours, (down, right), others)


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
