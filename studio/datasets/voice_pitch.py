"""How a voice swings: the phase of its lowest partial over time, where it is voiced.

The shift at which each frame repeats itself, found over all frames together (Viterbi); then the phase at that pitch
itself (complex demodulation). Shape letters: T samples, L frames, K shifts.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]

HOP: Final = 64
_N_WINDOW: Final = 640
_MAX_JUMP: Final = 6
"""Shifts by which the pitch may change from frame to frame."""
_JUMP_COST: Final = 0.02
_SHORT_SHIFTS: Final = 0.0008
"""How much less a shift is believed for each sample of it: what repeats, repeats twice as late too."""
_N_SMOOTH: Final = 512


def turns_of(samples: FloatArray, rate_hz: int, low_hz: float, high_hz: float) -> DoubleArray:
    """(L,) turns that a voice (T,) has made at every 64th sample, growing by its pitch; L is T / 64 rounded down."""
    pitch = pitch_track(samples, rate_hz, low_hz, high_hz)
    places = np.arange(len(pitch)) * HOP
    each = np.interp(np.arange(len(samples)), places, pitch) / rate_hz
    turns = np.concatenate([[0.0], np.cumsum(each)[:-1]])  # (T,)
    slow = _smoothed(samples * np.exp(-2j * np.pi * turns))
    late = np.unwrap(np.angle(slow)) / (2 * np.pi)
    swinging: DoubleArray = (turns + late)[places]
    return swinging


def pitch_track(samples: FloatArray, rate_hz: int, low_hz: float, high_hz: float) -> DoubleArray:
    """(L,) the pitch in Hz around every 64th sample; where nothing repeats, what leads from one part to the next."""
    shortest, longest = int(rate_hz / high_hz), int(rate_hz / low_hz) + 1
    likeness = _likeness(samples, longest + 1)[:, shortest:]
    belief = likeness - _SHORT_SHIFTS * np.arange(likeness.shape[1])
    return rate_hz / (shortest + _best_path(belief)).astype(np.float64)


def _likeness(samples: FloatArray, n_shifts: int) -> DoubleArray:
    """(L, K) the normalised correlation of each frame with itself later."""
    n_frames, size = len(samples) // HOP, 1 << (2 * _N_WINDOW + n_shifts - 1).bit_length()
    padded = np.pad(samples.astype(np.float64), (_N_WINDOW // 2, _N_WINDOW + n_shifts))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_WINDOW + n_shifts)[::HOP][:n_frames]
    first = np.fft.rfft(frames[:, :_N_WINDOW], size)
    products = np.fft.irfft(np.conj(first) * np.fft.rfft(frames, size), size)[:, :n_shifts]
    sums = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energies = sums[:, _N_WINDOW : _N_WINDOW + n_shifts] - sums[:, :n_shifts]
    likeness: DoubleArray = products / np.sqrt(energies[:, :1] * energies + 1e-9)
    return likeness


def _best_path(belief: DoubleArray) -> NDArray[np.int64]:
    """(L,) the shift of each frame: most belief (L, K) in sum, less what jumps cost."""
    n_frames, n_shifts = belief.shape
    jumps = np.arange(-_MAX_JUMP, _MAX_JUMP + 1)
    sources = np.arange(n_shifts) + jumps[:, None]  # (J, K)
    cost = np.where((sources >= 0) & (sources < n_shifts), _JUMP_COST * np.abs(jumps)[:, None], np.inf)
    sources, best = sources.clip(0, n_shifts - 1), belief[0]
    came_from = np.empty((n_frames, n_shifts), np.int64)
    for frame in range(1, n_frames):
        reached = best[sources] - cost
        chosen = reached.argmax(0)
        came_from[frame] = sources[chosen, np.arange(n_shifts)]
        best = reached[chosen, np.arange(n_shifts)] + belief[frame]
    path = np.empty(n_frames, np.int64)
    path[-1] = best.argmax()
    for frame in range(n_frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path


def _smoothed(values: NDArray[Any]) -> NDArray[Any]:
    """(T,) weighted over 32 ms around each sample (Hann)."""
    window = np.hanning(_N_SMOOTH + 1)
    size = 1 << (len(values) + _N_SMOOTH).bit_length()
    product = np.fft.ifft(np.fft.fft(values, size) * np.fft.fft(window, size))
    half = _N_SMOOTH // 2
    smooth: NDArray[Any] = product[half : half + len(values)]
    return smooth
