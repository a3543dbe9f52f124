"""Makes many notes at once, for cards and previews, and measures them by ear of a judge and of a pitch estimator.

Shape letters: N notes, T samples, M bands, L frames.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import AMOUNT_COLOURS
from studio.api.training import Notes, load_judge, note_pictures, pitch_hz
from studio.core.check import Check
from studio.core.mel import FLOOR_DB, log_mel
from studio.core.note import cents_between, frequency_hz
from studio.core.text import N_

from .notes_config import NotesConfig, NotesWaveNet
from .notes_telling import AskedNote, told_of, waves_of
from .wave_law import RATE_HZ, FloatArray, samples_of
from .wave_sampling import RingSampler, WaveWish
from .wave_training import Measuring

N_AT_ONCE: Final = 8
N_PAUSE: Final = 128
MAX_CENTS: Final = 50.0
PITCH_FLOOR: Final = 90.0
JUDGE_FLOOR: Final = 80.0
_WAVE_ROWS: Final = 32
_INK: Final = 235


def wish_of(
    notes: Sequence[AskedNote], n_samples: int, seeds: Sequence[int], temperature: float, config: NotesConfig
) -> WaveWish:
    """Notes as the sampler takes them."""
    return WaveWish(
        told_of(notes, n_samples, config), waves_of(notes, n_samples, config), tuple(seeds), temperature
    )


def sampled_notes(
    network: NotesWaveNet, notes: Sequence[AskedNote], seed: int, temperature: float
) -> Measuring[FloatArray]:
    """Sounds (N, T) as long as those that were learnt; note i has the seed that follows by i. Yields often."""
    config, parts = network.config, []
    for first in range(0, len(notes), N_AT_ONCE):
        part = notes[first : first + N_AT_ONCE]
        seeds = range(seed + first, seed + first + len(part))
        sampler = RingSampler(network.wave, wish_of(part, config.n_samples, seeds, temperature, config))
        while sampler.place < sampler.n_samples:
            sampler.advance(N_PAUSE)
            yield
        parts.append(samples_of(sampler.task.levels, config.wave.n_levels))
    return np.concatenate(parts)


def one_of_each_pair(notes: Notes) -> npt.NDArray[np.int64]:
    """The places of one note of each pair of instrument and pitch: that whose velocity is nearest to mf."""
    chosen: dict[tuple[int, int], int] = {}
    for place in np.argsort(np.abs(notes.velocities.astype(int) - 80), kind="stable").tolist():
        chosen.setdefault((int(notes.instruments[place]), int(notes.pitches[place])), place)
    return np.array(sorted(chosen.values()), np.int64)


def note_checks(sounds: FloatArray, notes: Notes, chosen: npt.NDArray[np.int64]) -> Measuring[list[Check]]:
    """What is heard in sounds (N, T) that were asked for as the chosen notes are."""
    judge = load_judge("notes")
    is_right = judge.read(note_pictures(sounds).float() / 255).numpy() == notes.instruments[chosen]
    yield
    is_in_tune = []
    for sound, pitch in zip(sounds, notes.pitches[chosen].tolist(), strict=True):
        heard = pitch_hz(sound, RATE_HZ)
        is_in_tune.append(heard is not None and abs(cents_between(heard, frequency_hz(pitch))) <= MAX_CENTS)
        yield
    n = len(chosen)
    return [
        Check(
            N_("Pitch within 50 cents, % of {n} held-out pairs of instrument and pitch").format(n=n),
            100 * float(np.mean(is_in_tune)), PITCH_FLOOR,
        ),
        Check(
            N_("Judge hears the instrument asked for, % of {n} held-out pairs").format(n=n),
            100 * float(is_right.mean()), JUDGE_FLOOR,
        ),
    ]  # fmt: skip


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
