"""Sounds that are pushed away from what they should be and come back, so that a network learns to bring them back.

A network that learnt from clean sounds alone does not know what to do when its own sound has become too loud or soft:
every sample was likely, and the sum of all errors is not (exposure bias: Ranzato et al. 2016, arXiv 1511.06732). Here
the level jumps at random times and returns within some milliseconds. The jumps themselves are not to be learnt.
Shape letters: T samples.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .wave_law import ByteArray, FloatArray, levels_of, samples_of

DISTURBED_SHARE: Final = 0.5
"""Of the sounds; the others are learnt as they are."""
_EVERY: Final = 1200.0
"""Samples from one jump to the next, on average."""
_RETURN: Final = 240.0
"""Samples in which what is left of a jump falls to 1 / e of it: 15 ms at 16 kHz."""
_SPREAD: Final = 0.8
"""Of the natural logarithm of the gain: about 7 dB."""
_SHIFT: Final = 0.03
"""Of the zero line, where samples go from -1 to 1."""


def disturbed(
    levels: ByteArray, n_levels: int, random: np.random.Generator
) -> tuple[ByteArray, npt.NDArray[np.bool_]]:
    """Levels (T,) of the sound that is pushed, and which of its samples count (T,): all but those of a jump."""
    is_jump = random.random(len(levels)) < 1 / _EVERY
    samples = samples_of(levels, n_levels)
    gain = np.exp(_returning(is_jump, random.normal(0, _SPREAD, len(levels))))
    shift = _returning(is_jump, random.normal(0, _SHIFT, len(levels)))
    return levels_of(samples * gain + shift, n_levels), ~is_jump


def _returning(is_jump: npt.NDArray[np.bool_], sizes: FloatArray | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) 0 until the first jump; then what is left of the newest one."""
    places = np.arange(len(is_jump))
    newest = np.maximum.accumulate(np.where(is_jump, places, -1))
    left = np.exp(-(places - newest) / _RETURN)
    result: npt.NDArray[np.float64] = np.where(newest >= 0, sizes[newest] * left, 0.0)
    return result
