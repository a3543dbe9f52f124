"""Notes by instrument, key and strength: what can be asked of a model of them, and what its network is told.

The pitch is told as sines and cosines of its first partials too, from when the key goes down, and as a number, so that
a pair of instrument and pitch that was never learnt is like its neighbours.

Shape letters: I instruments, B notes, T samples, F stretches, C numbers told, W waves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.sound.note import frequency_hz
from studio.core.translation import N_

from ..conditioning import N_TIMES, ConditioningOffer, KeyChoice, SoundConditioning, WordChoice, time_numbers
from ..params import SoundParams
from ..signal import RATE_HZ, FloatArray
from .config import WaveConfig
from .wavenet import SoundNetwork

MAX_INSTRUMENTS: Final = 64
MAX_PITCH: Final = 127
_MIDDLE: Final = 60.0
_OCTAVE: Final = 12.0
_VELOCITY: Final = 80.0
VELOCITIES: Final = {49: N_("Soft"), 80: N_("Medium"), 112: N_("Loud")}
RMS: Final = 0.1


@dataclass(frozen=True)
class NotesWaveNetConfig:
    """Attributes:
    instruments: by name. lowest_pitch, n_pitches: the notes that can be asked for, as MIDI counts them.
    n_stretches: how many stretches of `wave.hop` samples the learnt notes have.
    wave: the sizes of the network.
    """

    instruments: tuple[str, ...]
    wave: WaveConfig
    lowest_pitch: int = 48
    n_pitches: int = 25
    n_stretches: int = 128

    def __post_init__(self) -> None:
        has_instruments = 0 < len(self.instruments) <= MAX_INSTRUMENTS
        has_pitches = self.n_pitches > 0 and 0 <= self.lowest_pitch <= MAX_PITCH - self.n_pitches
        is_told = self.wave.n_told == n_conditioning(len(self.instruments)) and self.wave.n_waves % 2 == 0
        if not (has_instruments and has_pitches and is_told and self.n_stretches > 0):
            raise UserError(N_("The sizes in this model’s file are impossible."))

    @property
    def pitches(self) -> range:
        """The notes that can be asked for."""
        return range(self.lowest_pitch, self.lowest_pitch + self.n_pitches)

    @property
    def n_samples(self) -> int:
        """How long the learnt notes are."""
        return self.n_stretches * self.wave.hop


N_PITCH_WAVES: Final = 3


def n_conditioning(n_instruments: int) -> int:
    """Instruments; pitch, its waves over the octave, velocity; time since the key went down, and the end."""
    return n_instruments + 2 + 2 * N_PITCH_WAVES + N_TIMES


class NotesWaveNet(SoundNetwork):
    """A WaveNet whose sounds are notes."""

    config: NotesWaveNetConfig


@dataclass(frozen=True)
class NoteRequest:
    """What is asked for.

    Attributes:
        instrument: its place among the names of the configuration.
        pitch, velocity: as MIDI counts them; a pitch may lie between two notes.
    """

    instrument: int
    pitch: float
    velocity: float


def stretch_conditioning(notes: Sequence[NoteRequest], n_samples: int, config: NotesWaveNetConfig) -> FloatArray:
    """(B, F, C) for each stretch of notes that are so long."""
    time = time_numbers(n_samples, config.wave.hop, config.n_samples)  # (F, 9)
    each = [np.concatenate([np.tile(_note_numbers(note, config), (len(time), 1)), time], 1) for note in notes]
    return np.stack(each).astype(np.float32)


def _note_numbers(note: NoteRequest, config: NotesWaveNetConfig) -> FloatArray:
    """What stays the same all the time."""
    instrument = np.zeros(len(config.instruments))
    instrument[note.instrument] = 1
    turns = 2 * np.pi * note.pitch / _OCTAVE * np.arange(1, N_PITCH_WAVES + 1)
    numbers = [(note.pitch - _MIDDLE) / _OCTAVE, (note.velocity - _VELOCITY) / 32]
    return np.concatenate([instrument, numbers, np.sin(turns), np.cos(turns)]).astype(np.float32)


def waves_of(notes: Sequence[NoteRequest], n_samples: int, config: NotesWaveNetConfig) -> FloatArray:
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


@dataclass(frozen=True)
class NotesConditioner:
    """What a model of notes can be asked for."""

    config: NotesWaveNetConfig

    @property
    def instruments(self) -> WordChoice:
        """Who may play."""
        return WordChoice("instrument", N_("Instrument"), {name: name for name in self.config.instruments})

    @property
    def keys(self) -> KeyChoice:
        """Which notes."""
        return KeyChoice(self.config.pitches)

    @property
    def offer(self) -> ConditioningOffer:
        hardness = WordChoice("velocity", N_("How hard the key is struck (velocity)"), VELOCITIES, is_content=False)
        return ConditioningOffer(
            (self.instruments, self.keys, hardness), N_("You asked for {pitch} of the {instrument}."), RMS
        )

    def told(self, params: SoundParams, n_samples: int) -> SoundConditioning:
        note = NoteRequest(self.instruments.place(params), float(self.keys.pitch(params)), float(params.velocity))
        return note_conditioning(note, n_samples, self.config)


def note_conditioning(note: NoteRequest, n_samples: int, config: NotesWaveNetConfig) -> SoundConditioning:
    """What is told of a note that is so long."""
    return SoundConditioning(stretch_conditioning([note], n_samples, config)[0], waves_of([note], n_samples, config)[0])
