"""Makes many sounds at once, for cards and previews, and a sheet on which they are seen.

Shape letters: N sounds, T samples, M bands, L frames.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import AMOUNT_COLOURS
from studio.api.recipe import Measuring
from studio.core.sound.mel import FLOOR_DB, log_mel

from ..conditioning import SoundConditioning
from ..model.sampling import RingSampler, WaveRequest
from ..model.wavenet import SoundNetwork
from ..signal import ByteArray, FloatArray, samples_of

N_AT_ONCE: Final = 8
N_PAUSE: Final = 128
_WAVE_ROWS: Final = 32
_INK: Final = 235


def request_of(
    told: Sequence[SoundConditioning], seeds: Sequence[int], temperature: float, given: ByteArray | None = None
) -> WaveRequest:
    """Sounds as the sampler takes them; all are as long as the first."""
    numbers, waves = np.stack([one.numbers for one in told]), np.stack([one.waves for one in told])
    return WaveRequest(numbers, waves, tuple(seeds), temperature, given)


def sampled_sounds(
    network: SoundNetwork, told: Sequence[SoundConditioning], seed: int, temperature: float
) -> Measuring[FloatArray]:
    """Sounds (N, T) of which the network is told this; sound i has the seed that follows by i. Yields often."""
    parts = []
    for first in range(0, len(told), N_AT_ONCE):
        part = told[first : first + N_AT_ONCE]
        seeds = range(seed + first, seed + first + len(part))
        sampler = RingSampler(network.wave, request_of(part, seeds, temperature))
        while sampler.place < sampler.n_samples:
            sampler.advance(N_PAUSE)
            yield
        parts.append(samples_of(sampler.task.levels, network.wave.config.n_levels))
    return np.concatenate(parts)


def sheet_of(sounds: FloatArray) -> npt.NDArray[np.uint8]:
    """Waveforms of sounds (N, T) above their mel spectrograms, side by side, (96, N L, 3)."""
    levels = np.concatenate(list(log_mel(sounds)), axis=1)[::-1]  # (M, N L)
    places = np.rint((1 - levels / FLOOR_DB).clip(0, 1) * 255).astype(np.uint8)
    waves = np.concatenate([_waveform(sound, levels.shape[1] // len(sounds)) for sound in sounds], axis=1)
    return np.ascontiguousarray(np.concatenate([waves, AMOUNT_COLOURS[places]], axis=0))


def _waveform(sound: FloatArray, n_columns: int) -> npt.NDArray[np.uint8]:
    """(32, n_columns, 3): in each column a stroke from the lowest to the highest of its samples."""
    parts = sound[: len(sound) // n_columns * n_columns].reshape(n_columns, -1)
    rows = (np.arange(_WAVE_ROWS)[::-1, None] + 0.5) / _WAVE_ROWS * 2 - 1  # (32, 1), the highest first
    half = 1 / _WAVE_ROWS
    is_ink: npt.NDArray[Any] = (rows + half >= parts.min(1)) & (rows - half <= parts.max(1))
    return np.repeat((is_ink * _INK).astype(np.uint8)[..., None], 3, -1)
