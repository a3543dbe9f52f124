"""The pitch of a sound by YIN (de Cheveigné and Kawahara 2002): the shortest shift at which it repeats itself.

Shape letters: L frames, W samples that are compared in each, K shifts in samples.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]

LOW_HZ: Final = 100.0
HIGH_HZ: Final = 700.0
N_WINDOW: Final = 2048
N_HOP: Final = 512
THRESHOLD: Final = 0.15
QUIET: Final = 0.05  # of the loudest frame's power: what is quieter has no say


def pitch_hz(samples: FloatArray, rate_hz: int, low_hz: float = LOW_HZ, high_hz: float = HIGH_HZ) -> float | None:
    """The pitch of one note, (T,) samples, between two frequencies; None where it is silent or never repeats itself.

    Each frame that is not quiet says its pitch and how sure it is; the middle one by that weight is the answer.
    """
    n_shifts = int(rate_hz / low_hz) + 2
    if len(samples) < N_WINDOW + n_shifts:
        raise ValueError(f"{len(samples)} samples are too few for a pitch")
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), N_WINDOW + n_shifts)[::N_HOP]
    power = (frames[:, :N_WINDOW] ** 2).mean(1)
    frames, power = frames[power > QUIET * power.max()], power[power > QUIET * power.max()]
    if not len(frames):
        return None
    shifts, doubts = _repeats(_normalised_difference(frames, n_shifts), int(rate_hz / high_hz))
    weights = np.sqrt(power) * np.clip(1 - doubts, 0, 1)
    if not weights.any():
        return None
    order = np.argsort(shifts)
    middle = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(rate_hz / shifts[order[middle]])


def _normalised_difference(frames: DoubleArray, n_shifts: int) -> DoubleArray:
    """(L, K) the cumulative mean normalised difference function: 1 at shift 0, near 0 where the sound repeats."""
    size = 1 << (frames.shape[1] + N_WINDOW - 1).bit_length()
    first = np.fft.rfft(frames[:, :N_WINDOW], size)
    products = np.fft.irfft(np.conj(first) * np.fft.rfft(frames, size), size)[:, :n_shifts]  # sum of x[i] x[i + shift]
    sums = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energies = sums[:, N_WINDOW : N_WINDOW + n_shifts] - sums[:, :n_shifts]
    difference = np.maximum(energies[:, :1] + energies - 2 * products, 0)
    means = np.cumsum(difference[:, 1:], axis=1) / np.arange(1, n_shifts)
    return np.concatenate([np.ones((len(frames), 1)), difference[:, 1:] / np.maximum(means, 1e-12)], axis=1)


def _repeats(difference: DoubleArray, shortest: int) -> tuple[DoubleArray, DoubleArray]:
    """The shift of each frame's first dip below the threshold, else of its deepest, between samples; and its height."""
    inner = difference[:, shortest:-1]
    is_dip = (inner <= difference[:, shortest - 1 : -2]) & (inner < difference[:, shortest + 1 :])
    candidates = np.where(is_dip, inner, np.inf)
    is_low = candidates < THRESHOLD
    first = np.where(is_low.any(1), is_low.argmax(1), candidates.argmin(1)) + shortest
    rows = np.arange(len(difference))
    before, here, after = (difference[rows, first + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    offset = np.where(bend > 1e-12, 0.5 * (before - after) / np.maximum(bend, 1e-12), 0.0)
    return first + np.clip(offset, -0.5, 0.5), here
