"""The trainings that make the judges."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.compute.machine import machine_name
from studio.compute.training import Training, TrainSettings, follow_training
from studio.core.frame import Frame
from studio.core.text import N_
from studio.datasets.digits import load_digits
from studio.datasets.glyphs import FIELD_SCALE, load_glyphs
from studio.datasets.split import Split
from studio.metrics.judge import (
    DIGITS,
    GLYPHS,
    LOOK_ALIKES,
    Judge,
    JudgeConfig,
    glyph_ink,
    look_alike_groups,
    save_judge,
)

if TYPE_CHECKING:
    from studio.api.engine import TrainOptions


@dataclass(frozen=True)
class Labelled:
    """Pictures (N, H, W) in [0, 1], their labels (N,), and whether they are of the full set."""

    pictures: Tensor
    labels: Tensor
    is_full: bool


def digit_pictures(split: Split) -> Labelled:
    """One part of the digits."""
    digits = load_digits(split)
    return Labelled(
        torch.from_numpy(digits.pictures).float() / 255, torch.from_numpy(digits.labels).long(), digits.is_full
    )


def glyph_pictures(split: Split) -> Labelled:
    """One part of the letterforms, glyph by glyph, as the judge sees them."""
    glyphs = load_glyphs(split)
    fields = torch.from_numpy(glyphs.fields).flatten(0, 1)  # (F 62, 64, 64)
    ink = torch.cat([glyph_ink(part.float() / FIELD_SCALE).half() for part in torch.split(fields, 2048)])
    return Labelled(ink, torch.arange(62).repeat(len(glyphs.names)), glyphs.is_full)


@dataclass(frozen=True)
class JudgeRecipe:
    """How one judge is made: network, pictures, classes that count as one, settings and seed."""

    id: str
    title: str
    config: JudgeConfig
    pictures: Callable[[Split], Labelled]
    settings: TrainSettings
    seed: int
    look_alikes: tuple[str, ...] = ()
    n_pictures: int = 64

    def train(self, options: "TrainOptions") -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        settings = self.settings if options.n_steps is None else self.settings.shortened(options.n_steps)
        examples = self.pictures(Split.TRAIN)
        objective = ClassObjective(examples, self.n_pictures, self.seed, options.device.torch_device)
        training = Training(Judge(self.config), objective, settings, options.device.torch_device)
        yield from follow_training(training, options.out.with_suffix(".checkpoint"), options.is_resumed)
        judge = training.average.cpu()
        assert isinstance(judge, Judge)
        save_judge(options.out, judge, self._card(judge, training, examples))

    def _card(self, judge: Judge, training: Training, examples: Labelled) -> dict[str, Any]:
        groups = look_alike_groups() if self.look_alikes else torch.arange(self.config.n_classes)
        figures = {
            f"Right on {part.value} pictures, share": round(share_right(judge, self.pictures(part), groups), 4)
            for part in (Split.VALIDATION, Split.TEST)
        }
        return {
            "id": self.id,
            "title": self.title,
            "task": N_("Says which digit or letter a picture shows; measures other models."),
            "licence": "MIT",
            "data": N_("{n:,} training pictures").format(n=len(examples.labels)),
            "n_params": sum(weight.numel() for weight in judge.parameters()),
            "figures": figures,
            "trained": {
                "date": time.strftime("%Y-%m-%d"),
                "minutes": round(training.seconds / 60, 1),
                "machine": machine_name(),
                "n_steps": training.step,
                "seed": self.seed,
                "data_set": "full" if examples.is_full else "small",
            },
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures},
            "look_alikes": list(self.look_alikes),
        }


@dataclass(frozen=True)
class ClassObjective:
    """Cross entropy of pictures that are turned, scaled and moved a little."""

    examples: Labelled
    n_pictures: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss and the share read right of one micro-batch."""
        random = np.random.default_rng([self.seed, step, micro])
        chosen = torch.from_numpy(random.integers(0, len(self.examples.labels), self.n_pictures))
        pictures = moved(self.examples.pictures[chosen].float(), random).to(self.device)
        labels = self.examples.labels[chosen].to(self.device)
        logits = model(pictures).float()  # (B, n_classes)
        right = (logits.argmax(1) == labels).float().mean()
        return F.cross_entropy(logits, labels, label_smoothing=0.05), {"right": right}


def moved(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures (B, H, W) turned by about 6 degrees, sheared, scaled by about 8 % and shifted by about 4 %."""
    n = len(pictures)
    turn, shear = random.normal(0, 0.1, n), random.normal(0, 0.1, n)
    across, down = np.exp(random.normal(0, 0.08, (2, n)))
    shift = random.normal(0, 0.04, (n, 2))
    first = np.stack([np.cos(turn) * across, np.sin(turn) + shear, shift[:, 0]], 1)
    second = np.stack([-np.sin(turn), np.cos(turn) * down, shift[:, 1]], 1)
    theta = torch.from_numpy(np.stack([first, second], 1).astype(np.float32))  # (B, 2, 3)
    grid = F.affine_grid(theta, [n, 1, *pictures.shape[1:]], align_corners=False)
    return F.grid_sample(pictures[:, None], grid, align_corners=False)[:, 0]  # (B, H, W)


def share_right(judge: Judge, examples: Labelled, groups: Tensor) -> float:
    """The share of pictures whose class the judge reads right, classes of one group counting as one."""
    read = torch.cat([judge.read(part.float()) for part in torch.split(examples.pictures, 2048)])
    return float((groups[read] == groups[examples.labels]).float().mean())


RECIPES: Final = {
    recipe.id: recipe
    for recipe in (
        JudgeRecipe(
            "metrics/digits",
            N_("Judge of digits"),
            DIGITS,
            digit_pictures,
            TrainSettings(n_steps=2000, n_micro=2, learning_rate=2e-3, n_warmup=50, n_decay=1200, weight_decay=1e-2),
            seed=101,
        ),
        JudgeRecipe(
            "metrics/glyphs",
            N_("Judge of letters"),
            GLYPHS,
            glyph_pictures,
            TrainSettings(n_steps=1200, n_micro=2, learning_rate=2e-3, n_warmup=50, n_decay=800, weight_decay=1e-2),
            seed=102,
            look_alikes=LOOK_ALIKES,
        ),
    )
}
