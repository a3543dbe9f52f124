"""Sounds that went away from what they should be and come back, so that a network learns to bring them back.

A network that learnt from clean sounds alone does not know what to do when its own sound has become too loud, too soft
or another one: every sample was likely, and the sum of all errors is not (exposure bias: Ranzato et al. 2016, arXiv
1511.06732). Two things happen to sounds here. Their level jumps at random times; or they are now and then what the
network itself would make (its own states, those to learn from: Ross et al. 2011, arXiv 1011.0686). Both return within
some milliseconds, and neither jumps nor own samples are to be learnt. Shape letters: T samples.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from .wave_law import ByteArray, FloatArray, levels_of, samples_of

Disturbed: TypeAlias = tuple[ByteArray, npt.NDArray[np.bool_]]
"""Levels (T,) of a sound that went away and comes back, and which of its samples count (T,)."""
N_TURN, N_OWN, N_FADE = 640, 320, 32
"""Samples of a turn: of them such as a network would make, and then such in which they become the true ones, 2 ms."""
_WINDOW, _HOP = 512, 128
"""Of the short-time Fourier transform: 32 ms tell the partials of the lowest note apart."""
_SILENT: Final = 1e-3
"""A band in which a sound has no phase."""
_EVERY: Final = 1200.0
"""Samples from one jump to the next, on average."""
_RETURN: Final = 240.0
"""Samples in which what is left of a jump falls to 1 / e of it: 15 ms at 16 kHz."""
_SPREAD: Final = 1.0
"""Of the natural logarithm of the gain: about 9 dB."""
_SHIFT: Final = 0.03
"""Of the zero line, where samples go from -1 to 1."""


def pushed(levels: ByteArray, n_levels: int, random: np.random.Generator) -> Disturbed:
    """A sound (T,) whose level jumps: all samples count but those of a jump."""
    is_jump = random.random(len(levels)) < 1 / _EVERY
    samples = samples_of(levels, n_levels)
    gain = np.exp(_returning(is_jump, random.normal(0, _SPREAD, len(levels))))
    shift = _returning(is_jump, random.normal(0, _SHIFT, len(levels)))
    return levels_of(samples * gain + shift, n_levels), ~is_jump


def joined(own: ByteArray, levels: ByteArray, n_levels: int, first: int) -> Disturbed:
    """A sound that is by turns a network's own one (T,) and, after a fade, as it should have been; that alone counts.

    A turn begins N_TURN - `first` samples after the beginning, and each N_TURN samples after another one.
    """
    place = (np.arange(len(levels)) + first) % N_TURN
    share = 0.5 + 0.5 * np.cos(np.pi * np.clip((place - N_OWN) / N_FADE, 0, 1))
    samples = samples_of(own, n_levels)
    wanted = with_loudness(samples, samples_of(levels, n_levels))
    return levels_of(share * samples + (1 - share) * wanted, n_levels), place >= N_OWN


def with_loudness(own: FloatArray, true: FloatArray) -> FloatArray:
    """A network's own sound (T,) made as loud as the true one (T,) in each band at each time; its phases stay.

    Nobody can tell from what is asked for where in its turn a string is; how strong each partial is, one can.
    """
    window = torch.hann_window(_WINDOW)
    ours, theirs = (
        torch.stft(torch.from_numpy(one), _WINDOW, _HOP, window=window, pad_mode="constant", return_complex=True)
        for one in (own, true)
    )
    phases = torch.where(ours.abs() > _SILENT, ours, theirs).angle()
    made = torch.istft(torch.polar(theirs.abs(), phases), _WINDOW, _HOP, window=window, length=len(own))
    result: FloatArray = made.numpy()
    return result


def _returning(is_jump: npt.NDArray[np.bool_], sizes: FloatArray | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T,) 0 until the first jump; then what is left of the newest one."""
    places = np.arange(len(is_jump))
    newest = np.maximum.accumulate(np.where(is_jump, places, -1))
    left = np.exp(-(places - newest) / _RETURN)
    result: npt.NDArray[np.float64] = np.where(newest >= 0, sizes[newest] * left, 0.0)
    return result
