"""Cubic resampling of a row of samples as a matrix (Keys, "Cubic convolution interpolation", 1981)."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

# OpenBLAS shares a larger product among threads and waits for a core that a training may hold: 40 ms seen.
_UNSHARED: Final = 262_144
_STRIP_PX: Final = 96
_BANDS_PX: Final = (128, 64, 32, 16, 8, 4, 2)
_N_TAPS: Final = 4

FloatArray = NDArray[np.float32]
Way: TypeAlias = tuple[int, float, float]
"""How many pixels there are one way, where the first sample's cell begins, and how wide a cell is, in these pixels."""


@lru_cache(maxsize=32)
def row_weights(n_in: int, n_out: int, start_px: float, scale_px: float) -> FloatArray:
    """Catmull-Rom weights (n_out, n_in) that read `n_in` samples at the centres of `n_out` pixels.

    Args:
        start_px: where the first sample's cell begins, in output pixels.
        scale_px: the width of one sample's cell in output pixels.

    Samples at the edge repeat outwards. The array is shared and read-only.
    """
    at = np.clip((np.arange(n_out) + 0.5 - start_px) / scale_px - 0.5, -1.0, n_in)  # further out nothing changes
    first = np.floor(at).astype(np.intp)
    t = at - first
    taps = (
        ((2.0 - t) * t - 1.0) * t,
        (3.0 * t - 5.0) * t * t + 2.0,
        ((4.0 - 3.0 * t) * t + 1.0) * t,
        (t - 1.0) * t * t,
    )  # 4 of (n_out,), twice the weights
    wide = np.zeros((n_out, n_in + 2 * _N_TAPS), np.float32)
    wide[np.arange(n_out)[:, None], first[:, None] + np.arange(_N_TAPS) + _N_TAPS - 1] = np.stack(taps, axis=1) / 2.0
    weights = wide[:, _N_TAPS:-_N_TAPS].copy()
    weights[:, 0] += wide[:, :_N_TAPS].sum(axis=1)
    weights[:, -1] += wide[:, -_N_TAPS:].sum(axis=1)
    weights.flags.writeable = False
    return weights


def resampled(samples: FloatArray, rows: Way, columns: Way) -> Iterator[tuple[slice, FloatArray]]:
    """Yield samples (..., H, W) resampled to (..., h, w) in upright strips: the strip's columns, and its values.

    Bands of rows and strips read only the samples that they have weights for, and a strip takes two products however
    large it is: between two calls of numpy threads change.
    """
    n_rows, n_columns = samples.shape[-2:]
    strips = _strips(n_columns, *columns)
    most = max(weights.size for _, _, weights in strips)
    heights = (height for height in _BANDS_PX if height * max(most, _n_read(height, rows) * n_columns) <= _UNSHARED)
    read, down = _bands(n_rows, *rows, next(heights, 1))
    high = down @ samples[..., read, :]  # (..., N, height, W)
    for place, beside, across in strips:
        values: FloatArray = np.matmul(high[..., beside], across)  # (..., N, height, w)
        yield place, values.reshape(*samples.shape[:-2], -1, across.shape[1])[..., : rows[0], :]


def _n_read(n_out: int, way: Way) -> int:
    """How many samples so many pixels in a row read at most."""
    return math.ceil(n_out / way[2]) + _N_TAPS


@lru_cache(maxsize=32)
def _strips(n_in: int, n_out: int, start_px: float, scale_px: float) -> tuple[tuple[slice, slice, FloatArray], ...]:
    """Of each strip its columns, which samples it reads, and their weights (samples, columns)."""
    weights = row_weights(n_in, n_out, start_px, scale_px)
    found = []
    for first in range(0, n_out, _STRIP_PX):
        place = slice(first, min(first + _STRIP_PX, n_out))
        used = np.flatnonzero(np.any(weights[place] != 0, axis=0))
        read = slice(int(used[0]), int(used[-1]) + 1)
        found.append((place, read, np.ascontiguousarray(weights[place, read].T)))
    return tuple(found)


@lru_cache(maxsize=32)
def _bands(
    n_in: int, n_out: int, start_px: float, scale_px: float, height_px: int
) -> tuple[NDArray[np.intp], FloatArray]:
    """Which samples each of N bands reads (N, R), and their weights (N, height_px, R); the last one is filled up."""
    weights = np.zeros((-(-n_out // height_px) * height_px, n_in), np.float32)
    weights[:n_out] = row_weights(n_in, n_out, start_px, scale_px)
    bands = weights.reshape(-1, height_px, n_in)
    n_read = min(n_in, _n_read(height_px, (n_out, start_px, scale_px)))
    first = np.minimum((bands != 0).any(axis=1).argmax(axis=1), n_in - n_read)
    read = first[:, None] + np.arange(n_read)
    return read, np.take_along_axis(bands, read[:, None, :], axis=2)
