"""From the map to latent space and back, by the pictures that lie near; and which of them lie within a lasso.

Shapes: N pictures, D latent numbers, V corners.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.view import FloatArray

N_NEAR: Final = 8
_ALMOST: Final = 1e-9


def between(known: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """What `values` (N, D) of known points (N, M) are at another point (M,): (D,) float32.

    The mean of the eight nearest, weighed by their inverse squared distance (Shepard 1968), so that a known point has
    its own value.
    """
    squares = np.square(known - at).sum(1)
    near = np.argpartition(squares, min(N_NEAR, len(known)) - 1)[:N_NEAR]
    weights = 1 / (squares[near] + _ALMOST)
    return np.asarray(weights @ values[near] / weights.sum(), np.float32)


def within(points: npt.NDArray[np.floating], corners: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie within a closed line through corners (V, 2), by the even-odd rule: (N,)."""
    inside = np.zeros(len(points), bool)
    box = ((points >= corners.min(0)) & (points <= corners.max(0))).all(1)
    x, y = points[box].T
    odd = np.zeros(len(x), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        odd ^= crosses & (x < x0 + (x1 - x0) * (y - y0) / (y1 - y0 if y1 != y0 else 1))
    inside[box] = odd
    return inside
