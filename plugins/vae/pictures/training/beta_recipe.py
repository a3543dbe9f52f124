"""The training that makes `vae/digits-beta`: three networks that differ in β alone, and what their card says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    Digits,
    Judge,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_digits,
    load_judge,
    picture_likeness,
)
from studio.core.card import Check
from studio.core.translation import N_
from studio.core.view import View

from ...shared.card import Axis, write_card
from ...shared.model.vae import DigitsVAE, device_of, kl_divergence
from ...shared.model.weights import load_model, save_model
from ...shared.training.data import DigitBatches, DigitSettings
from ...shared.training.directions import ranking, readings_of, visible_effects
from ...shared.training.objective import digits_loss
from ...shared.training.recipe import SIDE, map_arrays, map_extent, mosaic, random_places, shape_axes, vae_card
from ..model.beta_vae import BetaConfig, BetaVAE
from .digits_recipe import N_EFFECT_PLACES, N_VALIDATION, encoded_digits

N_BINS: Final = 10
N_LEVELS: Final = 5
ACTIVE_VARIANCE: Final = 0.01


CONFIG: Final = BetaConfig()
BATCHES: Final = DigitSettings(n_pictures=64)
# Three losses make the gradient, so it may be as long as three.
TRAINING: Final = TrainSettings(
    n_steps=800,
    n_micro=1,
    learning_rate=3e-3,
    n_warmup=50,
    n_decay=500,
    weight_decay=1e-4,
    clip_norm=60.0,
    average_decay=0.99,
)
N_RISE_SHARE: Final = 0.3  # of the steps
ERROR: Final = "mean error of a pixel"


@dataclass(frozen=True)
class BetaObjective:
    """The sum of the negative bounds of all networks on the same pictures and noise, each with its own β, in nats.

    Every β rises to its value over the first `n_rise` steps (Sønderby et al. 2016, arXiv 1602.02282): a high one would
    keep its network from saying anything.
    """

    batches: DigitBatches
    n_rise: int = 0

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, BetaVAE)
        pictures, noise = self.batches.draw(step, micro)
        share = min(1.0, (step + 1) / max(1, self.n_rise))
        total, parts = torch.zeros((), device=pictures.device), {}
        for network, beta in zip(model.parts, model.config.betas, strict=True):
            loss, found = digits_loss(network, pictures, noise, share * beta)
            total, parts[f"kl, β = {beta}"] = total + loss, found["kl"]
        return total, parts


@dataclass(frozen=True, kw_only=True)
class VaeBetaRecipe(TrainingRecipe[Digits]):
    """`vae/digits-beta`: digits that are copied better or ordered better, by a slider."""

    kind: ClassVar[str] = "balanced"
    id: str = "vae/digits-beta"
    title: str = N_("Ordered digits")
    summary: str = N_("Learns from handwritten digits three times, each time with more weight on order (β).")
    task: str = N_("Draws handwritten digits; a slider goes from copying them better to ordering them better.")
    minutes: float = 4
    config: BetaConfig = CONFIG
    settings: TrainSettings = TRAINING
    batches: DigitSettings = BATCHES
    seed: int = 31

    def data(self, split: Split) -> Digits:
        return load_digits(split)

    def network_and_objective(self, digits: Digits, device: torch.device) -> tuple[BetaVAE, BetaObjective]:
        batches = DigitBatches(digits.pictures, self.config.n_latent, self.batches, self.seed, device)
        return BetaVAE(self.config), BetaObjective(batches, int(N_RISE_SHARE * self.settings.n_steps))

    def preview(self, digits: Digits, device: torch.device) -> Preview:
        return self._preview

    def _preview(self, model: BetaVAE) -> Mapping[str, View]:
        """Digits at random places, two rows for each network."""
        places = random_places(2 * SIDE, self.config.n_latent, self.seed, device_of(model))
        return {"picture": mosaic(torch.cat([network.decode(places) for network in model.parts]), SIDE)}

    def validation(self, digits: Digits, device: torch.device) -> Validation:
        return Validation(partial(self.validate, self.data(Split.VALIDATION)), ERROR)

    def validate(self, held_out: Digits, model: BetaVAE) -> Measuring[Mapping[str, float]]:
        """How far redrawn validation pictures are from what they should be, over all networks."""
        pictures = torch.from_numpy(held_out.pictures[:N_VALIDATION]).to(device_of(model)).float() / 255
        errors = []
        for network in model.parts:
            errors.append(_error(network, pictures))
            yield
        return {ERROR: sum(errors) / len(errors)}

    def write(self, out: Path, training: Training, digits: Digits) -> Measuring[None]:
        """Write the averaged networks, then measure each of those that were written for the card."""
        average = training.average.cpu()
        assert isinstance(average, BetaVAE)
        test, arrays, parts = self.data(Split.TEST), dict[str, Tensor](), list[dict[str, Any]]()
        sliders = list[list[Axis]]()
        for index, network in enumerate(average.parts):
            places = encoded_digits(network, test)
            effects = yield from visible_effects(
                network.decode, torch.eye(self.config.n_latent), places[:N_EFFECT_PLACES]
            )
            order = ranking(effects)
            directions = torch.eye(self.config.n_latent)[order]
            own = map_arrays(places, directions, torch.from_numpy(test.labels))
            arrays |= {f"{name}.{index}": value for name, value in own.items()}
            sliders.append(shape_axes(effects[order], encoded_digits(network, digits) @ readings_of(directions).T))
            parts.append({"axes": [asdict(axis) for axis in sliders[-1]], "map_extent": map_extent(places, own)})
        save_model(out, average, arrays)
        model = load_model(out)
        assert isinstance(model, BetaVAE)
        judge, checks = load_judge("digits"), list[Check]()
        for network, beta, part in zip(model.parts, self.config.betas, parts, strict=True):
            part |= {"beta": beta, "figures": self.figures(network, judge, test)}
            checks += beta_checks(beta, part["figures"])
            yield
        card = self._card(model, training, digits) | {"betas": parts}
        write_card(out.with_suffix(".json"), card, checks, sliders[len(sliders) // 2])

    def _card(self, model: BetaVAE, training: Training, digits: Digits) -> dict[str, Any]:
        n = len(digits.labels)
        return {
            **vae_card(
                self, model, training, "digits", n, digits.is_full, **asdict(self.batches), rise_share=N_RISE_SHARE
            ),
            "data": N_("{n:,} handwritten digits from MNIST, 28 x 28 pixels").format(n=n),
            "notes": [
                N_("The likelihood treats each grey value as the mean of a Bernoulli variable."),
                N_(
                    "Three networks began alike and learnt from the same batches; only β, the weight of order, differs."
                ),
                N_("Order is the mutual information gap over four facts: which digit, its slant, width and ink."),
            ],
        }

    @torch.no_grad()
    def figures(self, network: DigitsVAE, judge: Judge, test: Digits) -> dict[str, float]:
        """What is gained and lost, on test pictures; random places are held against them."""
        pictures, means = torch.from_numpy(test.pictures).float() / 255, encoded_digits(network, test)
        _, log_variances = network.encode(pictures)
        drawn = network.decode(random_places(len(pictures), self.config.n_latent, self.seed, means.device))
        places = means.double().numpy()
        return {
            "error": _error(network, pictures),
            "nats": float(kl_divergence(means, log_variances).mean()),
            "n_active": float(n_active(places)),
            "gap": information_gap(places, digit_factors(test.pictures, test.labels)),
            "distance": picture_likeness(judge, pictures, drawn).kernel_distance,
        }


def beta_checks(beta: int, figures: Mapping[str, float]) -> list[Check]:
    """The same as figures of a card; none has a floor, since each is gained at another's cost."""
    return [
        Check(N_("β = {beta}, redrawn test pictures, mean error").format(beta=beta), figures["error"], None, False),
        Check(N_("β = {beta}, what a place tells, nats").format(beta=beta), figures["nats"], None),
        Check(N_("β = {beta}, numbers in use").format(beta=beta), figures["n_active"], None),
        Check(N_("β = {beta}, mutual information gap, 0 to 1").format(beta=beta), figures["gap"], None),
        Check(N_("β = {beta}, random places, KID x 1,000").format(beta=beta), figures["distance"], None, False),
    ]


@torch.no_grad()
def _error(network: DigitsVAE, pictures: Tensor) -> float:
    """Mean absolute difference of redrawn pictures (N, 28, 28) in [0, 1]."""
    errors = [(network.decode(network.encode(part)[0]) - part).abs().mean((1, 2)) for part in pictures.split(500)]
    return float(torch.cat(errors).mean())


def digit_factors(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """What is known of digits (N, 28, 28), 255 ink, without any network, (N, 4): which, slant, width and ink.

    Slant and width are moments of the ink; all but the first are levels that hold as many pictures each.
    """
    ink = pictures.astype(np.float64) / 255
    mass = ink.sum((1, 2))  # (N,)
    at = np.arange(ink.shape[1])
    x = (ink.sum(1) * at).sum(1) / mass
    y = (ink.sum(2) * at).sum(1) / mass
    dx, dy = at[None] - x[:, None], at[None] - y[:, None]  # (N, 28) each
    xx, yy = (ink.sum(1) * dx**2).sum(1) / mass, (ink.sum(2) * dy**2).sum(1) / mass
    xy = np.einsum("nyx,ny,nx->n", ink, dy, dx) / mass
    measured = (-xy / yy, np.sqrt(xx), mass)
    return np.stack([labels.astype(np.int64), *(levels(values, N_LEVELS) for values in measured)], axis=1)


def levels(values: NDArray[np.float64], n_levels: int) -> NDArray[np.int64]:
    """Which of `n_levels` parts with as many values each a value (N,) is in, (N,)."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") * n_levels // len(values)


def mutual_information(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """I(one; other) in nats of classes (N,) each, less the bias of so few pictures (Miller and Madow), at least 0."""
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one, other), 1)
    joint = counts / counts.sum()
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    is_there = joint > 0
    found = float((joint[is_there] * np.log(joint[is_there] / apart[is_there])).sum())
    n_free = is_there.sum() - (counts.sum(1) > 0).sum() - (counts.sum(0) > 0).sum() + 1
    return max(0.0, found - float(n_free) / (2 * len(one)))


def information_gap(means: NDArray[np.float64], factors: NDArray[np.int64]) -> float:
    """How much more the best number of a place says of a factor than the second best, 0 to 1, mean over factors.

    `means` (N, Z) are places, `factors` (N, F) classes; as a share of the factor's entropy.
    """
    binned = [levels(column, N_BINS) for column in means.T]
    gaps = []
    for factor in factors.T:
        said = sorted(mutual_information(column, factor) for column in binned)
        gaps.append((said[-1] - said[-2]) / mutual_information(factor, factor))
    return float(np.mean(gaps))


def n_active(means: NDArray[np.float64]) -> int:
    """How many numbers of places (N, Z) differ from picture to picture: their variance is above 0.01."""
    return int((means.var(axis=0) > ACTIVE_VARIANCE).sum())
