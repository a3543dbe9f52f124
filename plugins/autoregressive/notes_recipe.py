"""The training that makes `autoregressive/notes`, half-second notes by instrument and pitch, and what its card says."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.training import INSTRUMENTS, Notes, Split, TrainSettings, load_notes, which_set
from studio.core.check import Check
from studio.core.frame import Frame
from studio.core.text import N_

from .head_config import HeadConfig
from .notes_asking import told_note
from .notes_config import NotesConfig, NotesWaveNet, n_told
from .notes_data import NoteBatches, asked_notes
from .notes_evaluation import note_checks, one_of_each_pair
from .notes_telling import AskedNote
from .sound_making import sampled_sounds
from .sound_network import SoundNetwork
from .sound_recipe import SoundMaterial, SoundRecipe
from .wave_config import WaveConfig
from .wave_law import FloatArray
from .wave_training import Measuring, SoundBatches

CONFIG: Final = NotesConfig(
    tuple(INSTRUMENTS),
    WaveConfig(
        tuple(2**k for k in range(11)), n_told(len(INSTRUMENTS)), n_waves=96, told_width=96, told_inner=192,
        n_taps=16, head=HeadConfig("logistic", 5),
    ),
)
TRAINING: Final = TrainSettings(
    n_steps=8000,
    n_micro=4,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=4000,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)
TEMPERATURE: Final = 0.3
N_SHOWN: Final = 6


@dataclass(frozen=True, kw_only=True)
class NotesRecipe(SoundRecipe):
    """Notes of several instruments over two octaves."""

    config: NotesConfig
    measured_on: ClassVar[str] = N_("Bits per sample on test notes")

    def material(self, settings: TrainSettings, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        yield from ()  # nothing here takes long
        parts = {split: load_notes(split) for split in Split}
        batches = {split: NoteBatches(notes, self.config, self.seed, device) for split, notes in parts.items()}
        learnt = parts[Split.TRAIN]
        return SoundMaterial(NotesWaveNet(self.config), batches, self._about(learnt), learnt.is_full)

    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        places = np.linspace(0, len(self.config.instruments) - 1, N_SHOWN).round().astype(int).tolist()
        pitches = self.config.lowest_pitch + (np.arange(N_SHOWN) * 7) % self.config.n_pitches
        wanted = [AskedNote(place, float(pitch), 80.0) for place, pitch in zip(places, pitches, strict=True)]
        return (yield from self._sounds(network, wanted))

    def _sounds(self, network: SoundNetwork, notes: list[AskedNote]) -> Measuring[FloatArray]:
        told = [told_note(note, self.config.n_samples, self.config) for note in notes]
        return (yield from sampled_sounds(network, told, self.seed, self.temperature))

    def heard(self, network: SoundNetwork, test: SoundBatches) -> Measuring[list[Check]]:
        assert isinstance(test, NoteBatches)
        chosen = one_of_each_pair(test.notes)
        asked = asked_notes(test.notes)
        sounds = yield from self._sounds(network, [asked[place] for place in chosen])
        return (yield from note_checks(sounds, test.notes, chosen))

    def _about(self, notes: Notes) -> dict[str, Any]:
        n = len(notes.pitches)
        sentence = N_("{n:,} notes of 18 instruments played by FluidR3 (MIT, Frank Wen), 0.5 s at 16 kHz")
        drawn = N_("Bits per sample are of 256 mu-law levels at temperature 1; notes are drawn at {t}.")
        return {
            "data": sentence.format(n=n),
            "data_set": {"name": "notes", "n_items": n, "which": which_set(notes.is_full)},
            "defaults": {"temperature": self.temperature},
            "notes": [
                drawn.format(t=self.temperature),
                N_("Held out are pairs of instrument and pitch: each test note is one that it never heard so."),
                N_("All notes were given the same phases before: what is learnt is how loud each partial is."),
            ],
        }


NOTES: Final = NotesRecipe(
    id="autoregressive/notes",
    title=N_("Notes"),
    summary=N_("Learns from short notes of 18 instruments what the next of 16,000 samples a second may be."),
    task=N_("Plays the note of the instrument that you ask for, sample by sample, and goes on with sounds."),
    minutes=100,
    config=CONFIG,
    settings=TRAINING,
    temperature=TEMPERATURE,
    seed=84,
    is_disturbed=True,
)
