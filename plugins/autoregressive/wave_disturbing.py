"""Sounds that went away from what they should be, so that a network learns to bring them back.

A network that learnt from clean sounds alone does not know what to do when its own sound has become too loud, too soft
or another one: every sample was likely, and the sum of all errors is not (exposure bias: Ranzato et al. 2016, arXiv
1511.06732). Two things happen to sounds here. Their level jumps at random times and returns within some milliseconds;
the jumps themselves are not learnt. Or what is heard is what the network itself makes, and what it is to tell is the
true sound (its own states, those to learn from: Ross et al. 2011, arXiv 1011.0686). Shape letters: T samples.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .wave_law import ByteArray, FloatArray, levels_of, samples_of

_EVERY: Final = 1200.0
"""Samples from one jump to the next, on average."""
_RETURN: Final = 240.0
"""Samples in which what is left of a jump falls to 1 / e of it: 15 ms at 16 kHz."""
_SPREAD: Final = 1.0
"""Of the natural logarithm of the gain: about 9 dB."""
_SHIFT: Final = 0.03
"""Of the zero line, where samples go from -1 to 1."""


class Disturbed(NamedTuple):
    """A sound to learn from, which may have gone away.

    Attributes:
        levels: (T,) what is heard. wanted: (T,) what should come behind each of them. counts: (T,) what is learnt.
    """

    levels: ByteArray
    wanted: ByteArray
    counts: npt.NDArray[np.bool_]


def pushed(levels: ByteArray, n_levels: int, random: np.random.Generator) -> Disturbed:
    """A sound (T,) whose level jumps: all samples count but those of a jump."""
    is_jump = random.random(len(levels)) < 1 / _EVERY
    samples = samples_of(levels, n_levels)
    gain = np.exp(_returning(is_jump, random.normal(0, _SPREAD, len(levels))))
    shift = _returning(is_jump, random.normal(0, _SHIFT, len(levels)))
    found = levels_of(samples * gain + shift, n_levels)
    return Disturbed(found, found, ~is_jump)


def learnt_from(heard: ByteArray, true: ByteArray) -> Disturbed:
    """What is heard of a sound (T,), behind each sample of which the true one (T,) should come."""
    return Disturbed(heard, true, np.ones(len(heard), np.bool_))


def _returning(is_jump: npt.NDArray[np.bool_], sizes: FloatArray | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) 0 until the first jump; then what is left of the newest one."""
    places = np.arange(len(is_jump))
    newest = np.maximum.accumulate(np.where(is_jump, places, -1))
    left = np.exp(-(places - newest) / _RETURN)
    result: npt.NDArray[np.float64] = np.where(newest >= 0, sizes[newest] * left, 0.0)
    return result
