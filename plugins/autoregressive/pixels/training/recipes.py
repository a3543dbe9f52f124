"""The trainings that make `autoregressive/digits`, `digits-rnn`, `glyphs` and, of a person's folder, `pictures`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch

from studio.api.engine import TrainOptions
from studio.api.own_folder import PictureFolderRecipe, PictureFolderSettings
from studio.api.recipe import Measuring, folder_name
from studio.api.training import (
    FolderPictures,
    Split,
    Training,
    TrainSettings,
    load_judge,
    look_alike_groups,
    read_pictures,
    skipped_sentence,
)
from studio.core.card import Check
from studio.core.character import CHARACTERS
from studio.core.frame import Frame
from studio.core.translation import N_

from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import PixelNetwork
from ..model.row_lstm import RowLSTM
from ..own_picture import grey_levels_of
from .data import GLYPH_LEVELS, GLYPH_PX, LabelledPictures, digit_pictures, glyph_pictures, judged_glyphs
from .evaluation import agreement
from .recipe import PixelRecipe

DIGITS_CONFIG: Final = PixelNetworkConfig(
    size_px=28,
    n_levels=256,
    n_classes=10,
    n_layers=8,
    width=64,
    first_reach_px=7,
    head_width=64,
    n_kind_maps=10,
    skip_width=128,
)
"""Without skips the plain network, whose head sees three times as many maps, needs fewer bits. With a width of 48 the
judge reads one or two of a hundred digits less; deeper networks and dilated layers were no better in 800 steps."""
DIGITS_TRAINING: Final = TrainSettings(
    n_steps=12000, learning_rate=2e-3, n_warmup=200, n_decay=9000, weight_decay=1e-3, keep_best=True
)
N_DIGIT_SAMPLES: Final = 500
LEAST_DIGIT_AGREEMENT: Final = 95.0
DIGITS_GUIDANCE: Final = 2.0
"""Of 1,000 samples, of seeds that no figure is of, the judge read 95.3 % at 1 and 97.2 % at 2."""
N_GLYPH_SAMPLES: Final = 620
LEAST_GLYPH_AGREEMENT: Final = 80.0
OWN_SIZE_PX: Final = 32
OWN_N_LEVELS: Final = 32
OWN_CONFIG: Final = PixelNetworkConfig(
    size_px=OWN_SIZE_PX,
    n_levels=OWN_N_LEVELS,
    n_classes=1,
    n_layers=8,
    width=48,
    first_reach_px=7,
    n_kind_maps=1,
    skip_width=128,
)


OWN_TRAINING: Final = PictureFolderSettings(
    n_steps=3000, learning_rate=2e-3, n_warmup=100, n_decay=2000, weight_decay=1e-3, keep_best=True
)


@dataclass(frozen=True, kw_only=True)
class PixelDigitsRecipe(PixelRecipe):
    """Handwritten digits of 256 levels, the kind given.

    Attributes:
        least_agreement: the share of samples, in percent, that the judge must read as asked.
        guidance: of those samples, and of what a panel draws at first.
    """

    least_agreement: float | None = LEAST_DIGIT_AGREEMENT
    guidance: float = 0.0

    def data(self, split: Split) -> LabelledPictures:
        return digit_pictures(split)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        """What the judge reads, and where samples are guided also what it would read in samples that are not."""
        name = N_("Samples in which the judge reads the digit asked for, % of {n}").format(n=N_DIGIT_SAMPLES)
        plain = yield from self._agreement(network, 0.0)
        if not self.guidance:
            return [Check(name, plain, self.least_agreement)]
        share = yield from self._agreement(network, self.guidance)
        guided = N_("Samples at guidance {guidance:g} in which the judge reads the digit asked for, % of {n}")
        text = guided.format(guidance=self.guidance, n=N_DIGIT_SAMPLES)
        return [Check(text, share, self.least_agreement), Check(name, plain)]

    def _agreement(self, network: PixelNetwork, guidance: float) -> Measuring[float]:
        """In percent."""
        judge = load_judge("digits")
        share = yield from agreement(
            network,
            lambda values: judge.read(values.float() / 255),
            torch.arange(10),
            N_DIGIT_SAMPLES,
            self.seed,
            guidance,
        )
        return 100 * share

    def card(self, network: PixelNetwork, training: Training, pictures: LabelledPictures) -> dict[str, Any]:
        card = super().card(network, training, pictures)
        return {**card, "defaults": {**card["defaults"], "guidance": self.guidance}} if self.guidance else card


DIGITS: Final = PixelDigitsRecipe(
    id="autoregressive/digits",
    title=N_("Digits"),
    summary=N_("Learns from handwritten digits what the next pixel may be, row by row."),
    task=N_("Draws handwritten digits pixel by pixel, and finishes ones you have begun."),
    minutes=140,
    config=DIGITS_CONFIG,
    settings=DIGITS_TRAINING,
    seed=81,
    labels=tuple("0123456789"),
    preview_labels=(3, 8, 5, 2),
    set_name="digits",
    sentence=N_("{n:,} handwritten digits from MNIST, 28 x 28 pixels"),
    guidance=DIGITS_GUIDANCE,
)
DIGITS_RNN: Final = replace(
    DIGITS,
    id="autoregressive/digits-rnn",
    title=N_("Digits, recurrent"),
    summary=N_("Learns the same digits with a network that carries a memory from row to row."),
    task=N_("Draws handwritten digits with a memory that runs down the rows (PixelRNN)."),
    minutes=50,
    network=RowLSTM,
    config=replace(DIGITS_CONFIG, n_layers=5, width=64, skip_width=0),
    settings=replace(DIGITS_TRAINING, n_steps=8000, n_decay=6000),
    n_pictures=8,
    seed=82,
    least_agreement=None,
    guidance=0.0,
    most_share=1.05,
)


@dataclass(frozen=True, kw_only=True)
class PixelGlyphsRecipe(PixelRecipe):
    """Characters of open typefaces as ink of 16 levels."""

    def data(self, split: Split) -> LabelledPictures:
        return glyph_pictures(split)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        judge = load_judge("glyphs")
        share = yield from agreement(
            network, lambda values: judge.read(judged_glyphs(values)), look_alike_groups(), N_GLYPH_SAMPLES, self.seed
        )
        name = N_("Samples in which the judge reads the character asked for, % of {n}").format(n=N_GLYPH_SAMPLES)
        return [Check(name, 100 * share, LEAST_GLYPH_AGREEMENT)]


GLYPHS: Final = PixelGlyphsRecipe(
    id="autoregressive/glyphs",
    title=N_("Letterforms"),
    summary=N_("Learns from hundreds of typefaces how a letter continues, pixel by pixel."),
    task=N_("Draws characters in typefaces that never existed, pixel by pixel, and finishes ones you have begun."),
    minutes=45,
    config=PixelNetworkConfig(
        size_px=GLYPH_PX,
        n_levels=GLYPH_LEVELS,
        n_classes=len(CHARACTERS),
        n_layers=8,
        width=48,
        first_reach_px=9,
        head_width=48,
        n_kind_maps=16,
    ),
    settings=TrainSettings(
        n_steps=4700, learning_rate=2e-3, n_warmup=200, n_decay=4500, weight_decay=1e-3, keep_best=True
    ),
    dropout=0.05,
    seed=83,
    labels=tuple(CHARACTERS),
    preview_labels=tuple(CHARACTERS.index(letter) for letter in "AaRg"),
    set_name="glyphs",
    sentence=N_("{n:,} characters from open typefaces, 32 x 32 pixels in 16 levels of grey"),
    has_peer=False,
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
    summary=N_("Learns from a folder of your own pictures, in grey, what the next pixel may be."),
    task=N_("Draws pictures like your own pixel by pixel, and finishes ones you have begun."),
    minutes=25,
    config=OWN_CONFIG,
    settings=OWN_TRAINING,
    seed=85,
    labels=("",),
    preview_labels=(0,),
    set_name="pictures",
    sentence=N_("{n:,} pictures of your own, 32 x 32 pixels in 32 levels of grey"),
    needs_folder=True,
    has_peer=False,
)
