"""All samples of a batch of rays, one after the other in arrays, for a field that answers for arrays only."""

from typing import NamedTuple, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .march import Space, enter, next_sample
from .training_pass import Batch, ray_in_cells

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
_F = np.float32


class Packed(NamedTuple):
    """Samples in occupied cells, ray by ray.

    Attributes:
        positions: float32 (N, 3), world units.
        ray: int64 (N,), to which ray each belongs.
        counts: int64 (R,), samples of each ray.
    """

    positions: FloatArray
    ray: IntArray
    counts: IntArray


@kernel(parallel=True, fast_math=True)
def walk(
    batch: Batch, space: Space, first: IntArray, counts: IntArray, positions: FloatArray, ray_of: IntArray
) -> None:
    """Count the samples of all rays, and write them from place `first` (R,) on where `positions` has room."""
    for ray in numba.prange(len(counts)):
        origin, direction, inverses = ray_in_cells(batch, space, ray)
        t, t_out = enter(space, _F(0), origin, inverses)
        t = next_sample(space, t + batch.shift[ray] * space.steps[0], t_out, origin, direction, inverses)
        n = 0
        while t < t_out:
            if len(positions) > 0:
                for axis in range(3):
                    positions[first[ray] + n, axis] = batch.origin[ray, axis] + t * batch.direction[ray, axis]
                ray_of[first[ray] + n] = ray
            n += 1
            t = next_sample(space, t + space.steps[0], t_out, origin, direction, inverses)
        counts[ray] = n


def packed_samples(batch: Batch, space: Space) -> Packed:
    """The samples of all rays of a batch."""
    n_rays = len(batch.origin)
    counts, first, none = np.zeros(n_rays, np.int64), np.zeros(n_rays, np.int64), np.zeros(0, np.int64)
    walk(batch, space, first, counts, np.zeros((0, 3), np.float32), none)
    first[1:] = np.cumsum(counts)[:-1]
    positions, ray = np.zeros((int(counts.sum()), 3), np.float32), np.zeros(int(counts.sum()), np.int64)
    walk(batch, space, first, counts, positions, ray)
    return Packed(positions, ray, counts)
