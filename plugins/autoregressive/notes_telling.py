"""What a WaveNet is told about a note: who plays it, which one, how hard, how long ago, and when it ends.

The pitch is told as sines and cosines of its first partials too, from when the key goes down, and as a number, so that
a pair of instrument and pitch that was never learnt is like its neighbours. Shape letters: B notes, T samples, F
stretches, C numbers told, W waves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.note import frequency_hz

from .notes_config import N_PITCH_WAVES, NotesConfig
from .sound_time import time_numbers
from .wave_law import RATE_HZ, FloatArray

_MIDDLE: Final = 60.0
_OCTAVE: Final = 12.0
_VELOCITY: Final = 80.0


@dataclass(frozen=True)
class AskedNote:
    """What is asked for.

    Attributes:
        instrument: its place among the names of the configuration.
        pitch, velocity: as MIDI counts them; a pitch may lie between two notes.
    """

    instrument: int
    pitch: float
    velocity: float


def told_of(notes: Sequence[AskedNote], n_samples: int, config: NotesConfig) -> FloatArray:
    """(B, F, C) for each stretch of notes that are so long."""
    time = time_numbers(n_samples, config.wave.hop, config.n_samples)  # (F, 9)
    each = [np.concatenate([np.tile(_note_numbers(note, config), (len(time), 1)), time], 1) for note in notes]
    return np.stack(each).astype(np.float32)


def _note_numbers(note: AskedNote, config: NotesConfig) -> FloatArray:
    """What stays the same all the time."""
    instrument = np.zeros(len(config.instruments))
    instrument[note.instrument] = 1
    turns = 2 * np.pi * note.pitch / _OCTAVE * np.arange(1, N_PITCH_WAVES + 1)
    numbers = [(note.pitch - _MIDDLE) / _OCTAVE, (note.velocity - _VELOCITY) / 32]
    return np.concatenate([instrument, numbers, np.sin(turns), np.cos(turns)]).astype(np.float32)


def waves_of(notes: Sequence[AskedNote], n_samples: int, config: NotesConfig) -> FloatArray:
    """(B, T, W) sines, then cosines, of the first partials of each note; 0 for partials that 16 kHz cannot tell."""
    return np.stack([_waves(frequency_hz(note.pitch), n_samples, config.wave.n_waves // 2) for note in notes])


def _waves(frequency: float, n_samples: int, n_partials: int) -> FloatArray:
    """(T, W) of one note; a partial is a power of the first one on the circle, which costs less than its sine."""
    turns = np.exp(2j * np.pi * frequency * np.arange(n_samples) / RATE_HZ)  # (T,)
    n_told = min(n_partials, math.ceil(RATE_HZ / 2 / frequency) - 1)
    partials = np.zeros((n_samples, n_partials), np.complex128)
    partials[:, :n_told] = turns[:, None]
    np.cumprod(partials[:, :n_told], 1, out=partials[:, :n_told])
    return np.concatenate([partials.imag, partials.real], 1).astype(np.float32)
