"""Notes to learn from as levels, partials in the same phase, with what is told about them, drawn by number.

Where in its turn a string is when it is struck, nobody can tell from instrument and pitch, and hardly an ear hears it
(Ohm's law of acoustics). A network that may not know it would learn the mean of all, which is silence.

Shape letters: T samples, K partials, N notes, B of a batch, F stretches, C numbers told, W waves.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch

from studio.api.training import Notes
from studio.core.seed import generator
from studio.core.sound.note import frequency_hz
from studio.core.sound.wave import fade_out

from ..model.notes import NoteRequest, NotesWaveNetConfig, stretch_conditioning, waves_of
from ..signal import RATE_HZ, FloatArray, levels_of
from .objective import Inputs

_WINDOW, _HOP = 512, 128
"""Of the short-time Fourier transform: 32 ms tell the partials of the lowest note apart."""
_HISS: Final = 1e-3
"""Beside partials of 0.05: what is noise in a note stays noise."""
_STRENGTH: Final = 0.05
_BEND: Final = np.pi / 61
"""Phases that grow with the square of the number keep the peaks low (Schroeder 1970)."""
SHORT_SHARE: Final = 0.25
"""Of the notes that end early, so that an end may come at any time."""
LOWERED_SHARE: Final = 0.5
"""Of the notes that are read slower: up to a semitone lower, so that pitches between those of a piano are learnt."""
LEAST_STRETCHES: Final = 32


def in_phase(samples: FloatArray, pitch: float) -> FloatArray:
    """A note (T,) of a pitch as MIDI counts it, as loud as it was in each band at each time, with other phases."""
    window = torch.hann_window(_WINDOW)
    ours, theirs = (
        torch.stft(torch.from_numpy(one), _WINDOW, _HOP, window=window, pad_mode="constant", return_complex=True)
        for one in (all_partials(len(samples), pitch), samples)
    )
    made = torch.istft(torch.polar(theirs.abs(), ours.angle()), _WINDOW, _HOP, window=window, length=len(samples))
    result: FloatArray = made.numpy()
    return result


def all_partials(n_samples: int, pitch: float) -> FloatArray:
    """(T,) equal partials of a pitch up to half the rate, each in its phase, and a hiss that is always the same."""
    frequency = frequency_hz(pitch)
    numbers = np.arange(1, int(RATE_HZ / 2 / frequency) + 1)  # (K,)
    turns = 2 * np.pi * frequency * np.arange(n_samples)[:, None] * numbers / RATE_HZ
    hiss = _HISS * generator(0, "hiss").standard_normal(n_samples)
    return (_STRENGTH * np.cos(turns - _BEND * numbers * (numbers - 1)).sum(1) + hiss).astype(np.float32)


def note_requests(notes: Notes) -> list[NoteRequest]:
    """What would have to be asked for to get these notes."""
    rows = zip(notes.instruments.tolist(), notes.pitches.tolist(), notes.velocities.tolist(), strict=True)
    return [NoteRequest(instrument, float(pitch), float(velocity)) for instrument, pitch, velocity in rows]


def lowered(samples: FloatArray, semitones: float) -> FloatArray:
    """A note (T,) as it sounds where it is read slower, by its Fourier transform; as long as it was."""
    n_read = round(len(samples) * 2 ** (semitones / 12))
    spectrum = np.fft.rfft(samples)
    slower = np.fft.irfft(spectrum, n_read) * (n_read / len(samples))
    result: FloatArray = (slower[: len(samples)] * fade_out(len(samples))).astype(np.float32)
    return result


def read_semitones(n_samples: int, semitones: float) -> float:
    """How much lower a note of so many samples is when it is read as slowly as whole samples allow."""
    return 12 * float(np.log2(round(n_samples * 2 ** (semitones / 12)) / n_samples))


@dataclass(frozen=True, eq=False)
class NoteBatches:
    """Draws a note by number: the same seed and number give the same one, whatever came before."""

    notes: Notes
    config: NotesWaveNetConfig
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and waves (1, T, W) of a note, now and then lower or shorter."""
        random = generator(self.seed, "notes", step, micro)
        number = int(random.integers(len(self.notes.pitches)))
        note, samples = note_requests_at(self.notes, number), self.notes.sound(number)
        share, low, shorter, end = random.random(4)
        if share < LOWERED_SHARE:
            samples = lowered(samples, low)
            note = NoteRequest(note.instrument, note.pitch - read_semitones(len(samples), low), note.velocity)
        samples = in_phase(samples, note.pitch)
        if shorter < SHORT_SHARE:
            n_stretches = LEAST_STRETCHES + int(end * (self.config.n_stretches - LEAST_STRETCHES))
            samples = shortened(samples, n_stretches * self.config.wave.hop)
        return inputs_of([note], samples[None], self.config, self.device)

    def each(self) -> list[Inputs]:
        """All notes, one after the other."""
        pairs = zip(note_requests(self.notes), self._in_phase, strict=True)
        return [inputs_of([note], sound[None], self.config, self.device) for note, sound in pairs]

    @cached_property
    def _in_phase(self) -> list[FloatArray]:
        """Each whole note (T,)."""
        pairs = zip(self.notes.sound(), self.notes.pitches, strict=True)
        return [in_phase(sound, float(pitch)) for sound, pitch in pairs]


def note_requests_at(notes: Notes, number: int) -> NoteRequest:
    """What one of the notes is."""
    values = (notes.instruments[number], notes.pitches[number], notes.velocities[number])
    return NoteRequest(int(values[0]), float(values[1]), float(values[2]))


def shortened(samples: FloatArray, n_samples: int) -> FloatArray:
    """The beginning of a note, faded out."""
    return samples[:n_samples] * fade_out(n_samples).astype(np.float32)


def inputs_of(
    notes: list[NoteRequest], samples: FloatArray, config: NotesWaveNetConfig, device: torch.device
) -> Inputs:
    """What the network is given of notes (B, T)."""
    n_samples = samples.shape[1]
    levels = torch.from_numpy(levels_of(samples, config.wave.n_levels)).long()
    told, waves = stretch_conditioning(notes, n_samples, config), waves_of(notes, n_samples, config)
    return levels.to(device), torch.from_numpy(told).to(device), torch.from_numpy(waves).to(device)
