"""The spectrogram of a sound that grows: each column is computed for itself, so that all runs agree to the last bit.

Shape letters: M bands, L columns.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from studio.core.mel import FLOOR_DB, NOTE_SCALE, log_mel

from .wave_law import RATE_HZ, FloatArray

HOP: Final = NOTE_SCALE.n_hop
_ONE_COLUMN: Final = replace(NOTE_SCALE, n_hop=NOTE_SCALE.n_window)
_AROUND: Final = 4
"""Columns on both sides that a window reaches into."""


def length_of(seconds: float) -> int:
    """How many samples a sound has: whole columns."""
    return max(1, round(seconds * RATE_HZ / HOP)) * HOP


def n_columns(n_samples: int) -> int:
    """Columns of a sound that is so long."""
    return max(1, n_samples // HOP)


def heard(place: int, n_samples: int) -> int:
    """How many of the first `place` samples the spectrogram shows: whole hops, and all at the end."""
    return place if place >= n_samples else place // HOP * HOP


def first_changed(before: int) -> int:
    """The first column that changes once there is more than the first `before` samples."""
    return max(0, before // HOP - _AROUND - 1)


def columns(samples: FloatArray, first: int, last: int) -> FloatArray:
    """(M, last - first) columns of a sound (T,), the highest band first; behind its end there is silence.

    Columns that begin there are at the floor.
    """
    before = (NOTE_SCALE.n_window - HOP) // 2
    padded = np.pad(samples, (before, NOTE_SCALE.n_window))
    result = np.full((NOTE_SCALE.n_bands, last - first), FLOOR_DB, np.float32)
    for column in range(first, min(last, -(-len(samples) // HOP))):
        part = padded[column * HOP : column * HOP + NOTE_SCALE.n_window]
        result[:, column - first] = log_mel(part, _ONE_COLUMN)[::-1, 0]
    return result
