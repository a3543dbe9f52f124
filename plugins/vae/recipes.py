"""The trainings that make this family's models, and the cards that say what came out."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from studio.api.engine import TrainOptions
from studio.api.training import (
    Digits,
    Split,
    Training,
    TrainSettings,
    follow_training,
    load_digits,
    load_judge,
    machine_name,
)
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_

from .card import Axis, Check, write_card
from .data import DigitBatches, DigitSettings
from .effect import EFFECT_THRESHOLD, ranking, visible_effects
from .evaluation import digits_bounds, map_classes
from .model import DigitsConfig, DigitsVAE
from .training import DigitsObjective
from .weights import Network, save_model

DIGITS_CONFIG: Final = DigitsConfig()
DIGITS_BATCHES: Final = DigitSettings()
DIGITS_TRAINING: Final = TrainSettings(
    n_steps=2000,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=1200,
    weight_decay=1e-4,
    clip_norm=20.0,
    average_decay=0.995,
)


def changed_settings(settings: TrainSettings, options: TrainOptions) -> TrainSettings:
    """The recipe's settings with the number of steps and the `learning_rate` that the person asked for."""
    known = {"learning_rate", "n_micro"}
    unknown = set(options.settings) - known
    if unknown:
        raise UserError(
            N_("There is no setting “{name}”.").format(name=min(unknown)),
            N_("There are: {names}.").format(names=", ".join(sorted(known))),
        )
    try:
        values = {name: type(getattr(settings, name))(text) for name, text in options.settings.items()}
    except ValueError as error:
        raise UserError(N_("A setting must be a number.")) from error
    if any(value <= 0 for value in values.values()):
        raise UserError(N_("A setting must be greater than zero."))
    changed = replace(settings, **values)
    return changed if options.n_steps is None else changed.shortened(options.n_steps)


def common_card(model: Network, training: Training, seed: int, is_full: bool) -> dict[str, Any]:
    """The keys of a card that are written alike for both models."""
    return {
        "licence": "MIT",
        "n_params": sum(weight.numel() for weight in model.parameters()),
        "trained": {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": round(training.seconds / 60, 1),
            "machine": machine_name(),
            "n_steps": training.step,
            "seed": seed,
            "data_set": "full" if is_full else "small",
        },
        "architecture": type(model).__name__,
        "config": asdict(model.config),
        "effect_threshold": EFFECT_THRESHOLD,
    }


@dataclass(frozen=True)
class DigitsRecipe:
    """`vae/digits`: the two-dimensional latent of handwritten digits."""

    id: str = "vae/digits"
    title: str = N_("Digits")
    config: DigitsConfig = DIGITS_CONFIG
    settings: TrainSettings = DIGITS_TRAINING
    batches: DigitSettings = DIGITS_BATCHES
    seed: int = 11

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        digits, device = load_digits(Split.TRAIN), options.device.torch_device
        batches = DigitBatches(digits.pictures, self.config.n_latent, self.batches, self.seed, device)
        settings = changed_settings(self.settings, options)
        training = Training(DigitsVAE(self.config), DigitsObjective(batches), settings, device)
        yield from follow_training(training, options.out.with_suffix(".checkpoint"), options.is_resumed)
        self.write(options.out, training, digits)

    def write(self, out: Path, training: Training, digits: Digits) -> None:
        """Measure the averaged network on held-out pictures and write weights and card."""
        model = training.average.cpu()
        assert isinstance(model, DigitsVAE)
        test = load_digits(Split.TEST)
        places = _encoded(model, test)
        effects = visible_effects(model.decode, torch.eye(self.config.n_latent), places)
        order = ranking(effects)
        directions = torch.eye(self.config.n_latent)[order]  # (A, Z)
        trained = _encoded(model, digits) @ directions.T  # (N, A)
        axes = _shape_axes(effects[order], trained)
        extra = {
            "directions": directions,
            "readings": directions,
            "places": places.half(),
            "labels": torch.from_numpy(test.labels),
        }
        save_model(out, model, extra)
        card = {
            "id": self.id,
            "title": self.title,
            "task": N_("Draws handwritten digits; two numbers say which and how."),
            "data": N_("{n:,} handwritten digits of MNIST, 28 x 28 pixels").format(n=len(digits.labels)),
            **common_card(model, training, self.seed, digits.is_full),
            "settings": {**asdict(training.settings), **asdict(self.batches), "beta": 1.0},
            "data_set": {"name": "digits", "n_items": len(digits.labels), "which": _which(digits.is_full)},
            "notes": [
                N_("The likelihood takes each grey value as the mean of a Bernoulli variable."),
                N_("The digits seen on the map are read by the judge metrics/digits on 24 x 24 places within 3."),
            ],
            "map_extent": 3.0,
        }
        write_card(out.with_suffix(".json"), card, self.checks(model, test), axes)

    def checks(self, model: DigitsVAE, test: Digits) -> list[Check]:
        """The held-out figures with what they had to reach."""
        elbo, bound = digits_bounds(model, torch.from_numpy(test.pictures).float() / 255, self.seed)
        counts = map_classes(model, load_judge("digits").read)
        return [
            Check(N_("Negative ELBO on test pictures, nats"), elbo, 155.0, False),
            Check(N_("Negative IWAE bound with 64 samples, nats"), bound, 155.0, False),
            Check(N_("Digits found on the map, of 10"), float(sum(count > 0 for count in counts)), 10.0),
        ]


def _which(is_full: bool) -> str:
    return "full" if is_full else "small"


@torch.no_grad()
def _encoded(model: DigitsVAE, digits: Digits) -> Tensor:
    """The means (N, Z) of all pictures."""
    pictures = torch.from_numpy(digits.pictures).float() / 255
    return torch.cat([model.encode(part)[0] for part in pictures.split(500)])


def _shape_axes(effects: Tensor, values: Tensor, first: int = 1) -> list[Axis]:
    """Sliders without a name of their own, for effects (A,) and the examples' values along them (N, A)."""
    low, high = torch.quantile(values, torch.tensor([0.01, 0.99]), dim=0)  # (A,) each
    return [
        Axis(
            f"shape_{first + index}",
            N_("Shape {n}").format(n=first + index),
            "shape",
            float(effects[index]),
            (float(low[index]), float(high[index])),
            bool(effects[index] >= EFFECT_THRESHOLD),
        )
        for index in range(len(effects))
    ]


RECIPES: Final = {recipe.id: recipe for recipe in (DigitsRecipe(),)}
