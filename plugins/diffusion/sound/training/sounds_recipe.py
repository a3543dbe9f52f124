"""The training that makes a model of a person's own short sounds, `diffusion/sounds`, and what its card says."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.engine import FolderFinding
from studio.api.own_folder import SoundFolderSettings
from studio.api.recipe import Measuring, TrainingRecipe, folder_name
from studio.api.training import (
    FolderSounds,
    SlowPreview,
    Split,
    Training,
    Validation,
    left_out_sentence,
    load_sounds,
    read_sounds,
    sound_files,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.sound.file import is_sound
from studio.core.translation import N_

from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..model.diffwave import RATE_HZ, DiffWaveConfig, NotesDiffusion
from .notes_recipe import sound_preview
from .objective import HELD_OUT_ERROR, DiffusionSoundBatches, SoundObjective, TrainingSounds, held_out_error

SIZES: Final = DiffWaveConfig((), n_pitches=0, width=112, n_harmonics=1)
DEFAULTS: Final = Defaults(steps=50, guidance=1.5)
LOUDNESS: Final = 80.0
N_EXAMPLES: Final = 8
MIN_FILES: Final = 8
N_VALIDATION_BATCHES: Final = 4


TRAINING: Final = SoundFolderSettings(n_steps=3000, learning_rate=1.5e-3, n_warmup=100, n_decay=1000, keep_best=True)


@dataclass(frozen=True, kw_only=True)
class DiffusionSoundsRecipe(TrainingRecipe[FolderSounds]):
    """`diffusion/sounds`: half a second of whatever a folder of sounds holds."""

    id: str = "diffusion/sounds"
    title: str = N_("Your sounds, out of noise")
    summary: str = N_("Learns from a folder of your own short sounds to make new ones of the same kinds.")
    task: str = N_("Makes short sounds like your own.")
    minutes: float = 15
    needs_folder: bool = True
    settings: SoundFolderSettings = TRAINING
    sizes: DiffWaveConfig = SIZES
    defaults: Defaults = DEFAULTS
    n_sounds: int = 24
    seed: int = 56
    kind: ClassVar[str] = "sound"
    licence: ClassVar[str] = N_("Your own sounds; what you may do with them decides what you may do with the model.")
    invitation: str = N_(
        "Choose or drop a folder of short sounds (WAV, FLAC, OGG, MP3) named after what they are: kick_01, kick_02."
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

    def read(self, device: torch.device) -> Generator[Frame, None, FolderSounds]:
        return (yield from read_sounds(self.settings.data, self.sizes.n_samples, RATE_HZ, self.settings.n_steps))

    def network_and_objective(self, data: FolderSounds, device: torch.device) -> tuple[NotesDiffusion, SoundObjective]:
        network = NotesDiffusion(replace(self.sizes, instruments=data.kinds))
        network.fit_scale(data.part(Split.TRAIN)[0])
        return network, SoundObjective(self._batches(data, Split.TRAIN, device))

    def preview(self, data: FolderSounds, device: torch.device) -> SlowPreview:
        return sound_preview(self.defaults)

    def validation(self, data: FolderSounds, device: torch.device) -> Validation:
        return held_out_error(self._batches(data, Split.VALIDATION, device), N_VALIDATION_BATCHES)

    def _batches(self, sounds: FolderSounds, split: Split, device: torch.device) -> DiffusionSoundBatches:
        samples, labels = sounds.part(split)
        zeros = np.zeros(len(labels), np.float32)
        learnt = TrainingSounds(samples, labels, zeros, zeros + np.float32(LOUDNESS), is_pitched=False)
        config = replace(self.sizes, instruments=sounds.kinds)
        drop_share = 0.1 if split is Split.TRAIN else 0.0
        return DiffusionSoundBatches(learnt, config, self.n_sounds, self.seed, device, drop_share)

    def write(self, out: Path, training: Training, data: FolderSounds) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, NotesDiffusion)
        held_out = self._batches(data, Split.TEST, training.device)
        figures = yield from held_out_error(held_out, N_VALIDATION_BATCHES).measure(network)
        checks = [Check(N_("Prediction error on held-out sounds"), figures[HELD_OUT_ERROR], None, False)]
        name, n = folder_name(self.settings.data), len(data.samples)
        card = {
            **self.common_card(network, [training], name, n, n_sounds=self.n_sounds),
            "data": N_("{n:,} sounds of your own, 0.5 s at 16 kHz").format(n=n),
            "notes": [left_out_sentence(data.left_out)] if data.left_out else [],
            "examples": list(data.kinds[:N_EXAMPLES]),
            "words": {},
            "classes": list(data.kinds),
            "n_pictures": n,
        }
        write_card(out.with_suffix(".json"), card, checks, self.defaults)
