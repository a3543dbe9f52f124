"""Mel spectrograms: how strong a sound is over time in bands that are spaced as the ear hears pitch; numpy only.

Stevens, Volkmann and Newman 1937, in the formula of O'Shaughnessy 1987: mel = 2595 log10(1 + f / 700). Shape letters:
N sounds, T samples, L frames, F bins of the Fourier transform, M bands.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

FLOOR_DB: Final = -80.0


@dataclass(frozen=True)
class MelScale:
    """How a spectrogram is made.

    Attributes:
        rate_hz: of the sound.
        n_window: samples under the Hann window of each frame.
        n_hop: samples from frame to frame; the first frame is centred on sample n_hop / 2.
        n_bands: triangles, whose centres are even on the mel scale between `low_hz` and `high_hz`.
    """

    rate_hz: int = 16_000
    n_window: int = 1024
    n_hop: int = 128
    n_bands: int = 64
    low_hz: float = 60.0
    high_hz: float = 8_000.0


NOTE_SCALE: Final = MelScale()
"""Of half a second at 16 kHz, 8,192 samples, it makes 64 bands by 64 frames."""


def mel_of(frequency_hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Frequency to mel."""
    return 2595.0 * np.log10(1.0 + np.asarray(frequency_hz, np.float64) / 700.0)


def hertz_of(mel: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Mel to frequency."""
    return 700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0)


def band_edges_hz(scale: MelScale = NOTE_SCALE) -> NDArray[np.float64]:
    """(M + 2,) lower end, centres and upper end: band m rises from edge m to m + 1 and falls to m + 2."""
    return hertz_of(np.linspace(float(mel_of(scale.low_hz)), float(mel_of(scale.high_hz)), scale.n_bands + 2))


@lru_cache(maxsize=8)
def filterbank(scale: MelScale = NOTE_SCALE) -> FloatArray:
    """(M, F) weights of power; between the first and the last centre, the triangles add up to 1 at every frequency."""
    edges = band_edges_hz(scale)[:, None]
    bins = np.arange(scale.n_window // 2 + 1) * (scale.rate_hz / scale.n_window)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    weights.setflags(write=False)
    return weights


def log_mel(samples: FloatArray, scale: MelScale = NOTE_SCALE) -> FloatArray:
    """Sounds (T,) or (N, T) to levels (M, L) or (N, M, L) in dB, from FLOOR_DB; a full sine in its band is about 0."""
    power = np.maximum(_mel_power(samples, scale), np.float32(1e-12))
    levels: FloatArray = np.maximum(np.log10(power) * np.float32(10), np.float32(FLOOR_DB))
    return levels


def _mel_power(samples: FloatArray, scale: MelScale) -> FloatArray:
    n_frames = samples.shape[-1] // scale.n_hop
    before = (scale.n_window - scale.n_hop) // 2
    edges = [(0, 0)] * (samples.ndim - 1) + [(before, scale.n_window)]
    padded = np.pad(samples.astype(np.float32), edges)
    frames = np.lib.stride_tricks.sliding_window_view(padded, scale.n_window, -1)[..., :: scale.n_hop, :]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(scale.n_window) / scale.n_window)).astype(np.float32)
    spectrum = np.fft.rfft(frames[..., :n_frames, :] * window)  # (..., L, F)
    # A sine of amplitude 1 has |X| = sum(window) / 2, spread over bins that together hold 1.5 times its square.
    power = np.abs(spectrum) ** 2 / (1.5 * (window.sum() / 2) ** 2)
    mel: FloatArray = np.moveaxis(power.astype(np.float32) @ filterbank(scale).T, -1, -2)
    return mel


def log_mel_distance(one: FloatArray, other: FloatArray) -> float:
    """The mean absolute difference of two spectrograms in dB, over all bands and frames where either is audible."""
    is_audible = np.maximum(one, other) > FLOOR_DB
    if not is_audible.any():
        return 0.0
    return float(np.abs(one - other)[is_audible].mean())
