"""The training that makes `autoregressive/glyphs`: letterforms of 32 pixels, the character given."""

from dataclasses import dataclass
from typing import Final

from studio.api.training import Split, TrainSettings, load_judge, look_alike_groups
from studio.core.character import CHARACTERS
from studio.core.check import Check
from studio.core.text import N_

from .pixel_config import PixelConfig
from .pixel_data import GLYPH_LEVELS, GLYPH_PX, LabelledPictures, glyph_pictures, judged_glyphs
from .pixel_evaluation import agreement
from .pixel_model import GatedPixelCNN
from .pixel_network import PixelNetwork
from .pixel_recipe import PixelRecipe
from .pixel_training import Measuring

N_SAMPLES: Final = 620
LEAST_AGREEMENT: Final = 80.0


@dataclass(frozen=True, kw_only=True)
class GlyphsRecipe(PixelRecipe):
    """Characters of open typefaces as ink of 16 levels."""

    def pictures(self, split: Split) -> LabelledPictures:
        return glyph_pictures(split)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        judge = load_judge("glyphs")
        share = yield from agreement(
            network, lambda values: judge.read(judged_glyphs(values)), look_alike_groups(), N_SAMPLES, self.seed
        )
        name = N_("Samples in which the judge reads the character asked for, % of {n}").format(n=N_SAMPLES)
        return [Check(name, 100 * share, LEAST_AGREEMENT)]


GLYPHS: Final = GlyphsRecipe(
    id="autoregressive/glyphs",
    title=N_("Letterforms"),
    summary=N_("Learns from hundreds of typefaces how a letter goes on, pixel by pixel."),
    task=N_("Draws a character in a typeface that never was, pixel by pixel, and finishes what was begun."),
    minutes=45,
    network=GatedPixelCNN,
    config=PixelConfig(
        size_px=GLYPH_PX, n_levels=GLYPH_LEVELS, n_classes=len(CHARACTERS), n_layers=8, width=48, first_reach_px=9,
        head_width=48, n_kind_maps=16,
    ),
    settings=TrainSettings(
        n_steps=4700,
        n_micro=1,
        learning_rate=2e-3,
        n_warmup=200,
        n_decay=4500,
        weight_decay=1e-3,
        average_decay=0.998,
        keep_best=True,
    ),
    n_pictures=16,
    dropout=0.05,
    seed=83,
    labels=tuple(CHARACTERS),
    preview_labels=tuple(CHARACTERS.index(letter) for letter in "AaRg"),
    set_name="glyphs",
    sentence=N_("{n:,} characters of open typefaces, 32 x 32 pixels of 16 levels"),
    has_peer=False,
)  # fmt: skip
