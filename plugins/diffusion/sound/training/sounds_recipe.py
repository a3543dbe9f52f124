"""The training that makes a model of a person's own short sounds, `diffusion/sounds`, and what its card says."""

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from studio.api.engine import FolderFinding, TrainOptions
from studio.api.training import (
    FolderSounds,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    left_out_sentence,
    load_sounds,
    measuring_frames,
    read_sounds,
    sound_files,
)
from studio.core.card import Check
from studio.core.container.source import printable
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.sound.file import is_sound
from studio.core.translation import N_

from ...shared.training.card import Defaults, Measuring, common_card, write_card
from ...shared.weights import load_network, save_model
from ..model.diffwave import RATE_HZ, DiffWaveConfig, NotesDiffusion
from .notes_recipe import sound_preview, validated
from .objective import HELD_OUT_ERROR, DiffusionSoundBatches, SoundObjective, TrainingSounds

SIZES: Final = DiffWaveConfig((), n_pitches=0, width=112, n_harmonics=1)
DEFAULTS: Final = Defaults(steps=50, guidance=1.5)
LOUDNESS: Final = 80.0
N_EXAMPLES: Final = 8
MIN_FILES: Final = 8
N_VALIDATION_BATCHES: Final = 4


@dataclass(frozen=True)
class DiffusionSoundsSettings(TrainSettings):
    """What a person chooses for a model of own sounds.

    Attributes:
        data: the folder of the sounds; those within it count too.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your sounds; folders within it count too."))


TRAINING: Final = DiffusionSoundsSettings(
    n_steps=3000, learning_rate=1.5e-3, n_warmup=100, n_decay=1000, average_decay=0.998, keep_best=True
)


@dataclass(frozen=True)
class DiffusionSoundsRecipe:
    """`diffusion/sounds`: half a second of whatever a folder of sounds holds."""

    id: str = "diffusion/sounds"
    title: str = N_("Your sounds, out of noise")
    summary: str = N_("Learns from a folder of your own short sounds to make new ones of the same kinds.")
    minutes: float = 15
    needs_folder: bool = True
    sizes: DiffWaveConfig = SIZES
    settings: DiffusionSoundsSettings = TRAINING
    defaults: Defaults = DEFAULTS
    n_sounds: int = 24
    seed: int = 56
    invitation: str = N_(
        "Choose or drop a folder with short sounds (WAV, FLAC, OGG, MP3) named by what they are: kick_01, kick_02."
    )

    def takes_folder(self, path: Path) -> bool:
        """Whether there are enough sounds in a folder, or in that of the file which stands for it."""
        folder = path if path.is_dir() else path.parent
        n_here = sum(is_sound(path) for path in folder.iterdir())
        return n_here >= MIN_FILES or len(sound_files(folder)) >= MIN_FILES

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how many sounds there are, and of which kinds."""
        sounds = yield from load_sounds(path, self.sizes.n_samples, RATE_HZ)
        return FolderFinding(sounds.sentence, sounds.left_out, len(sounds.left_out))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then one per micro-batch; then write weights and card."""
        torch.manual_seed(self.seed)
        settings = self.settings.chosen(options.settings, options.n_steps)
        sounds = yield from read_sounds(settings.data, self.sizes.n_samples, RATE_HZ, settings.n_steps)
        config, device = replace(self.sizes, instruments=sounds.kinds), options.device.torch_device
        network = NotesDiffusion(config)
        network.fit_scale(sounds.part(Split.TRAIN)[0])
        objective = SoundObjective(self._batches(sounds, Split.TRAIN, config, device))
        training = Training(network, objective, settings, device)
        held_out = self._batches(sounds, Split.VALIDATION, config, device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=sound_preview(self.defaults),
            validation=Validation(partial(validated, held_out, N_VALIDATION_BATCHES), HELD_OUT_ERROR),
        )
        yield from measuring_frames(settings.n_steps, self._write(options.out, training, sounds, settings))

    def _batches(
        self, sounds: FolderSounds, split: Split, config: DiffWaveConfig, device: torch.device
    ) -> DiffusionSoundBatches:
        samples, labels = sounds.part(split)
        zeros = np.zeros(len(labels), np.float32)
        learnt = TrainingSounds(samples, labels, zeros, zeros + np.float32(LOUDNESS), is_pitched=False)
        drop_share = 0.1 if split is Split.TRAIN else 0.0
        return DiffusionSoundBatches(learnt, config, self.n_sounds, self.seed, device, drop_share)

    def _write(
        self, out: Path, training: Training, sounds: FolderSounds, settings: DiffusionSoundsSettings
    ) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, NotesDiffusion)
        held_out = self._batches(sounds, Split.TEST, network.config, training.device)
        figures = yield from validated(held_out, N_VALIDATION_BATCHES, network)
        checks = [Check(N_("Error of the prediction on held-out sounds"), figures[HELD_OUT_ERROR], None, False)]
        n = len(sounds.samples)
        told = {name: value for name, value in asdict(settings).items() if name != "data"}
        card = {
            "id": self.id,
            "kind": "sound",
            "title": self.title,
            "task": N_("Makes short sounds like your own."),
            "data": N_("{n:,} sounds of your own, 0.5 s at 16 kHz").format(n=n),
            **common_card(network, [training], self.seed, is_full=True),
            "licence": N_("Your own sounds; what you may do with the model follows from what you may do with them."),
            "settings": {**told, "n_sounds": self.n_sounds},
            "data_set": {"name": printable(Path(settings.data).name), "n_items": n, "which": "full"},
            "notes": [left_out_sentence(sounds.left_out)] if sounds.left_out else [],
            "examples": list(sounds.kinds[:N_EXAMPLES]),
            "words": {},
            "classes": list(sounds.kinds),
            "n_pictures": n,
        }
        write_card(out.with_suffix(".json"), card, checks, self.defaults)
