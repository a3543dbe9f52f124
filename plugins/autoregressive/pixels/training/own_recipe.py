"""The training that makes a model of a person's own pictures, `autoregressive/pictures`: grey, 32 x 32 pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import TrainOptions
from studio.api.training import FolderPictures, Split, Training, TrainSettings, read_pictures, skipped_sentence
from studio.core.card import Check
from studio.core.container.source import printable
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.translation import N_

from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import GatedPixelCNN, PixelNetwork
from ..own_picture import grey_levels_of
from .data import LabelledPictures
from .objective import Measuring
from .recipe import PixelRecipe

SIZE_PX: Final = 32
N_LEVELS: Final = 32
CONFIG: Final = PixelNetworkConfig(
    size_px=SIZE_PX,
    n_levels=N_LEVELS,
    n_classes=1,
    n_layers=8,
    width=48,
    first_reach_px=7,
    n_kind_maps=1,
    skip_width=128,
)


@dataclass(frozen=True)
class OwnPixelsSettings(TrainSettings):
    """What a person chooses for a model of own pictures.

    Attributes:
        data: the folder of the pictures; those within it count too.
        framing: the middle of each picture, or all of it on white.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your pictures; folders within it count too."))
    framing: str = param(
        "crop",
        label=N_("Square"),
        help=N_("How a picture becomes a square: its middle (crop), or all of it on white (fit)."),
        choices=("crop", "fit"),
    )


TRAINING: Final = OwnPixelsSettings(
    n_steps=3000,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=2000,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)


@dataclass(frozen=True, kw_only=True)
class OwnPixelsRecipe(PixelRecipe):
    """Whatever a folder of pictures shows."""

    folder: FolderPictures | None = None

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then as every training of pictures does."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        assert isinstance(settings, OwnPixelsSettings)
        folder = yield from read_pictures(settings.data, self.config.size_px, settings.framing, settings.n_steps)
        yield from super(OwnPixelsRecipe, replace(self, folder=folder)).train(options)

    def pictures(self, split: Split) -> LabelledPictures:
        assert self.folder is not None
        levels = grey_levels_of(self.folder.part(split), self.config.n_levels)
        return LabelledPictures(levels, np.zeros(len(levels), np.int64), is_full=True)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        yield from ()
        return []

    def card(self, network: PixelNetwork, training: Training, pictures: LabelledPictures) -> dict[str, Any]:
        assert self.folder is not None
        card = super().card(network, training, pictures)
        settings = training.settings
        assert isinstance(settings, OwnPixelsSettings)
        n = len(self.folder.pictures)
        card["settings"].pop("data")  # where a person's files lie is nobody's business
        return {
            **card,
            "licence": N_("Your own pictures; what you may do with the model follows from what you may do with them."),
            "data": self.sentence.format(n=n),
            "data_set": {"name": printable(Path(settings.data).name), "n_items": n, "which": "full"},
            "notes": [*card["notes"], skipped_sentence(self.folder)],
        }


PICTURES: Final = OwnPixelsRecipe(
    id="autoregressive/pictures",
    title=N_("Your pictures"),
    summary=N_("Learns from a folder of your own pictures what the next pixel may be, in grey."),
    task=N_("Draws pictures like your own pixel by pixel, and finishes what was begun."),
    minutes=25,
    network=GatedPixelCNN,
    config=CONFIG,
    settings=TRAINING,
    n_pictures=16,
    dropout=0.1,
    seed=85,
    labels=("",),
    preview_labels=(0,),
    set_name="pictures",
    sentence=N_("{n:,} pictures of your own, 32 x 32 pixels of 32 levels of grey"),
    needs_folder=True,
    has_peer=False,
)
