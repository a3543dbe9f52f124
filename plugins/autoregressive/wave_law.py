"""Sounds as levels and back: the mu-law of telephones (ITU-T G.711), which is as fine near silence as the ear is.

Shape letters: T samples, V levels.
"""

import math
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]
N_LEVELS: Final = 256
MU: Final = 255.0
RATE_HZ: Final = 16_000


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
