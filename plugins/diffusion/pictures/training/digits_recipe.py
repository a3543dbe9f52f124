"""The training that makes `diffusion/digits`, a class-conditional DDPM (Ho et al. 2020), and what its card says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Digits, SlowPreview, Split, Training, TrainSettings, Validation, load_digits, load_judge
from studio.core.card import Check
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..model.networks import PixelDiffusion, PixelDiffusionConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures, both_likenesses, in_unit, likeness_checks, sampled
from .objective import DiffusionBatches, DiffusionObjective, StoredExamples, held_out_error

NAMES: Final = tuple("0123456789")
CONFIG: Final = PixelDiffusionConfig(
    UNetConfig(
        n_channels=1,
        size_px=28,
        fold=2,
        widths=(48, 80),
        n_blocks=(2, 1),
        self_attention=(0, 1),
        cross_attention=(0, 0),
        embedding_width=128,
        n_classes=10,
    ),
    class_names=NAMES,
)
TRAINING: Final = TrainSettings(n_steps=3000, learning_rate=1e-3, n_warmup=100, n_decay=1000)
DEFAULTS: Final = Defaults(steps=25, guidance=1.5)
N_AGREEMENT: Final = 1000
N_LIKENESS: Final = 2000
FLOOR: Final = 0.97
LEAST_RECALL: Final = 0.6
N_COLUMNS: Final = 10


@dataclass(frozen=True, kw_only=True)
class DiffusionDigitsRecipe(TrainingRecipe[Digits]):
    """`diffusion/digits`: handwritten digits, asked for by their class."""

    id: str = "diffusion/digits"
    title: str = N_("Digits")
    summary: str = N_("Learns to make handwritten digits out of noise; you say which one.")
    task: str = N_("Makes the handwritten digit you ask for out of noise.")
    minutes: float = 12
    config: PixelDiffusionConfig = CONFIG
    settings: TrainSettings = TRAINING
    defaults: Defaults = DEFAULTS
    n_pictures: int = 48
    n_agreement: int = N_AGREEMENT
    n_likeness: int = N_LIKENESS
    seed: int = 51

    def data(self, split: Split) -> Digits:
        return load_digits(split)

    def network_and_objective(self, data: Digits, device: torch.device) -> tuple[PixelDiffusion, DiffusionObjective]:
        objective = DiffusionObjective(self.batches(data, device))
        return PixelDiffusion(self.config), objective

    def batches(self, digits: Digits, device: torch.device) -> DiffusionBatches:
        """Batches of some digits with their classes."""
        examples = StoredExamples(torch.from_numpy(digits.pictures)[:, None], torch.from_numpy(digits.labels))
        return DiffusionBatches(examples, self.config, self.n_pictures, self.seed, device)

    def preview(self, data: Digits, device: torch.device) -> SlowPreview:
        """One sample of each class, of fixed seeds."""
        return SamplePreview(wanted(N_COLUMNS, self.seed), N_COLUMNS, Guidance(self.defaults.guidance)).slow

    def validation(self, data: Digits, device: torch.device) -> Validation:
        return held_out_error(self.batches(self.data(Split.VALIDATION), device))

    def write(self, out: Path, training: Training, data: Digits) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)
        card = {
            **self.common_card(
                network, [training], "digits", len(data.labels), data.is_full, n_pictures=self.n_pictures
            ),
            "data": N_("{n:,} handwritten digits from MNIST, 28 x 28 pixels").format(n=len(data.labels)),
            "notes": [
                N_("Samples use the seeds 0, 1, 2 … and DDIM, with the same number for each class."),
                N_("Similarity is measured against the test pictures, plus some from the validation set."),
            ],
            "examples": list("7320948516"),
            "words": {},
            "classes": list(NAMES),
            "n_pictures": len(data.labels),
        }
        checks = yield from self.checks(network)
        write_card(out.with_suffix(".json"), card, checks, self.defaults)

    def checks(self, network: PixelDiffusion) -> Measuring[list[Check]]:
        """The figures with what they had to reach, at the panel's defaults."""
        judge, n = load_judge("digits"), max(self.n_agreement, self.n_likeness)
        asked = wanted(n)
        guidance = Guidance(self.defaults.guidance)
        x0 = yield from sampled(network, asked, self.defaults.steps, guidance)
        pictures = in_unit(x0)[:, 0]  # (N, 28, 28)
        assert asked.classes is not None
        agreement = float((judge.read(pictures) == asked.classes)[: self.n_agreement].float().mean())
        real, drawn = unseen_pictures(self.n_likeness), pictures[: self.n_likeness]
        seen, unbiased = both_likenesses(judge, real, drawn)
        title = N_("Judge agrees with the class asked for, share of {n:,}").format(n=self.n_agreement)
        return [Check(title, agreement, FLOOR), *likeness_checks(seen, unbiased, LEAST_RECALL)]


def wanted(n: int, first_seed: int = 0) -> WantedPictures:
    """n samples of consecutive seeds, of each class in turn."""
    return WantedPictures(range(first_seed, first_seed + n), torch.arange(n) % len(NAMES))


def unseen_pictures(n: int) -> Tensor:
    """At most n pictures (N, 28, 28) in [0, 1] that were never learnt from, those of the test first."""
    parts: list[Any] = [load_digits(split).pictures for split in (Split.TEST, Split.VALIDATION)]
    return torch.cat([torch.from_numpy(part) for part in parts])[:n].float() / 255
