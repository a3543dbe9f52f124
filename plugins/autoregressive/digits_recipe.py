"""The training that makes `autoregressive/digits`, and what it is held to."""

from dataclasses import dataclass
from typing import Final

import torch

from studio.api.training import Split, TrainSettings, load_judge
from studio.core.check import Check
from studio.core.text import N_

from .pixel_config import PixelConfig
from .pixel_data import LabelledPictures, digit_pictures
from .pixel_evaluation import agreement
from .pixel_model import GatedPixelCNN
from .pixel_network import PixelNetwork
from .pixel_recipe import PixelRecipe
from .pixel_training import Measuring

CONFIG: Final = PixelConfig(
    size_px=28, n_levels=256, n_classes=10, n_layers=8, width=48, first_reach_px=7, head_width=64, n_kind_maps=10
)
TRAINING: Final = TrainSettings(
    n_steps=8000,
    n_micro=1,
    learning_rate=2e-3,
    n_warmup=200,
    n_decay=6000,
    weight_decay=1e-3,
    average_decay=0.998,
    keep_best=True,
)
N_SAMPLES: Final = 500
LEAST_AGREEMENT: Final = 95.0


@dataclass(frozen=True, kw_only=True)
class DigitsRecipe(PixelRecipe):
    """Handwritten digits of 256 levels, the kind given."""

    least_agreement: float | None = LEAST_AGREEMENT

    def pictures(self, split: Split) -> LabelledPictures:
        return digit_pictures(split)

    def judged(self, network: PixelNetwork) -> Measuring[list[Check]]:
        judge = load_judge("digits")
        share = yield from agreement(
            network, lambda values: judge.read(values.float() / 255), torch.arange(10), N_SAMPLES, self.seed
        )
        name = N_("Samples in which the judge reads the digit asked for, % of {n}").format(n=N_SAMPLES)
        return [Check(name, 100 * share, self.least_agreement)]


DIGITS: Final = DigitsRecipe(
    id="autoregressive/digits",
    title=N_("Digits"),
    summary=N_("Learns from handwritten digits what the next pixel may be, row by row."),
    task=N_("Draws handwritten digits pixel by pixel, and finishes what was begun."),
    minutes=120,
    network=GatedPixelCNN,
    config=CONFIG,
    settings=TRAINING,
    n_pictures=16,
    dropout=0.1,
    seed=81,
    labels=tuple("0123456789"),
    preview_labels=(3, 8, 5, 2),
    set_name="digits",
    sentence=N_("{n:,} handwritten digits of MNIST, 28 x 28 pixels"),
)
