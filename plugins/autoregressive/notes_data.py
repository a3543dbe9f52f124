"""Notes to learn from as levels with what is told about them, drawn by number.

Shape letters: N notes, B of a batch, T samples, F stretches, C numbers told, W waves.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch

from studio.api.training import Notes
from studio.core.fade import fade_out
from studio.core.seed import generator

from .notes_config import NotesConfig
from .notes_phases import in_phase
from .notes_telling import AskedNote, told_of, waves_of
from .wave_law import FloatArray, levels_of
from .wave_training import Inputs

SHORT_SHARE: Final = 0.25
"""Of the notes that end early, so that an end may come at any time."""
LOWERED_SHARE: Final = 0.5
"""Of the notes that are read slower: up to a semitone lower, so that pitches between those of a piano are learnt."""
LEAST_STRETCHES: Final = 32


def asked_notes(notes: Notes) -> list[AskedNote]:
    """What would have to be asked for to get these notes."""
    rows = zip(notes.instruments.tolist(), notes.pitches.tolist(), notes.velocities.tolist(), strict=True)
    return [AskedNote(instrument, float(pitch), float(velocity)) for instrument, pitch, velocity in rows]


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
    config: NotesConfig
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and waves (1, T, W) of a note, now and then lower or shorter."""
        random = generator(self.seed, "notes", step, micro)
        number = int(random.integers(len(self.notes.pitches)))
        note, samples = asked_notes_at(self.notes, number), self.notes.sound(number)
        share, low, shorter, end = random.random(4)
        if share < LOWERED_SHARE:
            samples = lowered(samples, low)
            note = AskedNote(note.instrument, note.pitch - read_semitones(len(samples), low), note.velocity)
        samples = in_phase(samples, note.pitch)
        if shorter < SHORT_SHARE:
            n_stretches = LEAST_STRETCHES + int(end * (self.config.n_stretches - LEAST_STRETCHES))
            samples = shortened(samples, n_stretches * self.config.wave.hop)
        return inputs_of([note], samples[None], self.config, self.device)

    def each(self) -> list[Inputs]:
        """All notes, one after the other."""
        pairs = zip(asked_notes(self.notes), self._in_phase, strict=True)
        return [inputs_of([note], sound[None], self.config, self.device) for note, sound in pairs]

    @cached_property
    def _in_phase(self) -> list[FloatArray]:
        """Each whole note (T,)."""
        pairs = zip(self.notes.sound(), self.notes.pitches, strict=True)
        return [in_phase(sound, float(pitch)) for sound, pitch in pairs]


def asked_notes_at(notes: Notes, number: int) -> AskedNote:
    """What one of the notes is."""
    values = (notes.instruments[number], notes.pitches[number], notes.velocities[number])
    return AskedNote(int(values[0]), float(values[1]), float(values[2]))


def shortened(samples: FloatArray, n_samples: int) -> FloatArray:
    """The beginning of a note, faded out."""
    return samples[:n_samples] * fade_out(n_samples).astype(np.float32)


def inputs_of(notes: list[AskedNote], samples: FloatArray, config: NotesConfig, device: torch.device) -> Inputs:
    """What the network is given of notes (B, T)."""
    n_samples = samples.shape[1]
    levels = torch.from_numpy(levels_of(samples, config.wave.n_levels)).long()
    told, waves = told_of(notes, n_samples, config), waves_of(notes, n_samples, config)
    return levels.to(device), torch.from_numpy(told).to(device), torch.from_numpy(waves).to(device)
