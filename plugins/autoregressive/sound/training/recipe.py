"""How every model of sounds is trained, measured and written; what differs is in the recipes."""

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Moment, SlowPreview, Split, Training, TrainSettings, Validation
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.view import Audio, Image

from ..model.wavenet import SoundNetwork, on_processor
from ..model.weights import load_sound_network, save_sound_network
from ..signal import RATE_HZ, FloatArray
from .objective import BITS, LevelBatches, NextSampleObjective, mean_bits, validated
from .samples import sheet_of

PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True, eq=False)
class SoundMaterial:
    """What a training of sounds is made of.

    Attributes:
        network: not yet trained. batches: the sounds of each part.
        learnt: name of the data set, how many sounds are learnt from, and whether it is the full set.
        about: what a card says of them: data, defaults and notes.
    """

    network: SoundNetwork
    batches: Mapping[Split, LevelBatches]
    learnt: tuple[str, int, bool]
    about: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SoundRecipe(TrainingRecipe[SoundMaterial]):
    """A training of a network of sounds.

    Attributes:
        temperature: at which sounds are made. measured_on: the name of the bits of the test part.
        is_disturbed: whether some of the sounds are heard otherwise than they should be (`objective`).
    """

    settings: TrainSettings
    temperature: float
    is_disturbed: bool = False
    kind: ClassVar[str] = "sound"
    measured_on: ClassVar[str]

    @abstractmethod
    def material(self, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        """Read the sounds and make the network; yields frames where that takes long."""

    @abstractmethod
    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        """Sounds (N, T) that are heard and seen while it learns."""

    @abstractmethod
    def heard(self, network: SoundNetwork, test: LevelBatches) -> Measuring[list[Check]]:
        """What is heard in sounds that the network makes, asked for as those of the test part are."""

    def read(self, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        torch.manual_seed(self.seed)  # for the network in it
        return (yield from self.material(device))

    def network_and_objective(
        self, material: SoundMaterial, device: torch.device
    ) -> tuple[SoundNetwork, NextSampleObjective]:
        seed = self.seed if self.is_disturbed else None
        return material.network, NextSampleObjective(material.batches[Split.TRAIN], seed, self.temperature)

    def validation(self, material: SoundMaterial, device: torch.device) -> Validation:
        return Validation(partial(validated, material.batches[Split.VALIDATION]), BITS)

    def preview(self, material: SoundMaterial, device: torch.device) -> SlowPreview:
        return SlowPreview(self._preview, PREVIEWS)

    def _preview(self, network: SoundNetwork, step: int) -> Measuring[Moment]:
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
        card = self.common_card(network, [training], *material.learnt) | dict(material.about)
        write_card(out.with_suffix(".json"), card, [bits, *heard, packing_check(written, whole)])
