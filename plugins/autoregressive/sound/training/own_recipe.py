"""The training that makes a model of a person's own short sounds, `autoregressive/sounds`, and what its card says.

Shape letters: N sounds, T samples, F stretches, C numbers told.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import FolderFinding
from studio.api.own_folder import SoundFolderSettings
from studio.api.recipe import Measuring, folder_name
from studio.api.training import (
    FolderSounds,
    Split,
    left_out_sentence,
    load_sounds,
    read_sounds,
    sound_files,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.seed import generator
from studio.core.translation import N_

from ..model.config import WaveConfig
from ..model.own_sounds import OwnWaveNet, OwnWaveNetConfig, kind_conditioning, n_conditioning
from ..model.wavenet import SoundNetwork
from ..signal import RATE_HZ, FloatArray, length_of, levels_of
from .notes_data import lowered
from .objective import Inputs, LevelBatches
from .recipe import SoundMaterial, SoundRecipe
from .samples import sampled_sounds

LOWERED_SHARE: Final = 0.5
"""Of the sounds that are read slower, up to a semitone lower: few sounds become many that are nearly the same."""
MOST_MEASURED: Final = 48
WAVE: Final = WaveConfig(tuple(2**k for k in range(11)), n_conditioning(1), n_waves=0)
TEMPERATURE: Final = 0.8
MIN_FILES: Final = 8
N_SHOWN: Final = 6


@dataclass(frozen=True, eq=False)
class OwnSoundBatches:
    """Draws a sound by number: the same seed and number give the same one, whatever came before.

    Attributes:
        samples: (N, T). labels: (N,) of which kind each is.
    """

    samples: FloatArray
    labels: npt.NDArray[np.int64]
    config: OwnWaveNetConfig
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and no waves (1, T, 0) of a sound, now and then a little lower."""
        random = generator(self.seed, "sounds", step, micro)
        number = int(random.integers(len(self.labels)))
        share, low = random.random(2)
        sound = self.samples[number]
        return self._inputs(lowered(sound, float(low)) if share < LOWERED_SHARE else sound, int(self.labels[number]))

    def each(self) -> list[Inputs]:
        """All sounds as they are, or 48 of them from the first to the last."""
        n = len(self.labels)
        chosen = np.unique(np.linspace(0, n - 1, min(n, MOST_MEASURED)).round().astype(int))
        return [self._inputs(self.samples[number], int(self.labels[number])) for number in chosen.tolist()]

    def _inputs(self, sound: FloatArray, kind: int) -> Inputs:
        levels = torch.from_numpy(levels_of(sound[None], self.config.wave.n_levels)).long()
        told = kind_conditioning(kind, len(sound), self.config)
        numbers, waves = torch.from_numpy(told.numbers[None]), torch.from_numpy(told.waves[None])
        return levels.to(self.device), numbers.to(self.device), waves.to(self.device)


@dataclass(frozen=True)
class OwnSoundsSettings(SoundFolderSettings):
    """The same, and `seconds`: how much of each sound is learnt, from where it begins."""

    seconds: float = param(
        0.512,
        label=N_("Length"),
        unit=N_("s"),
        help=N_("How much of each sound is used, counted from its start; twice as much takes twice as long."),
        low=0.256,
        high=1.024,
        step=0.064,
    )


TRAINING: Final = OwnSoundsSettings(
    n_steps=1500, n_micro=4, learning_rate=2e-3, n_warmup=60, n_decay=1000, weight_decay=1e-3, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class OwnSoundsRecipe(SoundRecipe):
    """Whatever a folder of sounds holds."""

    settings: OwnSoundsSettings
    wave: WaveConfig = WAVE
    needs_folder: bool = True
    invitation: str = N_(
        "Choose or drop a folder of short sounds (WAV, FLAC, OGG, MP3); its subfolders name the kinds of sound."
    )
    licence: ClassVar[str] = N_("Your own sounds; what you may do with them decides what you may do with the model.")
    measured_on: ClassVar[str] = N_("Bits per sample on held-out sounds ({n})")

    def takes_folder(self, path: Path) -> bool:
        """Whether there are enough sounds in a folder, or in that of the file which stands for it."""
        return len(sound_files(path if path.is_dir() else path.parent)) >= MIN_FILES

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how many sounds there are, and of which kinds."""
        sounds = yield from load_sounds(path, length_of(self.settings.seconds), RATE_HZ)
        return FolderFinding(sounds.sentence, sounds.left_out, len(sounds.left_out))

    def material(self, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        """Yield frames while the folder is read."""
        n_samples = length_of(self.settings.seconds)
        sounds = yield from read_sounds(self.settings.data, n_samples, RATE_HZ, self.settings.n_steps)
        config = self._config(sounds)
        batches = {split: OwnSoundBatches(*sounds.part(split), config, self.seed, device) for split in Split}
        facts = (folder_name(self.settings.data), len(sounds.samples), True)
        return SoundMaterial(OwnWaveNet(config), batches, facts, self._about(sounds, config))

    def _config(self, sounds: FolderSounds) -> OwnWaveNetConfig:
        wave = replace(self.wave, n_told=n_conditioning(len(sounds.kinds)))
        return OwnWaveNetConfig(sounds.kinds, wave, sounds.samples.shape[1] // wave.hop)

    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        config = network.config
        kinds = np.linspace(0, len(config.kinds) - 1, N_SHOWN).round().astype(int).tolist()
        told = [kind_conditioning(kind, config.n_samples, config) for kind in kinds]
        return (yield from sampled_sounds(network, told, self.seed, self.temperature))

    def heard(self, network: SoundNetwork, test: LevelBatches) -> Measuring[list[Check]]:
        """Nobody judges a person's own sounds."""
        yield from ()
        return []

    def _about(self, sounds: FolderSounds, config: OwnWaveNetConfig) -> dict[str, Any]:
        n, seconds = len(sounds.samples), config.n_samples / RATE_HZ
        told = N_("Bits per sample are over 256 mu-law levels at temperature 1; knowing nothing costs 8.")
        return {
            "data": N_("{n:,} sounds of your own, {s:.2f} s at 16 kHz").format(n=n, s=seconds),
            "defaults": {"temperature": self.temperature, "seconds": seconds},
            "notes": [told, *([left_out_sentence(sounds.left_out)] if sounds.left_out else [])],
        }


SOUNDS: Final = OwnSoundsRecipe(
    id="autoregressive/sounds",
    title=N_("Your sounds, sample by sample"),
    summary=N_("Learns from a folder of your own short sounds what the next sample may be."),
    task=N_("Makes short sounds like your own, sample by sample, and finishes ones you have begun."),
    minutes=30,
    settings=TRAINING,
    temperature=TEMPERATURE,
    seed=87,
)
