"""How every model of pictures is trained, measured and written; what differs is data in the recipes."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.recipe import Measuring, TrainingRecipe, packing_check
from studio.api.training import Moment, SlowPreview, Split, Training, TrainSettings, Validation, peer_checkpoint
from studio.core.card import Check, write_card
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ...shared.params import MAX_ENDINGS
from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import GatedPixelCNN, PixelNetwork
from ..model.weights import load_pixels, save_pixels
from ..state import grey_levels
from .data import LabelledPictures, PixelBatches
from .evaluation import peer_bits, sampled, usual_range
from .objective import BITS, NextPixel, bits_per_dimension, picture_bits

N_VALIDATION: Final = 200
N_PREVIEW: Final = 8
STRIDE: Final = 8
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True, kw_only=True)
class PixelRecipe(TrainingRecipe[LabelledPictures]):
    """A training of a network of pixels.

    Attributes:
        network: (config, dropout) to the network. config: its sizes.
        n_pictures: in a micro-batch. dropout: while it learns.
        labels: a word for each kind of picture. preview_labels: kinds that are drawn while it learns.
        set_name, sentence: of the data; the sentence has a place {n} for the number of its pictures.
        most_share: bits per dimension that it may need at most, as a share of those of the plain network.
    """

    network: type[PixelNetwork] = GatedPixelCNN
    config: PixelNetworkConfig
    settings: TrainSettings
    n_pictures: int = 16
    dropout: float = 0.1
    labels: tuple[str, ...]
    preview_labels: tuple[int, ...]
    set_name: str
    sentence: str
    has_peer: bool = True
    most_share: float = 1.0
    kind: ClassVar[str] = "pixels"

    @abstractmethod
    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        """What a judge sees in samples, where there is one."""

    def peer_check(self, bits: float, peer: float) -> Check:
        """How the bits per dimension stand to those of the plain network of equal size."""
        name = N_("Bits per dimension on test pictures; the plain PixelCNN, trained as long, needs {peer:.3f}")
        return Check(name.format(peer=peer), bits, self.most_share * peer, False)

    def network_and_objective(self, pictures: LabelledPictures, device: torch.device) -> tuple[PixelNetwork, NextPixel]:
        network = self.network(self.config, self.dropout)  # type: ignore[call-arg]  # all kinds of them take both
        return network, NextPixel(self._batches(pictures, device))

    def _batches(self, pictures: LabelledPictures, device: torch.device) -> PixelBatches:
        return PixelBatches(pictures, self.n_pictures, self.seed, device)

    def preview(self, pictures: LabelledPictures, device: torch.device) -> SlowPreview:
        return SlowPreview(self._preview, PREVIEWS)

    def _preview(self, network: PixelNetwork, step: int) -> Measuring[Moment]:
        """What the averaged weights draw, side by side."""
        labels = [label for label in self.preview_labels for _ in range(N_PREVIEW // len(self.preview_labels))]
        pictures = (yield from sampled(network, labels, self.seed)).numpy()
        grey = np.concatenate(list(grey_levels(pictures, self.config.n_levels)), 1)
        return Moment({"picture": Image(np.ascontiguousarray(grey))})

    def validation(self, pictures: LabelledPictures, device: torch.device) -> Validation:
        return Validation(partial(self._validate, self.data(Split.VALIDATION), device), BITS)

    def _validate(
        self, held_out: LabelledPictures, device: torch.device, network: PixelNetwork
    ) -> Measuring[Mapping[str, float]]:
        """The bits per dimension of held-out pictures."""
        bits = yield from bits_per_dimension(network, held_out, device, N_VALIDATION)
        return {BITS: bits}

    def write(self, out: Path, training: Training, pictures: LabelledPictures) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test pictures for the card."""
        average, device, test = training.average, training.device, self.data(Split.TEST)
        assert isinstance(average, PixelNetwork)
        save_pixels(out, average)
        network = load_pixels(out)
        each = yield from picture_bits(network.to(device), test, device)
        whole = yield from bits_per_dimension(average, test, device)
        bits, name = float(np.mean(each)), N_("Bits per dimension on test pictures")
        loss = packing_check(bits, whole)
        judged = yield from self.judged(network.cpu())
        card = {**self.card(network, training, pictures), "usual_bits": usual_range(each)}
        write_card(out.with_suffix(".json"), card, [Check(name, bits), *judged, loss])
        if self.has_peer:
            batches, checkpoint = self._batches(pictures, device), peer_checkpoint(out)
            peer = yield from peer_bits(
                network, batches, test, training.settings, self.dropout, training.seconds, checkpoint
            )
            write_card(out.with_suffix(".json"), card, [self.peer_check(bits, peer), *judged, loss])

    def card(self, network: PixelNetwork, training: Training, pictures: LabelledPictures) -> dict[str, Any]:
        """What a card says beside the figures."""
        return {
            **self.common_card(
                network,
                [training],
                self.set_name,
                len(pictures),
                pictures.is_full,
                n_pictures=self.n_pictures,
                dropout=self.dropout,
            ),
            "data": self.sentence.format(n=len(pictures)),
            "labels": list(self.labels),
            "defaults": {"n_endings": MAX_ENDINGS, "stride": STRIDE},
            "notes": [N_("Bits per dimension are over {n} levels at temperature 1.").format(n=self.config.n_levels)],
        }
