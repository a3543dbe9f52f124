"""Plays four voices: an additive synthesiser of a few partials with a soft beginning and end; no torch, no Qt.

What a sixteenth sounds like depends on it and what was before it, so that sound can grow with the music.

Shape letters: T sixteenths, V = 4 voices, N samples.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.sound.note import frequency_hz

from .grid import HOLD, N_VOICES, STEPS_PER_BEAT, Bytes, sounding

Floats = npt.NDArray[np.float32]
RATE_HZ: Final = 16_000
PARTIALS: Final = (1.0, 0.42, 0.26, 0.13, 0.08, 0.04)
"""How loud each partial is: roughly an organ's principal."""
LOUDNESS: Final = (0.15, 0.1, 0.1, 0.15)
"""Of soprano, alto, tenor, bass: outer voices are heard best, and all together stay within full scale."""
ATTACK_S: Final = 0.025
RELEASE_S: Final = 0.07
FADE_S: Final = 1.6
"""After so long a held note has faded to about a third."""
HIGHEST_HZ: Final = 7000.0
TONE_S: Final = 0.5


def step_samples(tempo_bpm: float) -> int:
    """Samples of a sixteenth."""
    return round(RATE_HZ * 60 / tempo_bpm / STEPS_PER_BEAT)


def sound_of(values: Bytes, tempo_bpm: float, first: int = 0, end: int | None = None) -> Floats:
    """The sound (N,) of sixteenths from `first` to `end` of values (T, V), in -1..1."""
    n_step, end = step_samples(tempo_bpm), len(values) if end is None else end
    sound = np.zeros((end - first) * n_step, np.float32)
    pitches = sounding(values)
    for voice in range(N_VOICES):
        for start, stop, pitch in notes_of(values[:, voice], pitches[:, voice]):
            _add(sound, (start - first) * n_step, (stop - start) * n_step, pitch, LOUDNESS[voice])
    return sound


def notes_of(column: Bytes, pitches: Bytes) -> list[tuple[int, int, int]]:
    """(first sixteenth, end, MIDI pitch) of each note of a voice (T,)."""
    if not len(column):
        return []
    starts = np.flatnonzero(column != HOLD).tolist()
    if not starts or starts[0]:
        starts.insert(0, 0)
    ends = [*starts[1:], len(column)]
    return [(a, b, int(pitches[a])) for a, b in zip(starts, ends, strict=True) if pitches[a]]


def tone(pitch: int, voice: int) -> Floats:
    """One short note."""
    sound = np.zeros(round((TONE_S + RELEASE_S) * RATE_HZ), np.float32)
    _add(sound, 0, round(TONE_S * RATE_HZ), pitch, LOUDNESS[voice])
    return sound


def _add(sound: Floats, at: int, length: int, pitch: int, loudness: float) -> None:
    """Add a note that begins at a sample, which may lie before the sound, as far as it is within."""
    n_release = round(RELEASE_S * RATE_HZ)
    low, high = max(at, 0), min(at + length + n_release, len(sound))
    if high <= low:
        return
    samples = np.arange(low - at, high - at)
    seconds = (samples / RATE_HZ).astype(np.float32)
    base = frequency_hz(pitch)
    partials = [(number, share) for number, share in enumerate(PARTIALS, 1) if number * base < HIGHEST_HZ]
    wave = np.zeros(len(samples), np.float32)
    for number, share in partials:
        phase = (samples * (number * base / RATE_HZ)) % 1.0
        wave += np.float32(share) * np.sin(2 * np.pi * phase).astype(np.float32)
    rise = np.minimum(seconds / np.float32(ATTACK_S), 1)
    fall = np.clip((length + n_release - samples) / n_release, 0, 1).astype(np.float32)
    sound[low:high] += wave * rise * fall * np.exp(-seconds / np.float32(FADE_S)) * np.float32(loudness)
