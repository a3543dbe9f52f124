"""The training that makes a model of a person's own short sounds, `autoregressive/sounds`, and what its card says."""

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
    Moment,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_sounds,
    measuring_frames,
    reading_frames,
    sound_files,
    trained_facts,
)
from studio.core.card import write_card
from studio.core.check import Check
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.text import N_
from studio.core.thinning import LogThinning
from studio.core.view import Audio, Image

from .sound_making import sampled_sounds, sheet_of
from .sound_network import SoundNetwork, on_processor
from .sound_spectrogram import length_of
from .sounds_asking import told_kind
from .sounds_config import OwnWaveNet, SoundsConfig, n_told
from .sounds_data import OwnSoundBatches
from .wave_config import WaveConfig
from .wave_law import RATE_HZ
from .wave_training import BITS, Measuring, NextSample, mean_bits, validated
from .wave_weights import load_sound_network, save_sound_network

WAVE: Final = WaveConfig(tuple(2**k for k in range(11)), n_told(1), n_waves=0)
TEMPERATURE: Final = 0.8
MOST_LOSS: Final = 1.0
MIN_FILES: Final = 8
N_NAMED: Final = 5
N_SHOWN: Final = 6
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True)
class SoundsSettings(TrainSettings):
    """What a person chooses for a model of own sounds.

    Attributes:
        data: the folder of the sounds; those within it count too.
        seconds: how much of each sound is learnt, from where it begins.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your sounds; folders within it count too."))
    seconds: float = param(
        0.512,
        label=N_("Length"),
        unit=N_("s"),
        help=N_("How much of each sound is learnt, from where it begins; twice as much takes twice as long."),
        low=0.256,
        high=1.024,
        step=0.064,
    )


TRAINING: Final = SoundsSettings(
    n_steps=1500, n_micro=4, learning_rate=2e-3, n_warmup=60, n_decay=1000, weight_decay=1e-3, average_decay=0.998,
    keep_best=True,
)  # fmt: skip


@dataclass(frozen=True)
class SoundsRecipe:
    """`autoregressive/sounds`: whatever a folder of sounds holds, sample by sample."""

    id: str = "autoregressive/sounds"
    title: str = N_("Your sounds")
    summary: str = N_("Learns from a folder of your own short sounds what the next sample may be.")
    task: str = N_("Makes short sounds like your own, sample by sample, and goes on with what was begun.")
    minutes: float = 30
    needs_folder: bool = True
    wave: WaveConfig = WAVE
    settings: SoundsSettings = TRAINING
    temperature: float = TEMPERATURE
    seed: int = 87
    invitation: str = N_(
        "Choose or drop a folder with short sounds (WAV, FLAC, OGG); folders within it name their kinds."
    )

    def takes_folder(self, path: Path) -> bool:
        """Whether there are enough sounds in a folder, or in that of the file which stands for it."""
        return len(sound_files(path if path.is_dir() else path.parent)) >= MIN_FILES

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how many sounds there are, and of which kinds."""
        sounds = yield from load_sounds(path, length_of(self.settings.seconds), RATE_HZ)
        named = ", ".join(sounds.kinds[:N_NAMED]) + (" …" if len(sounds.kinds) > N_NAMED else "")
        sentence = N_("{n} sounds to learn from, of the kinds {kinds}.").format(n=len(sounds.samples), kinds=named)
        return FolderFinding(sentence, sounds.left_out, len(sounds.left_out))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then one per micro-batch; then write weights and card."""
        torch.manual_seed(self.seed)
        settings, device = self.settings.chosen(options.settings, options.n_steps), options.device.torch_device
        sounds = yield from self._read(settings)
        config = self._config(sounds)
        batches = {split: OwnSoundBatches(*sounds.part(split), config, self.seed, device) for split in Split}
        training = Training(OwnWaveNet(config), NextSample(batches[Split.TRAIN]), settings, device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(self.preview, PREVIEWS),
            validation=Validation(partial(validated, batches[Split.VALIDATION]), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options.out, training, batches[Split.TEST], sounds))

    def _read(self, settings: SoundsSettings) -> Generator[Frame, None, FolderSounds]:
        if not settings.data:
            raise UserError(
                N_("This model learns from a folder of your own sounds."), N_("Name it with --set data=FOLDER.")
            )
        loading = load_sounds(Path(settings.data).expanduser(), length_of(settings.seconds), RATE_HZ)
        sounds = yield from reading_frames(loading, settings.n_steps)
        if sounds.left_out:
            yield Frame(0, settings.n_steps, _left_out_sentence(sounds.left_out))
        return sounds

    def _config(self, sounds: FolderSounds) -> SoundsConfig:
        wave = replace(self.wave, n_told=n_told(len(sounds.kinds)))
        return SoundsConfig(sounds.kinds, wave, sounds.samples.shape[1] // wave.hop)

    def preview(self, network: OwnWaveNet, step: int) -> Measuring[Moment]:
        """What the averaged weights make: waveforms above spectrograms, and the sounds one after the other."""
        config = network.config
        kinds = np.linspace(0, len(config.kinds) - 1, N_SHOWN).round().astype(int).tolist()
        told = [told_kind(kind, config.n_samples, config) for kind in kinds]
        sounds = yield from sampled_sounds(on_processor(network), told, self.seed, self.temperature)
        return Moment({"picture": Image(sheet_of(sounds)), "sound": Audio(sounds.reshape(-1), RATE_HZ)})

    def write(
        self, out: Path, training: Training, test: OwnSoundBatches, sounds: FolderSounds
    ) -> Measuring[None]:
        """Write the averaged network, then measure what was written on held-out sounds for the card."""
        average = training.average
        assert isinstance(average, OwnWaveNet)
        save_sound_network(out, average)
        network = load_sound_network(out).to(training.device)
        real = test.each()
        written = yield from mean_bits(network, real)
        whole = yield from mean_bits(average, real)
        checks = [
            Check(N_("Bits per sample on held-out sounds ({n})").format(n=len(real)), written, None, False),
            Check(N_("Loss by whole numbers of one byte, %"), 100 * (written / whole - 1), MOST_LOSS, False),
        ]
        write_card(out.with_suffix(".json"), self._card(network, training, sounds), checks)

    def _card(self, network: SoundNetwork, training: Training, sounds: FolderSounds) -> dict[str, Any]:
        settings, n = training.settings, len(sounds.samples)
        assert isinstance(settings, SoundsSettings)
        seconds = network.config.n_samples / RATE_HZ
        told = N_("Bits per sample are of 256 mu-law levels at temperature 1; who knows nothing needs 8.")
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": N_("{n:,} sounds of your own, {s:.2f} s at 16 kHz").format(n=n, s=seconds),
            "licence": N_("Your own sounds; what you may do with the model follows from what you may do with them."),
            "n_params": sum(value.numel() for value in network.parameters()),
            "trained": trained_facts([training], self.seed, is_full=True),
            "kind": "sound",
            "architecture": type(network).__name__,
            "config": asdict(network.config),
            "settings": {name: value for name, value in asdict(settings).items() if name != "data"},
            "data_set": {"name": printable(Path(settings.data).name), "n_items": n, "which": "full"},
            "defaults": {"temperature": self.temperature, "seconds": seconds},
            "notes": [told, *([_left_out_sentence(sounds.left_out)] if sounds.left_out else [])],
        }


def _left_out_sentence(left_out: tuple[str, ...]) -> str:
    """Which sounds were left out and why, the first few by name."""
    named = " ".join(left_out[:N_NAMED]) + (" …" if len(left_out) > N_NAMED else "")
    return N_("Sounds left out: {n:,}. {named}").format(n=len(left_out), named=named)


SOUNDS: Final = SoundsRecipe()
