"""How every model of sounds is trained, measured and written; what differs is in the recipes."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.engine import TrainOptions
from studio.api.training import (
    Moment,
    SlowPreview,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    measuring_frames,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Audio, Image

from ...shared.training.card import common_card
from ..model.wavenet import SoundNetwork, on_processor
from ..model.weights import load_sound_network, save_sound_network
from ..signal import RATE_HZ, FloatArray
from .objective import BITS, LevelBatches, Measuring, NextSampleObjective, mean_bits, validated
from .samples import sheet_of

MOST_LOSS: Final = 1.0
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True, eq=False)
class SoundMaterial:
    """What a training of sounds is made of.

    Attributes:
        network: not yet trained. batches: the sounds of each part.
        about: what a card says of them: data, data_set, defaults and notes.
        is_full: False for a small set that the program brings along.
    """

    network: SoundNetwork
    batches: Mapping[Split, LevelBatches]
    about: Mapping[str, Any]
    is_full: bool = True


@dataclass(frozen=True, kw_only=True)
class SoundRecipe(ABC):
    """A training of a network of sounds.

    Attributes:
        temperature: at which sounds are made. measured_on: the name of the bits of the test part.
        is_disturbed: whether some of the sounds are heard otherwise than they should be (`objective`).
    """

    id: str
    title: str
    summary: str
    task: str
    minutes: float
    settings: TrainSettings
    temperature: float
    seed: int
    needs_folder: bool = False
    is_disturbed: bool = False
    licence: ClassVar[str] = "MIT"
    measured_on: ClassVar[str]

    @abstractmethod
    def material(self, settings: TrainSettings, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        """Read the sounds and make the network; yields frames where that takes long."""

    @abstractmethod
    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        """Sounds (N, T) that are heard and seen while it learns."""

    @abstractmethod
    def heard(self, network: SoundNetwork, test: LevelBatches) -> Measuring[list[Check]]:
        """What is heard in sounds that the network makes, asked for as those of the test part are."""

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        settings, device = self.settings.chosen(options.settings, options.n_steps), options.device.torch_device
        material = yield from self.material(settings, device)
        seed = self.seed if self.is_disturbed else None
        objective = NextSampleObjective(material.batches[Split.TRAIN], seed, self.temperature)
        training = Training(material.network, objective, settings, device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(self.preview, PREVIEWS),
            validation=Validation(partial(validated, material.batches[Split.VALIDATION]), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options.out, training, material))

    def preview(self, network: SoundNetwork, step: int) -> Measuring[Moment]:
        """What the averaged weights make: waveforms above spectrograms, and the sounds one after the other."""
        sounds = yield from self.shown(on_processor(network))
        return Moment({"picture": Image(sheet_of(sounds)), "sound": Audio(sounds.reshape(-1), RATE_HZ)})

    def write(self, out: Path, training: Training, material: SoundMaterial) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test part for the card."""
        average, real = training.average, material.batches[Split.TEST].each()
        assert isinstance(average, SoundNetwork)
        save_sound_network(out, average)
        network = load_sound_network(out)
        written = yield from mean_bits(network.to(training.device), real)
        whole = yield from mean_bits(average, real)
        heard = yield from self.heard(network.cpu(), material.batches[Split.TEST])
        bits = Check(self.measured_on.format(n=len(real)), written, None, False)
        loss = Check(N_("Loss by whole numbers of one byte, %"), 100 * (written / whole - 1), MOST_LOSS, False)
        write_card(out.with_suffix(".json"), self.card(network, training, material), [bits, *heard, loss])

    def card(self, network: SoundNetwork, training: Training, material: SoundMaterial) -> dict[str, Any]:
        """What a card says beside the figures."""
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            **common_card(network, training, self.seed, material.is_full, "sound"),
            "licence": self.licence,
            "settings": asdict(training.settings),
            **material.about,
        }
