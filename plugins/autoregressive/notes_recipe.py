"""The training that makes `autoregressive/notes`, half-second notes by instrument and pitch, and what its card says."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import torch

from studio.api.engine import TrainOptions
from studio.api.training import (
    INSTRUMENTS,
    Moment,
    Notes,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_notes,
    measuring_frames,
    trained_facts,
    which_set,
)
from studio.core.card import write_card
from studio.core.check import Check
from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.thinning import LogThinning
from studio.core.view import Audio, Image

from .notes_asking import told_note
from .notes_config import NotesConfig, NotesWaveNet, n_told
from .notes_data import NoteBatches, asked_notes
from .notes_evaluation import note_checks, one_of_each_pair
from .notes_telling import AskedNote
from .sound_making import sampled_sounds, sheet_of
from .sound_network import SoundNetwork, on_processor
from .wave_config import WaveConfig
from .wave_law import RATE_HZ, FloatArray
from .wave_training import BITS, Measuring, NextSample, mean_bits, validated
from .wave_weights import load_sound_network, save_sound_network

CONFIG: Final = NotesConfig(
    tuple(INSTRUMENTS), WaveConfig(tuple(2**k for k in range(11)), n_told(len(INSTRUMENTS)), n_waves=8)
)
TRAINING: Final = TrainSettings(
    n_steps=5000,
    n_micro=4,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=3500,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)
TEMPERATURE: Final = 0.8
MOST_LOSS: Final = 1.0
N_SHOWN: Final = 6
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True)
class NotesRecipe:
    """`autoregressive/notes`: notes of 18 instruments over two octaves, sample by sample."""

    id: str = "autoregressive/notes"
    title: str = N_("Notes")
    summary: str = N_("Learns from short notes of 18 instruments what the next of 16,000 samples a second may be.")
    minutes: float = 90
    needs_folder: bool = False
    task: str = N_("Plays the note of the instrument that you ask for, sample by sample, and goes on with sounds.")
    config: NotesConfig = CONFIG
    settings: TrainSettings = TRAINING
    temperature: float = TEMPERATURE
    seed: int = 84

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        notes, device = load_notes(Split.TRAIN), options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        batches = self._batches(notes, device)
        training = Training(NotesWaveNet(self.config), NextSample(batches), settings, device)
        held_out = self._batches(load_notes(Split.VALIDATION), device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(self.preview, PREVIEWS),
            validation=Validation(partial(validated, held_out), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options, training, notes))

    def _batches(self, notes: Notes, device: torch.device) -> NoteBatches:
        return NoteBatches(notes, self.config, self.seed, device)

    def preview(self, network: NotesWaveNet, step: int) -> Measuring[Moment]:
        """What the averaged weights play: waveforms above spectrograms, and the notes one after the other."""
        places = np.linspace(0, len(self.config.instruments) - 1, N_SHOWN).round().astype(int).tolist()
        pitches = self.config.lowest_pitch + (np.arange(N_SHOWN) * 7) % self.config.n_pitches
        wanted = [AskedNote(place, float(pitch), 80.0) for place, pitch in zip(places, pitches, strict=True)]
        sounds = yield from self._sounds(network, wanted)
        return Moment({"picture": Image(sheet_of(sounds)), "sound": Audio(sounds.reshape(-1), RATE_HZ)})

    def _sounds(self, network: SoundNetwork, notes: list[AskedNote]) -> Measuring[FloatArray]:
        told = [told_note(note, self.config.n_samples, self.config) for note in notes]
        return (yield from sampled_sounds(on_processor(network), told, self.seed, self.temperature))

    def write(self, options: TrainOptions, training: Training, notes: Notes) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test notes for the card."""
        average, path, test = training.average, options.out, load_notes(Split.TEST)
        assert isinstance(average, NotesWaveNet)
        save_sound_network(path, average)
        network = load_sound_network(path)
        real = self._batches(test, training.device).each()
        written = yield from mean_bits(network.to(training.device), real)
        whole = yield from mean_bits(average, real)
        chosen = one_of_each_pair(test)
        asked = [asked_notes(test)[place] for place in chosen]
        sounds = yield from self._sounds(network, asked)
        heard = yield from note_checks(sounds, test, chosen)
        loss = Check(N_("Loss by whole numbers of one byte, %"), 100 * (written / whole - 1), MOST_LOSS, False)
        checks = [Check(N_("Bits per sample on test notes"), written, None, False), *heard, loss]
        write_card(path.with_suffix(".json"), self._card(network, training, notes), checks)

    def _card(self, network: SoundNetwork, training: Training, notes: Notes) -> dict[str, Any]:
        n = len(notes.pitches)
        sentence = N_("{n:,} notes of 18 instruments played by FluidR3 (MIT, Frank Wen), 0.5 s at 16 kHz")
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": sentence.format(n=n),
            "licence": "MIT",
            "n_params": sum(value.numel() for value in network.parameters()),
            "trained": trained_facts([training], self.seed, notes.is_full),
            "kind": "sound",
            "architecture": type(network).__name__,
            "config": asdict(network.config),
            "settings": asdict(training.settings),
            "data_set": {"name": "notes", "n_items": n, "which": which_set(notes.is_full)},
            "defaults": {"temperature": self.temperature},
            "notes": [
                N_("Bits per sample are of 256 mu-law levels at temperature 1; notes are drawn at {t}.").format(
                    t=self.temperature
                ),
                N_("Held out are pairs of instrument and pitch: each test note is one that it never heard so."),
            ],
        }


NOTES: Final = NotesRecipe()
