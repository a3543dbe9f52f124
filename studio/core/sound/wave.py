"""Waves of recorded sounds: at another rate, and faded out where they are cut off."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
N_FADE: Final = 512
"""32 ms at 16 kHz."""


def resampled(samples: FloatArray, rate_hz: int, to_rate_hz: int) -> FloatArray:
    """A sound (T,) at another rate, by its Fourier transform: what the new rate cannot hold is left out."""
    if rate_hz == to_rate_hz:
        return samples.copy()
    n_from = len(samples) + 2 * (rate_hz // 50)  # silence behind it, or the end would ring into the beginning
    n_to = max(1, round(n_from * to_rate_hz / rate_hz))
    spectrum = np.fft.rfft(samples, n_from)
    n_kept = min(len(spectrum), n_to // 2 + 1)
    kept = np.zeros(n_to // 2 + 1, np.complex128)
    kept[:n_kept] = spectrum[:n_kept]
    n_sound = max(1, round(len(samples) * to_rate_hz / rate_hz))
    result: FloatArray = (np.fft.irfft(kept, n_to) * (n_to / n_from)).astype(np.float32)[:n_sound]
    return result


def fade_out(n_samples: int) -> NDArray[np.float64]:
    """(n_samples,) what the samples of a sound are multiplied by: 1, and a quarter of a cosine, squared, at the end."""
    n = min(N_FADE, n_samples)
    return np.concatenate([np.ones(n_samples - n), np.cos(np.linspace(0, np.pi / 2, n)) ** 2])
