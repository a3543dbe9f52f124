"""How every model of pictures is trained, measured and written; what differs is data in the recipes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import torch
from torch import nn

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
    peer_checkpoint,
    which_set,
)
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ...shared.params import MAX_ENDINGS
from ...shared.training.card import common_card
from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import PixelNetwork
from ..model.weights import load_pixels, save_pixels
from ..state import grey_levels
from .data import LabelledPictures, PixelBatches
from .evaluation import peer_bits, sampled, usual_range
from .objective import BITS, Measuring, NextPixel, bits_per_dimension, picture_bits

MOST_LOSS: Final = 1.0
N_VALIDATION: Final = 200
N_PREVIEW: Final = 8
STRIDE: Final = 8
PREVIEWS: Final = LogThinning(dense=2, growth=1.6)


@dataclass(frozen=True, kw_only=True)
class PixelRecipe(ABC):
    """A training of a network of pixels.

    Attributes:
        network: (config, dropout) to the network. config: its sizes.
        n_pictures: in a micro-batch. dropout: while it learns.
        labels: a word for each kind of picture. preview_labels: kinds that are drawn while it learns.
        set_name, sentence: of the data; the sentence has a place {n} for the number of its pictures.
        most_share: bits per dimension that it may need at most, as a share of those of the plain network.
    """

    id: str
    title: str
    summary: str
    task: str
    minutes: float
    network: type[PixelNetwork]
    config: PixelNetworkConfig
    settings: TrainSettings
    n_pictures: int
    dropout: float
    seed: int
    labels: tuple[str, ...]
    preview_labels: tuple[int, ...]
    set_name: str
    sentence: str
    needs_folder: bool = False
    has_peer: bool = True
    most_share: float = 1.0

    @abstractmethod
    def pictures(self, split: Split) -> LabelledPictures:
        """What is learnt from and measured on."""

    @abstractmethod
    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        """What a judge sees in samples, where there is one."""

    def peer_check(self, bits: float, peer: float) -> Check:
        """How the bits per dimension stand to those of the plain network of equal size."""
        name = N_("Bits per dimension on test pictures; the plain PixelCNN, as long, needs {peer:.3f}")
        return Check(name.format(peer=peer), bits, self.most_share * peer, False)

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        pictures, device = self.pictures(Split.TRAIN), options.device.torch_device
        batches = PixelBatches(pictures, self.n_pictures, self.seed, device)
        settings = self.settings.chosen(options.settings, options.n_steps)
        network = self.network(self.config, self.dropout)  # type: ignore[call-arg]  # all kinds of them take both
        training = Training(network, NextPixel(batches), settings, device)
        if not options.is_resumed:
            peer_checkpoint(options.out).unlink(missing_ok=True)  # an earlier training's peer is none of this one's
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=SlowPreview(self.preview, PREVIEWS),
            validation=Validation(partial(self.validate, self.pictures(Split.VALIDATION), device), BITS),
        )
        yield from measuring_frames(settings.n_steps, self.write(options, training, batches))

    def preview(self, network: PixelNetwork, step: int) -> Measuring[Moment]:
        """What the averaged weights draw, side by side."""
        labels = [label for label in self.preview_labels for _ in range(N_PREVIEW // len(self.preview_labels))]
        pictures = (yield from sampled(network, labels, self.seed)).numpy()
        grey = np.concatenate(list(grey_levels(pictures, self.config.n_levels)), 1)
        return Moment({"picture": Image(np.ascontiguousarray(grey))})

    def validate(
        self, held_out: LabelledPictures, device: torch.device, network: nn.Module
    ) -> Measuring[Mapping[str, float]]:
        """The bits per dimension of held-out pictures."""
        bits = yield from bits_per_dimension(network, held_out, device, N_VALIDATION)
        return {BITS: bits}

    def write(self, options: TrainOptions, training: Training, batches: PixelBatches) -> Measuring[None]:
        """Write the averaged network, then measure what was written on test pictures for the card."""
        average, path, test = training.average, options.out, self.pictures(Split.TEST)
        assert isinstance(average, PixelNetwork)
        save_pixels(path, average)
        network = load_pixels(path)
        each = yield from picture_bits(network.to(batches.device), test, batches.device)
        whole = yield from bits_per_dimension(average, test, batches.device)
        bits, name = float(np.mean(each)), N_("Bits per dimension on test pictures")
        loss = Check(N_("Loss by whole numbers of one byte, %"), 100 * (bits / whole - 1), MOST_LOSS, False)
        judged = yield from self.judged(network.cpu())
        card = {**self.card(network, training, batches.pictures), "usual_bits": usual_range(each)}
        write_card(path.with_suffix(".json"), card, [Check(name, bits), *judged, loss])
        if self.has_peer:
            checkpoint = peer_checkpoint(path)
            peer = yield from peer_bits(
                network, batches, test, training.settings, self.dropout, training.seconds, checkpoint
            )
            write_card(path.with_suffix(".json"), card, [self.peer_check(bits, peer), *judged, loss])

    def card(self, network: PixelNetwork, training: Training, pictures: LabelledPictures) -> dict[str, Any]:
        """What a card says beside the figures."""
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": self.sentence.format(n=len(pictures)),
            **common_card(network, training, self.seed, pictures.is_full, "pixels"),
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures, "dropout": self.dropout},
            "data_set": {"name": self.set_name, "n_items": len(pictures), "which": which_set(pictures.is_full)},
            "labels": list(self.labels),
            "defaults": {"n_endings": MAX_ENDINGS, "stride": STRIDE},
            "notes": [N_("Bits per dimension are of {n} levels at temperature 1.").format(n=self.config.n_levels)],
        }
