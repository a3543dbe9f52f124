"""The trainings that make `vae/digits` and `vae/digits-16`, and what their cards say."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Digits, Preview, Split, Training, TrainSettings, Validation, load_digits, load_judge
from studio.core.card import Check
from studio.core.translation import N_

from ...shared.card import write_card
from ...shared.model.vae import DigitsConfig, DigitsVAE, device_of
from ...shared.model.weights import load_model, save_model
from ...shared.training.data import DigitBatches, DigitSettings
from ...shared.training.directions import ranking, readings_of, remaining_directions, visible_effects
from ...shared.training.evaluation import digits_bounds, map_classes, random_classes
from ...shared.training.known import tell_known
from ...shared.training.objective import DigitsObjective
from ...shared.training.recipe import digits_preview, map_arrays, map_extent, shape_axes, vae_card

CONFIG: Final = DigitsConfig()
# 128 pictures a step, in micro-batches that let previews through; the shipped model took them at once.
BATCHES: Final = DigitSettings(n_pictures=64)
TRAINING: Final = TrainSettings(
    n_steps=2000,
    n_micro=2,
    learning_rate=2e-3,
    n_warmup=100,
    n_decay=1200,
    weight_decay=1e-4,
    clip_norm=20.0,
    average_decay=0.995,
)
N_IMPORTANCE_SAMPLES: Final = 64
N_VALIDATION: Final = 300
NATS: Final = "negative ELBO, nats"
N_EFFECT_PLACES: Final = 64


@dataclass(frozen=True, kw_only=True)
class VaeDigitsRecipe(TrainingRecipe[Digits]):
    """Handwritten digits with a latent of few numbers; `highest_nats` is what its bounds must stay below."""

    id: str = "vae/digits"
    title: str = N_("Digits")
    summary: str = N_("Learns from handwritten digits; two numbers then say which one is drawn, and how.")
    task: str = N_("Draws handwritten digits; two numbers say which and how.")
    minutes: float = 3
    config: DigitsConfig = CONFIG
    settings: TrainSettings = TRAINING
    highest_nats: float = 155.0
    batches: DigitSettings = BATCHES
    seed: int = 11

    def data(self, split: Split) -> Digits:
        return load_digits(split)

    def network_and_objective(self, digits: Digits, device: torch.device) -> tuple[DigitsVAE, DigitsObjective]:
        batches = DigitBatches(digits.pictures, self.config.n_latent, self.batches, self.seed, device)
        return DigitsVAE(self.config), DigitsObjective(batches)

    def preview(self, digits: Digits, device: torch.device) -> Preview:
        return partial(digits_preview, seed=self.seed)

    def validation(self, digits: Digits, device: torch.device) -> Validation:
        return Validation(partial(self.validate, self.data(Split.VALIDATION)), NATS)

    def validate(self, held_out: Digits, model: DigitsVAE) -> Measuring[Mapping[str, float]]:
        """The negative bound of validation pictures."""
        pictures = torch.from_numpy(held_out.pictures[:N_VALIDATION])
        elbo, _ = yield from digits_bounds(model, pictures.to(device_of(model)).float() / 255, self.seed, 1)
        return {NATS: elbo}

    def write(self, out: Path, training: Training, digits: Digits) -> Measuring[None]:
        """Write the averaged network, then measure what was written on held-out pictures for the card."""
        average = training.average.cpu()
        assert isinstance(average, DigitsVAE)
        test = self.data(Split.TEST)
        places = encoded_digits(average, test)
        directions, effects = yield from self._directions(average, places)
        extra = map_arrays(places, directions, torch.from_numpy(test.labels))
        save_model(out, average, extra)
        model = load_model(out)
        assert isinstance(model, DigitsVAE)
        card = {
            **vae_card(
                self,
                model,
                training,
                "digits",
                len(digits.labels),
                digits.is_full,
                **asdict(self.batches),
                beta=1.0,
            ),
            "data": N_("{n:,} handwritten digits from MNIST, 28 x 28 pixels").format(n=len(digits.labels)),
            "notes": [N_("The likelihood treats each grey value as the mean of a Bernoulli variable."), self._map_note],
            "map_extent": map_extent(places, extra),
        }
        axes = shape_axes(effects, encoded_digits(model, digits) @ readings_of(directions).T)
        checks = yield from self.checks(model, test)
        write_card(out.with_suffix(".json"), card, checks, axes)
        known = self.data(Split.VALIDATION).pictures
        yield from tell_known(out, np.repeat(255 - known[..., None], 3, axis=3))

    @property
    def _is_plane(self) -> bool:
        return self.config.n_latent == 2

    @property
    def _map_note(self) -> str:
        if self._is_plane:
            return N_("The digits on the map are those that the judge metrics/digits reads at 24 x 24 places within 3.")
        return N_(
            "The judge metrics/digits reads 576 random places; the map shows the two directions of most variance."
        )

    def _directions(self, model: DigitsVAE, places: Tensor) -> Measuring[tuple[Tensor, Tensor]]:
        """The sliders' directions (Z, Z), strongest first, and their effects (Z,): the plane's own axes, or the
        principal axes of what is seen to change."""
        directions = torch.eye(self.config.n_latent)
        if not self._is_plane:
            none = torch.zeros(0, self.config.n_latent)
            directions = yield from remaining_directions(none, model.decode, places[:N_EFFECT_PLACES])
        effects = yield from visible_effects(model.decode, directions, places)
        order = ranking(effects)
        return directions[order], effects[order]

    def checks(self, model: DigitsVAE, test: Digits) -> Measuring[list[Check]]:
        """The held-out figures with what they had to reach."""
        pictures = torch.from_numpy(test.pictures).float() / 255
        elbo, bound = yield from digits_bounds(model, pictures, self.seed, N_IMPORTANCE_SAMPLES)
        read = load_judge("digits").read
        counts = map_classes(model, read) if self._is_plane else random_classes(model, read, self.seed)
        where = N_("Digits found on the map, of 10") if self._is_plane else N_("Digits found at random places, of 10")
        n_samples, highest = N_IMPORTANCE_SAMPLES, self.highest_nats
        return [
            Check(N_("Negative ELBO on test pictures, nats"), elbo, highest, False),
            Check(N_("Negative IWAE bound with {k} samples, nats").format(k=n_samples), bound, highest, False),
            Check(where, float(sum(count > 0 for count in counts)), 10.0),
        ]


@torch.no_grad()
def encoded_digits(model: DigitsVAE, digits: Digits) -> Tensor:
    """The means (N, Z) of all pictures."""
    pictures = torch.from_numpy(digits.pictures).float() / 255
    return torch.cat([model.encode(part)[0] for part in pictures.split(500)])


# More width than on the plane, where 16 numbers would otherwise wait for it.
DIGITS_16: Final = VaeDigitsRecipe(
    id="vae/digits-16",
    title=N_("Digits, 16 numbers"),
    summary=N_("Learns from handwritten digits; sixteen numbers then say which one is drawn, and how."),
    minutes=5,
    task=N_("Draws handwritten digits more faithfully; sixteen numbers capture what two cannot."),
    config=DigitsConfig(n_latent=16, width=32, narrow=16, hidden=192),
    settings=replace(TRAINING, n_steps=2600, n_decay=1600),
    highest_nats=105.0,
    seed=16,
)
