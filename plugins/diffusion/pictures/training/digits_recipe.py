"""The training that makes `diffusion/digits`, a class-conditional DDPM (Ho et al. 2020), and what its card says."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    Digits,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_digits,
    load_judge,
    measuring_frames,
    which_set,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, Measuring, common_card, write_card
from ...shared.weights import load_network, save_model
from ..model.networks import PixelDiffusion, PixelDiffusionConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures, both_likenesses, in_unit, likeness_checks, sampled
from .objective import DiffusionBatches, DiffusionObjective, StoredExamples, held_out_loss

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
TRAINING: Final = TrainSettings(
    n_steps=3000, n_micro=1, learning_rate=1e-3, n_warmup=100, n_decay=1000, average_decay=0.998
)
DEFAULTS: Final = Defaults(steps=25, guidance=1.5)
LOSS: Final = "error"
N_VALIDATION_BATCHES: Final = 8
N_AGREEMENT: Final = 1000
N_LIKENESS: Final = 2000
FLOOR: Final = 0.97
LEAST_RECALL: Final = 0.6
N_COLUMNS: Final = 10


@dataclass(frozen=True)
class DiffusionDigitsRecipe:
    """`diffusion/digits`: handwritten digits, asked for by their class."""

    id: str = "diffusion/digits"
    title: str = N_("Digits")
    summary: str = N_("Learns to make handwritten digits out of noise; you say which one.")
    minutes: float = 12
    needs_folder: bool = False
    task: str = N_("Makes the handwritten digit that you ask for out of noise.")
    config: PixelDiffusionConfig = CONFIG
    settings: TrainSettings = TRAINING
    defaults: Defaults = DEFAULTS
    n_pictures: int = 48
    n_agreement: int = N_AGREEMENT
    n_likeness: int = N_LIKENESS
    seed: int = 51

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        digits = load_digits(Split.TRAIN)
        training = self.training(digits, options)
        held_out = self.batches(load_digits(Split.VALIDATION), training.device)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=self.preview.slow,
            validation=Validation(partial(self._validate, held_out), LOSS),
        )
        yield from measuring_frames(training.settings.n_steps, self.write(options.out, training, digits))

    def training(self, digits: Digits, options: TrainOptions) -> Training:
        """The training before its first step."""
        torch.manual_seed(self.seed)
        device = options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        objective = DiffusionObjective(self.batches(digits, device))
        return Training(PixelDiffusion(self.config), objective, settings, device)

    def batches(self, digits: Digits, device: torch.device) -> DiffusionBatches:
        """Batches of some digits with their classes."""
        examples = StoredExamples(torch.from_numpy(digits.pictures)[:, None], torch.from_numpy(digits.labels))
        return DiffusionBatches(examples, self.config, self.n_pictures, self.seed, device)

    @property
    def preview(self) -> SamplePreview:
        """One sample of each class, of fixed seeds."""
        return SamplePreview(wanted(N_COLUMNS, self.seed), N_COLUMNS, Guidance(self.defaults.guidance))

    def _validate(self, held_out: DiffusionBatches, model: nn.Module) -> Measuring[Mapping[str, float]]:
        assert isinstance(model, PixelDiffusion)
        return held_out_loss(model, held_out, N_VALIDATION_BATCHES, LOSS)

    def write(self, out: Path, training: Training, digits: Digits) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)
        card = {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "data": N_("{n:,} handwritten digits of MNIST, 28 x 28 pixels").format(n=len(digits.labels)),
            **common_card(network, [training], self.seed, digits.is_full),
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures},
            "data_set": {"name": "digits", "n_items": len(digits.labels), "which": which_set(digits.is_full)},
            "notes": [
                N_("Samples are those of the seeds 0, 1, 2 … by DDIM; each class as often as any other."),
                N_("Likeness is measured against the test pictures, filled up with those of the validation."),
            ],
            "examples": list("7320948516"),
            "words": {},
            "classes": list(NAMES),
            "n_pictures": len(digits.labels),
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
        title = N_("Judge agrees with the asked class, share of {n:,}").format(n=self.n_agreement)
        return [Check(title, agreement, FLOOR), *likeness_checks(seen, unbiased, LEAST_RECALL)]


def wanted(n: int, first_seed: int = 0) -> WantedPictures:
    """n samples of consecutive seeds, of each class in turn."""
    return WantedPictures(range(first_seed, first_seed + n), torch.arange(n) % len(NAMES))


def unseen_pictures(n: int) -> Tensor:
    """At most n pictures (N, 28, 28) in [0, 1] that were never learnt from, those of the test first."""
    parts: list[Any] = [load_digits(split).pictures for split in (Split.TEST, Split.VALIDATION)]
    return torch.cat([torch.from_numpy(part) for part in parts])[:n].float() / 255
