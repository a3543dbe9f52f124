"""Notes whose partials stand to each other as they always do: what can be told of a note is how loud each of them is.

Where in its turn a string is when it is struck, nobody can tell from instrument and pitch, and hardly an ear hears it
(Ohm's law of acoustics). A network that may not know it would learn the mean of all, which is silence. Shape letters: T
samples, K partials.
"""

from typing import Final

import numpy as np
import torch

from studio.core.note import frequency_hz
from studio.core.seed import generator

from .wave_law import RATE_HZ, FloatArray

_WINDOW, _HOP = 512, 128
"""Of the short-time Fourier transform: 32 ms tell the partials of the lowest note apart."""
_HISS: Final = 1e-3
"""Beside partials of 0.05: what is noise in a note stays noise."""
_STRENGTH: Final = 0.05
_BEND: Final = np.pi / 61
"""Phases that grow with the square of the number keep the peaks low (Schroeder 1970)."""


def in_phase(samples: FloatArray, pitch: float) -> FloatArray:
    """A note (T,) of a pitch as MIDI counts it, as loud as it was in each band at each time, with other phases."""
    window = torch.hann_window(_WINDOW)
    ours, theirs = (
        torch.stft(torch.from_numpy(one), _WINDOW, _HOP, window=window, pad_mode="constant", return_complex=True)
        for one in (all_partials(len(samples), pitch), samples)
    )
    made = torch.istft(torch.polar(theirs.abs(), ours.angle()), _WINDOW, _HOP, window=window, length=len(samples))
    result: FloatArray = made.numpy()
    return result


def all_partials(n_samples: int, pitch: float) -> FloatArray:
    """(T,) equal partials of a pitch up to half the rate, each in its phase, and a hiss that is always the same."""
    frequency = frequency_hz(pitch)
    numbers = np.arange(1, int(RATE_HZ / 2 / frequency) + 1)  # (K,)
    turns = 2 * np.pi * frequency * np.arange(n_samples)[:, None] * numbers / RATE_HZ
    hiss = _HISS * generator(0, "hiss").standard_normal(n_samples)
    return (_STRENGTH * np.cos(turns - _BEND * numbers * (numbers - 1)).sum(1) + hiss).astype(np.float32)
