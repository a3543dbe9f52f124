"""What is worked out once for a scene of splats: shapes as matrices, and an order in which any share is a picture.

Splats are sorted into classes by how much of a picture they can fill, and within a class along a Morton curve: the
first classes alone are a coarse scene, and splats that are drawn into one tile lie near each other in memory.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.splats import Splats

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

N_CLASSES: Final = 16
LOG_LEAST: Final = float(np.log(255))
"""Less than 1/255 of opacity is not drawn, as in the paper's program; this is the logarithm of 255."""
NEAR: Final = 0.2
NEAR_SHARE: Final = 0.01
"""What is nearer to the camera is left out: 0.2 as in the paper's program, in small scenes this part of their size."""
_MORTON_BITS: Final = 10
_F, _ONE, _TWO = np.float32, np.float32(1), np.float32(2)


class SplatArrays(NamedTuple):
    """Splats as the projection reads them.

    Attributes:
        centres: float32 (N, 3).
        factors: float32 (N, 9), the matrix R S by rows: the covariance is its product with its transpose.
        log_opacities: float32 (N,).
        harmonics: float32 (N, K, 3).
    """

    centres: FloatArray
    factors: FloatArray
    log_opacities: FloatArray
    harmonics: FloatArray


@dataclass(frozen=True, eq=False)
class PreparedSplats:
    """A scene ready to be drawn.

    Attributes:
        arrays: those splats that can be seen at all, in the order in which they are drawn less and less.
        ends: how many splats the first class, the first two, ... hold.
        weights: what part of all area times opacity those make up, 0..1.
        near: what is nearer to the camera than this, in world units, is left out.
        order: int64 (N,), where each lies in the scene.
    """

    arrays: SplatArrays
    ends: tuple[int, ...]
    weights: tuple[float, ...]
    near: float
    order: IntArray

    def __len__(self) -> int:
        return len(self.arrays.centres)


def prepare(splats: Splats) -> PreparedSplats:
    """Make a scene ready; splats with numbers that are none, and those that nobody can see, are left out."""
    chosen = np.flatnonzero(_is_visible(splats))
    importance = importance_of(splats.where(chosen))
    ranks = np.argsort(-importance, kind="stable")
    total = max(float(importance.sum(dtype=np.float64)), 1e-30)
    parts = np.array_split(ranks, N_CLASSES)
    weights = np.cumsum([float(importance[part].sum(dtype=np.float64)) for part in parts]) / total
    low, high = _extent(splats.centres[chosen])
    curve = _morton(splats.centres[chosen], low, high)
    order = chosen[np.concatenate([part[np.argsort(curve[part], kind="stable")] for part in parts])]
    ends = tuple(int(end) for end in np.cumsum([len(part) for part in parts]))
    near = min(NEAR, NEAR_SHARE * float((high - low).max()))
    return PreparedSplats(arrays_of(splats.where(order)), ends, tuple(weights.tolist()), near, order)


def prepared_at_once(splats: Splats, near: float) -> PreparedSplats:
    """A scene that still learns, ready to be drawn whole: without classes, in its own order."""
    n = len(splats)
    return PreparedSplats(arrays_of(splats), (n,) * N_CLASSES, (1.0,) * N_CLASSES, near, np.arange(n))


def arrays_of(splats: Splats) -> SplatArrays:
    """The splats as the projection reads them, in their own order."""
    factors = np.empty((len(splats), 9), np.float32)
    fill_factors(splats.rotations, splats.log_scales, factors)
    log_opacities = np.asarray(-np.logaddexp(0, -splats.opacity_logits), np.float32)
    return SplatArrays(splats.centres, factors, log_opacities, splats.harmonics)


def importance_of(splats: Splats) -> FloatArray:
    """How much each fills of a picture: opacity times its broadest cross-section, float32 (N,)."""
    two_largest = splats.log_scales.sum(1) - splats.log_scales.min(1)
    return np.asarray(splats.opacities * np.exp(np.clip(two_largest, -80, 80)), np.float32)


@kernel(fast_math=True)
def fill_factors(rotations: FloatArray, log_scales: FloatArray, factors: FloatArray) -> None:
    """Put R S of unit quaternions (N, 4) and logarithms of scales (N, 3) into `factors` (N, 9)."""
    for n in range(len(rotations)):
        w, x, y, z = rotations[n, 0], rotations[n, 1], rotations[n, 2], rotations[n, 3]
        a, b, c = np.exp(log_scales[n, 0]), np.exp(log_scales[n, 1]), np.exp(log_scales[n, 2])
        row = factors[n]
        row[0], row[1], row[2] = (
            (_ONE - _TWO * (y * y + z * z)) * a,
            _TWO * (x * y - w * z) * b,
            _TWO * (x * z + w * y) * c,
        )
        row[3], row[4], row[5] = (
            _TWO * (x * y + w * z) * a,
            (_ONE - _TWO * (x * x + z * z)) * b,
            _TWO * (y * z - w * x) * c,
        )
        row[6], row[7], row[8] = (
            _TWO * (x * z - w * y) * a,
            _TWO * (y * z + w * x) * b,
            (_ONE - _TWO * (x * x + y * y)) * c,
        )


def _is_visible(splats: Splats) -> npt.NDArray[np.bool_]:
    is_finite = np.isfinite(splats.opacity_logits)
    for array in (splats.centres, splats.log_scales, splats.rotations, splats.harmonics):
        is_finite &= np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    return is_finite & (splats.opacities * 255 >= 1)


def _extent(centres: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The corners of a box that holds all but a few of the centres."""
    if not len(centres):
        return np.zeros(3, np.float32), np.ones(3, np.float32)
    low, high = np.percentile(centres, (2, 98), axis=0)
    return low.astype(np.float32), np.maximum(high, low + 1e-6).astype(np.float32)


def _morton(centres: FloatArray, low: FloatArray, high: FloatArray) -> npt.NDArray[np.uint32]:
    """Places (N,) along a Morton curve through a box."""
    last = (1 << _MORTON_BITS) - 1
    cells = (np.clip((centres - low) / (high - low), 0, 1) * last).astype(np.uint32)
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        cells = (cells | (cells << np.uint32(shift))) & np.uint32(mask)
    return np.asarray(cells[:, 0] | (cells[:, 1] << np.uint32(1)) | (cells[:, 2] << np.uint32(2)), np.uint32)
