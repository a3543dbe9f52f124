"""Sounds as levels of the mu-law of telephones (ITU-T G.711) and back, and their spectrogram, column by column.

Shape letters: T samples, V levels, M bands, L columns.
"""

import math
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.sound.mel import FLOOR_DB, NOTE_SCALE, log_mel

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]
N_LEVELS: Final = 256
MU: Final = 255.0
RATE_HZ: Final = 16_000
HOP: Final = NOTE_SCALE.n_hop
_ONE_COLUMN: Final = replace(NOTE_SCALE, n_hop=NOTE_SCALE.n_window)
_AROUND: Final = 4
"""Columns on both sides that a window reaches into."""


def companded(samples: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """sign(x) ln(1 + mu |x|) / ln(1 + mu) of samples in -1..1; shapes alike."""
    bounded = np.clip(np.asarray(samples, np.float64), -1, 1)
    result: npt.NDArray[np.float64] = np.sign(bounded) * np.log1p(MU * np.abs(bounded)) / math.log1p(MU)
    return result


def expanded(companded: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """What `companded` was given."""
    values = np.asarray(companded, np.float64)
    result: npt.NDArray[np.float64] = np.sign(values) * np.expm1(np.abs(values) * math.log1p(MU)) / MU
    return result


def levels_of(samples: npt.NDArray[Any], n_levels: int = N_LEVELS) -> ByteArray:
    """The nearest level of each sample in -1..1; shapes alike."""
    return np.rint((companded(samples) + 1) * ((n_levels - 1) / 2)).astype(np.uint8)


def samples_of(levels: npt.NDArray[Any], n_levels: int = N_LEVELS) -> FloatArray:
    """The sample in -1..1 that each level stands for; shapes alike."""
    samples: FloatArray = _table(n_levels)[levels]
    return samples


@cache
def _table(n_levels: int) -> FloatArray:
    table = expanded(np.arange(n_levels) * (2 / (n_levels - 1)) - 1).astype(np.float32)
    table.setflags(write=False)
    return table


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
