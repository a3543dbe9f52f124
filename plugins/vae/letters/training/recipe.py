"""The training that makes `vae/letterforms`, and what its card says."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    Glyphs,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    glyph_ink,
    load_glyphs,
    load_judge,
    look_alike_groups,
    measuring_frames,
    which_set,
)
from studio.core.card import Check
from studio.core.character import CHARACTERS
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import View

from ...shared.card import write_card
from ...shared.model.vae import STYLE_LETTERS, LetterformsConfig, LetterformsVAE
from ...shared.model.weights import load_model, save_model
from ...shared.training.data import BatchSettings, GlyphBatches
from ...shared.training.evaluation import (
    Measuring,
    Reader,
    held_out_overlaps,
    pair_difference,
    random_styles,
    typeface_styles,
)
from ...shared.training.objective import LetterformsLoss, LetterformsObjective
from ...shared.training.recipe import common_card, letters_preview
from .direction_search import LetterDirections, find_letter_directions

CONFIG: Final = LetterformsConfig()
# Ten typefaces a step, in micro-batches that let previews through; the shipped model took them at once.
BATCHES: Final = BatchSettings(n_typefaces=2)
LOSS: Final = LetterformsLoss()
TRAINING: Final = TrainSettings(
    n_steps=7700, n_micro=5, learning_rate=1e-3, n_warmup=100, n_decay=1500, weight_decay=1e-4, average_decay=0.998
)
N_PRIOR_STYLES: Final = 500
N_VALIDATION: Final = 8
OVERLAP: Final = "overlap"


@dataclass(frozen=True)
class LetterformsRecipe:
    """`vae/letterforms`: letter x style, from the typefaces of open font packages."""

    id: str = "vae/letterforms"
    title: str = N_("Letterforms")
    summary: str = N_("Learns the letters of many typefaces; any letter can then be drawn in any style.")
    minutes: float = 60
    needs_folder: bool = False
    config: LetterformsConfig = CONFIG
    settings: TrainSettings = TRAINING
    batches: BatchSettings = BATCHES
    loss: LetterformsLoss = LOSS
    seed: int = 1

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        glyphs = load_glyphs(Split.TRAIN)
        training = self.training(glyphs, options)
        measure = partial(self.validate, load_glyphs(Split.VALIDATION))
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=self.preview,
            validation=Validation(measure, OVERLAP, is_higher_better=True),
        )
        yield from measuring_frames(training.settings.n_steps, self.write(options.out, training, glyphs))

    def training(self, glyphs: Glyphs, options: TrainOptions) -> Training:
        """The training before its first step."""
        device = options.device.torch_device
        batches = GlyphBatches(glyphs.fields, glyphs.families, self.config.n_latent, self.batches, self.seed, device)
        objective = LetterformsObjective(batches, self.loss)
        settings = self.settings.chosen(options.settings, options.n_steps)
        return Training(LetterformsVAE(self.config), objective, settings, device)

    def preview(self, model: nn.Module) -> Mapping[str, View]:
        """What the averaged weights draw."""
        assert isinstance(model, LetterformsVAE)
        return letters_preview(model, self.seed)

    def validate(self, held_out: Glyphs, model: nn.Module) -> Measuring[Mapping[str, float]]:
        """How well the letters of validation typefaces are drawn in the style read from a few of them."""
        assert isinstance(model, LetterformsVAE)
        overlaps = yield from held_out_overlaps(model, held_out.fields[:N_VALIDATION])
        return {OVERLAP: float(overlaps.median())}

    def write(self, out: Path, training: Training, glyphs: Glyphs) -> Measuring[None]:
        """Write the averaged network with its prior settled, then measure what was written for the card."""
        average = training.average.cpu()
        assert isinstance(average, LetterformsVAE)
        yield from settle_prior(average, glyphs)
        styles = yield from typeface_styles(average, glyphs.fields)
        sliders = yield from find_letter_directions(average, styles, self.seed)
        save_model(out, average, _arrays(styles, sliders))
        model = load_model(out)
        assert isinstance(model, LetterformsVAE)
        card = {**self._texts(glyphs), **common_card(model, training, self.seed, glyphs.is_full)}
        card |= {
            "settings": {**asdict(training.settings), **asdict(self.batches), **asdict(self.loss)},
            "attributes": sliders.attributes,
            "map_extent": float(styles[:, :2].abs().quantile(0.995)),
            "typefaces": [list(pair) for pair in zip(glyphs.names, glyphs.families, strict=True)],
        }
        checks = yield from self.checks(model, glyphs)
        write_card(out.with_suffix(".json"), card, checks, sliders.axes)

    def _texts(self, glyphs: Glyphs) -> dict[str, Any]:
        n_families = len(set(glyphs.families))
        return {
            "id": self.id,
            "title": self.title,
            "task": N_("Draws any letter in any style, from distance fields that are sharp at every size."),
            "data": N_("{n} typefaces of {families} open families, A to Z, a to z, 0 to 9").format(
                n=len(glyphs.names), families=n_families
            ),
            "data_set": {
                "name": "glyphs",
                "n_families": n_families,
                "n_typefaces": len(glyphs.names),
                "n_items": len(glyphs.names) * len(CHARACTERS),
                "which": which_set(glyphs.is_full),
            },
            "notes": [
                N_("Whole families are held out; the style of each is read from the letters {letters}.").format(
                    letters=" ".join(STYLE_LETTERS)
                ),
                N_("The judge metrics/glyphs counts look-alikes such as I, l and 1 as one; its card has the table."),
                N_("A named slider moves what is measured of the drawn letters; one unit is one standard deviation."),
            ],
        }

    def checks(self, model: LetterformsVAE, glyphs: Glyphs) -> Measuring[list[Check]]:
        """The held-out figures with what they had to reach; `glyphs` are the training typefaces."""
        test = load_glyphs(Split.TEST)
        overlaps = yield from held_out_overlaps(model, test.fields)
        readable, difference = yield from random_styles(
            model, letter_reader(), look_alike_groups(), N_PRIOR_STYLES, self.seed + 1
        )
        difference /= pair_difference(glyphs.fields, self.seed)
        n_families = len(set(test.families))
        return [
            Check(
                N_("Overlap with {n} held-out families, median share").format(n=n_families),
                float(overlaps.median()),
                0.68,
            ),
            Check(N_("Letters of random styles that the judge reads, share"), readable, 0.90),
            Check(N_("Variety of random styles, share of that of real typefaces"), difference, 0.60),
        ]


def settle_prior(model: LetterformsVAE, glyphs: Glyphs) -> Measuring[None]:
    """Make N(0, I) the distribution of the typefaces' styles, each family counting by the root of its size."""
    sizes = Counter(glyphs.families)
    styles = yield from typeface_styles(model, glyphs.fields)
    model.settle_prior(styles, torch.tensor([sizes[family] ** -0.5 for family in glyphs.families]))


def letter_reader() -> Reader:
    """What the glyph judge reads, (B,), in fields (B, 64, 64) in pixels."""
    judge = load_judge("glyphs")
    return lambda fields: judge.read(glyph_ink(fields))


def _arrays(styles: Tensor, sliders: LetterDirections) -> dict[str, Tensor]:
    """What the panel reads; the map is spanned by the first two principal components, which are the first two axes."""
    basis = torch.eye(styles.shape[1])[:2]  # (2, Z)
    return {
        "directions": sliders.directions,
        "readings": sliders.readings,
        "styles": styles.half(),
        "map": styles @ basis.T,
        "map_basis": basis,
        "map_mean": torch.zeros(styles.shape[1]),
    }
