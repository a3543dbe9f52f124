"""The training that makes `vae/letterforms`, and what its card says."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    Glyphs,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    glyph_ink,
    load_glyphs,
    load_judge,
    look_alike_groups,
)
from studio.core.card import Check
from studio.core.character import CHARACTERS
from studio.core.translation import N_

from ...shared.card import write_card
from ...shared.ink import FIELD_LIMIT_PX, paper
from ...shared.model.vae import STYLE_LETTERS, LetterformsConfig, LetterformsVAE
from ...shared.model.weights import load_model, save_model
from ...shared.training.data import BatchSettings, GlyphBatches
from ...shared.training.evaluation import (
    Reader,
    held_out_overlaps,
    pair_difference,
    random_styles,
    typeface_styles,
)
from ...shared.training.known import tell_known
from ...shared.training.objective import LetterformsLoss, LetterformsObjective
from ...shared.training.recipe import letters_preview, vae_card
from .direction_search import LetterDirections, find_letter_directions

CONFIG: Final = LetterformsConfig()
# Ten typefaces a step, in micro-batches that let previews through; the shipped model took them at once.
BATCHES: Final = BatchSettings(n_typefaces=2)
LOSS: Final = LetterformsLoss()
TRAINING: Final = TrainSettings(
    n_steps=7700, n_micro=5, learning_rate=1e-3, n_warmup=100, n_decay=1500, weight_decay=1e-4
)
N_PRIOR_STYLES: Final = 500
N_VALIDATION: Final = 8
OVERLAP: Final = "overlap"


@dataclass(frozen=True, kw_only=True)
class LetterformsRecipe(TrainingRecipe[Glyphs]):
    """`vae/letterforms`: letter x style, from the typefaces of open font packages."""

    id: str = "vae/letterforms"
    title: str = N_("Letterforms")
    summary: str = N_("Learns the letters of many typefaces; any letter can then be drawn in any style.")
    task: str = N_("Draws any letter in any style, from distance fields that are sharp at every size.")
    minutes: float = 60
    config: LetterformsConfig = CONFIG
    settings: TrainSettings = TRAINING
    batches: BatchSettings = BATCHES
    loss: LetterformsLoss = LOSS
    seed: int = 1

    def data(self, split: Split) -> Glyphs:
        return load_glyphs(split)

    def network_and_objective(
        self, glyphs: Glyphs, device: torch.device
    ) -> tuple[LetterformsVAE, LetterformsObjective]:
        batches = GlyphBatches(glyphs.fields, glyphs.families, self.config.n_latent, self.batches, self.seed, device)
        objective = LetterformsObjective(batches, self.loss)
        return LetterformsVAE(self.config), objective

    def preview(self, glyphs: Glyphs, device: torch.device) -> Preview:
        return partial(letters_preview, seed=self.seed)

    def validation(self, glyphs: Glyphs, device: torch.device) -> Validation:
        measure = partial(self.validate, self.data(Split.VALIDATION))
        return Validation(measure, OVERLAP, is_higher_better=True)

    def validate(self, held_out: Glyphs, model: LetterformsVAE) -> Measuring[Mapping[str, float]]:
        """How well the letters of validation typefaces are drawn in the style read from a few of them."""
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
        n, settings = len(glyphs.names) * len(CHARACTERS), {**asdict(self.batches), **asdict(self.loss)}
        card = vae_card(self, model, training, "glyphs", n, glyphs.is_full, **settings)
        n_families = len(set(glyphs.families))
        card["data_set"] |= {"n_families": n_families, "n_typefaces": len(glyphs.names)}
        card |= {
            "data": N_("{n} typefaces from {families} open families, A to Z, a to z, 0 to 9").format(
                n=len(glyphs.names), families=n_families
            ),
            "notes": [
                N_("Whole families are held out; the style of each is read from the letters {letters}.").format(
                    letters=" ".join(STYLE_LETTERS)
                ),
                N_("The judge metrics/glyphs counts look-alikes such as I, l and 1 as one; its card has the table."),
                N_("A named slider changes what is measured in the drawn letters; one unit is one standard deviation."),
            ],
            "attributes": sliders.attributes,
            "map_extent": float(styles[:, :2].abs().quantile(0.995)),
            "typefaces": [list(pair) for pair in zip(glyphs.names, glyphs.families, strict=True)],
        }
        checks = yield from self.checks(model, glyphs)
        write_card(out.with_suffix(".json"), card, checks, sliders.axes)
        yield from tell_known(out, _on_paper(self.data(Split.VALIDATION).fields, self.seed))

    def checks(self, model: LetterformsVAE, glyphs: Glyphs) -> Measuring[list[Check]]:
        """The held-out figures with what they had to reach; `glyphs` are the training typefaces."""
        test = self.data(Split.TEST)
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
            Check(N_("Letters in random styles that the judge can read, share"), readable, 0.90),
            Check(N_("Variety of random styles, as a share of that of real typefaces"), difference, 0.60),
        ]


def settle_prior(model: LetterformsVAE, glyphs: Glyphs) -> Measuring[None]:
    """Make N(0, I) the distribution of the typefaces' styles, each family counting by the root of its size."""
    sizes = Counter(glyphs.families)
    styles = yield from typeface_styles(model, glyphs.fields)
    model.settle_prior(styles, torch.tensor([sizes[family] ** -0.5 for family in glyphs.families]))


def _on_paper(fields: npt.NDArray[np.int8], seed: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Letters drawn at random from fields (F, C, H, W), dark on white paper, (H, W, 3) each."""
    random = np.random.default_rng(seed)
    while True:
        typeface, letter = random.integers(len(fields)), random.integers(fields.shape[1])
        field = fields[typeface, letter].astype(np.float32) * np.float32(FIELD_LIMIT_PX / 127)
        yield np.repeat(paper(np.clip(field + np.float32(0.5), 0, 1))[..., None], 3, axis=2)


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
