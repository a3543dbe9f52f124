"""Notes a little lower than they were played, so that a network learns what lies between two keys.

A player of sound fonts does the same with the keys that have no sample of their own: it reads the nearest one slower.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from studio.core.fade import fade_out

from .denoiser import FloatArray
from .notes_training import Sounds

_FINER: Final = 4
_PART: Final = 64


def lowered(samples: FloatArray, semitones: float) -> FloatArray:
    """Sounds (N, T) that fade out, lower by 0 to 12 semitones and slower by as much; they still fade at the end."""
    n = samples.shape[-1]
    at = np.arange(n) * (2 ** (-semitones / 12) * _FINER)
    before, share = at.astype(int), (at % 1).astype(np.float32)
    faded = fade_out(n)
    refaded = (faded / np.interp(at / _FINER, np.arange(n), faded)).astype(np.float32)  # 0..1: they faded later before
    parts = []
    for part in np.split(samples, range(_PART, len(samples), _PART)):
        spectrum = np.fft.rfft(np.concatenate([part, np.zeros_like(part)], -1))  # the end does not run into the start
        wider = np.zeros((len(part), _FINER * n + 1), spectrum.dtype)
        wider[:, : n + 1] = spectrum
        wider[:, n] /= 2  # it stood for two frequencies, which are two now
        fine = np.fft.irfft(wider) * _FINER
        slower = fine[:, before] * (1 - share) + fine[:, before + 1] * share
        parts.append((slower * refaded).astype(np.float32))
    return np.concatenate(parts)


def with_lower(sounds: Sounds, semitones: tuple[float, ...]) -> Sounds:
    """The sounds, and each of them lower by each of these many semitones, with the pitches that they then have."""
    copies = [sounds] + [
        replace(sounds, samples=lowered(sounds.samples, by), pitches=sounds.pitches - np.float32(by))
        for by in semitones
    ]
    return Sounds(
        np.concatenate([one.samples for one in copies]),
        np.concatenate([one.instruments for one in copies]),
        np.concatenate([one.pitches for one in copies]),
        np.concatenate([one.velocities for one in copies]),
        sounds.is_pitched,
    )
