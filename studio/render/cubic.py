"""Cubic resampling of a row of samples as a matrix (Keys, "Cubic convolution interpolation", 1981)."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

# OpenBLAS shares a larger product among threads and waits for a core that a training may hold: 40 ms seen.
_UNSHARED_PRODUCT: Final = 262_144

FloatArray = NDArray[np.float32]


@lru_cache(maxsize=32)
def row_weights(n_in: int, n_out: int, start_px: float, scale_px: float) -> FloatArray:
    """Catmull-Rom weights (n_out, n_in) that read `n_in` samples at the centres of `n_out` pixels.

    Args:
        start_px: where the first sample's cell begins, in output pixels.
        scale_px: the width of one sample's cell in output pixels.

    Samples at the edge repeat outwards. The array is shared and read-only.
    """
    at = (np.arange(n_out) + 0.5 - start_px) / scale_px - 0.5
    first = np.floor(at).astype(np.intp)
    t = at - first
    taps = (
        ((2.0 - t) * t - 1.0) * t,
        (3.0 * t - 5.0) * t * t + 2.0,
        ((4.0 - 3.0 * t) * t + 1.0) * t,
        (t - 1.0) * t * t,
    )  # 4 of (n_out,), twice the weights
    weights = np.zeros((n_out, n_in), np.float32)
    for k, tap in enumerate(taps):
        np.add.at(weights, (np.arange(n_out), np.clip(first + k - 1, 0, n_in - 1)), tap / 2.0)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=32)
def column_weights(n_in: int, n_out: int, start_px: float, scale_px: float) -> FloatArray:
    """The same weights as (n_in, n_out), contiguous, which makes the product four times as fast."""
    weights = np.ascontiguousarray(row_weights(n_in, n_out, start_px, scale_px).T)
    weights.flags.writeable = False
    return weights


def rows_at_once(n_in: int, n_out: int) -> int:
    """How many rows (…, n_in) @ (n_in, n_out) one thread multiplies without asking others for help."""
    return max(1, _UNSHARED_PRODUCT // (n_in * n_out))


@lru_cache(maxsize=8)
def row_bands(n_in: int, n_out: int, height_px: int) -> FloatArray:
    """`row_weights` over the whole picture in bands (N, height_px, n_in), the last one filled up with zeros."""
    weights = row_weights(n_in, n_out, 0.0, n_out / n_in)
    bands = np.zeros((-(-n_out // height_px), height_px, n_in), np.float32)
    bands.reshape(-1, n_in)[:n_out] = weights
    bands.flags.writeable = False
    return bands
