"""The training that makes a model of a person's own pictures, `autoregressive/pictures`: grey, 32 x 32 pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.api.engine import TrainOptions
from studio.api.own_folder import PictureFolderRecipe, PictureFolderSettings
from studio.api.recipe import Measuring, folder_name
from studio.api.training import FolderPictures, Split, Training, read_pictures, skipped_sentence
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.translation import N_

from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import GatedPixelCNN, PixelNetwork
from ..own_picture import grey_levels_of
from .data import LabelledPictures
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


TRAINING: Final = PictureFolderSettings(
    n_steps=3000, learning_rate=2e-3, n_warmup=100, n_decay=2000, weight_decay=1e-3, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class OwnPixelsRecipe(PictureFolderRecipe, PixelRecipe):
    """Whatever a folder of pictures shows."""

    settings: PictureFolderSettings
    folder: FolderPictures | None = None

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then as every training of pictures does."""
        chosen = self.chosen(options)
        settings, size_px = chosen.settings, self.config.size_px
        folder = yield from read_pictures(settings.data, size_px, settings.framing, settings.n_steps)
        yield from super(OwnPixelsRecipe, replace(chosen, folder=folder)).train(options)

    def data(self, split: Split) -> LabelledPictures:
        assert self.folder is not None
        levels = grey_levels_of(self.folder.part(split), self.config.n_levels)
        return LabelledPictures(levels, np.zeros(len(levels), np.int64), is_full=True)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        yield from ()
        return []

    def card(self, network: PixelNetwork, training: Training, pictures: LabelledPictures) -> dict[str, Any]:
        assert self.folder is not None
        card, n = super().card(network, training, pictures), len(self.folder.pictures)
        return {
            **card,
            "data": self.sentence.format(n=n),
            "data_set": {**card["data_set"], "name": folder_name(self.settings.data), "n_items": n},
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
