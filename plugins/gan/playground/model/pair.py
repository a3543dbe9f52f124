"""Generator and discriminator of the playground, their losses, and what one step of learning does to them.

The papers of the losses stand in `shared.adversarial`. Scores (B, 1) are the discriminator's numbers before any
squashing, higher for what looks real. The numbers of step k come from hash(seed, k), so a step depends on nothing but
where it begins, the seed and the settings. n weights of a network, B points of a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.seed import generator as rng_of

from ..params import PlaygroundSettings
from . import network as net
from .network import AdamMoments, AnyFloat, Floats, Perceptron, adam, first_weights, sgd
from .target import Target

PENALTY: Final = 0.1
"""Weight of the gradient penalty in two dimensions, as Gulrajani et al. 2017 (arXiv 1704.00028) chose it there."""
Loss: TypeAlias = tuple[float, AnyFloat]
"""A loss and its gradient by the scores (B, 1)."""
_STEPPERS: Final[dict[str, Callable[..., tuple[Any, AdamMoments]]]] = {"adam": adam, "sgd": sgd}
MAX_WEIGHT: Final = 1e4


def softplus(x: AnyFloat) -> AnyFloat:
    """log(1 + e^x) without overflow."""
    return np.logaddexp(0, x)


def sigmoid(x: AnyFloat) -> AnyFloat:
    """1 / (1 + e^-x) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def loss_on_real(scores: AnyFloat) -> Loss:
    """What the discriminator loses on real points: mean softplus(-score)."""
    return float(softplus(-scores).mean()), -sigmoid(-scores) / len(scores)


def loss_on_fake(scores: AnyFloat) -> Loss:
    """What the discriminator loses on forged points: mean softplus(score)."""
    return float(softplus(scores).mean()), sigmoid(scores) / len(scores)


def non_saturating_loss(scores: AnyFloat) -> Loss:
    """What the generator loses (non-saturating): mean softplus(-score)."""
    return loss_on_real(scores)


def minimax_loss(scores: AnyFloat) -> Loss:
    """What the generator loses in the first GAN (minimax): -mean softplus(score); fades as it loses."""
    value, slope = loss_on_fake(scores)
    return -value, -slope


def minus_mean(scores: AnyFloat) -> Loss:
    """Minus the mean score."""
    return -float(scores.mean()), np.full_like(scores, -1 / len(scores))


def mean(scores: AnyFloat) -> Loss:
    """The mean score."""
    return float(scores.mean()), np.full_like(scores, 1 / len(scores))


REAL_LOSSES: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": loss_on_real,
    "minimax": loss_on_real,
    "wasserstein": minus_mean,
}
FAKE_LOSSES: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": loss_on_fake,
    "minimax": loss_on_fake,
    "wasserstein": mean,
}
GENERATOR_LOSSES: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": non_saturating_loss,
    "minimax": minimax_loss,
    "wasserstein": minus_mean,
}


def gradient_penalty(critic: Perceptron, points: AnyFloat) -> tuple[float, AnyFloat]:
    """Mean squared distance of the critic's slope at points (B, 2) from 1, and its gradient by the weights (n,)."""
    _, trace = critic.forward(points)
    slope = critic.input_slope(trace, np.ones_like(points[:, :1]))  # (B, 2)
    length = np.sqrt((slope * slope).sum(1, keepdims=True) + 1e-12)  # (B, 1)
    way = 2 * (length - 1) / length * slope / len(points)  # the penalty's gradient by the slope
    return float(((length - 1) ** 2).mean()), critic.directional_backward(trace, way)


@dataclass(frozen=True, eq=False)
class PlaygroundPlayer:
    """One of the two: its weights (n,), float32, and what its optimiser keeps."""

    weights: Floats
    moments: AdamMoments


@dataclass(frozen=True, eq=False)
class PlaygroundPair:
    """The two, and how many steps each has taken."""

    generator: PlaygroundPlayer
    discriminator: PlaygroundPlayer
    n_generator: int = 0
    n_discriminator: int = 0

    @property
    def forge(self) -> Perceptron:
        """Noise (B, 2) to points (B, 2)."""
        return Perceptron(net.GENERATOR, self.generator.weights)

    @property
    def judge(self) -> Perceptron:
        """Points (B, 2) to scores (B, 1)."""
        return Perceptron(net.DISCRIMINATOR, self.discriminator.weights)


@dataclass(frozen=True)
class PlaygroundLosses:
    """What the two lost in a step; NaN for who did not learn."""

    discriminator: float = float("nan")
    generator: float = float("nan")


def untrained(seed: int) -> PlaygroundPair:
    """The pair of a seed before its first step."""
    return pair_of(
        first_weights(net.GENERATOR, rng_of(seed, "forger")),
        first_weights(net.DISCRIMINATOR, rng_of(seed, "detective")),
    )


def pair_of(generator: Floats, discriminator: Floats) -> PlaygroundPair:
    """A pair of these weights whose optimisers begin anew."""
    return PlaygroundPair(_player(generator), _player(discriminator))


def _player(weights: Floats) -> PlaygroundPlayer:
    return PlaygroundPlayer(weights, AdamMoments(np.zeros_like(weights), np.zeros_like(weights)))


def noise_points(settings: PlaygroundSettings, n: int, rng: np.random.Generator) -> Floats:
    """Noise (n, 2) of mean 0 and variance 1 in each direction."""
    if settings.noise == "gaussian":
        return rng.standard_normal((n, 2), dtype=np.float32)
    return np.sqrt(np.float32(12)) * (rng.random((n, 2), np.float32) - np.float32(0.5))


def step(
    pair: PlaygroundPair, settings: PlaygroundSettings, target: Target, seed: int
) -> tuple[PlaygroundPair, PlaygroundLosses]:
    """The pair after a step: some of the discriminator, then one of the generator; or only of the one who learns.

    Where there is nothing to imitate nobody learns.
    """
    lost = PlaygroundLosses()
    if target.is_empty:
        return pair, lost
    if settings.learner != "forger":
        for _ in range(settings.n_detective):
            pair, loss = discriminator_step(pair, settings, target, seed)
            lost = replace(lost, discriminator=loss)
    if settings.learner != "detective":
        pair, loss = generator_step(pair, settings, seed)
        lost = replace(lost, generator=loss)
    return pair, lost


def discriminator_step(
    pair: PlaygroundPair, settings: PlaygroundSettings, target: Target, seed: int
) -> tuple[PlaygroundPair, float]:
    """The pair after the discriminator has learnt from B real and B forged points, and its loss."""
    rng = rng_of(seed, "detective", pair.n_discriminator)
    real = target.sample(settings.batch, rng)
    fake = pair.forge(noise_points(settings, settings.batch, rng))
    judge = pair.judge
    scores, trace = judge.forward(np.concatenate([real, fake]))
    n = settings.batch
    on_real, real_slope = REAL_LOSSES[settings.loss](scores[:n])
    on_fake, fake_slope = FAKE_LOSSES[settings.loss](scores[n:])
    loss, gradient = on_real + on_fake, judge.backward(trace, np.concatenate([real_slope, fake_slope]))
    if settings.loss == "wasserstein":
        mix = rng.random((n, 1), np.float32)
        penalty, penalty_gradient = gradient_penalty(judge, mix * real + (1 - mix) * fake)
        loss, gradient = loss + PENALTY * penalty, gradient + np.float32(PENALTY) * penalty_gradient
    discriminator = _stepped(pair.discriminator, gradient, settings, settings.detective_rate)
    return replace(pair, discriminator=discriminator, n_discriminator=pair.n_discriminator + 1), loss


def generator_step(pair: PlaygroundPair, settings: PlaygroundSettings, seed: int) -> tuple[PlaygroundPair, float]:
    """The pair after the generator has learnt from what the discriminator says of B forged points, and its loss."""
    rng = rng_of(seed, "forger", pair.n_generator)
    forge, judge = pair.forge, pair.judge
    fake, trace = forge.forward(noise_points(settings, settings.batch, rng))
    scores, judge_trace = judge.forward(fake)
    loss, slope = GENERATOR_LOSSES[settings.loss](scores)
    gradient = forge.backward(trace, judge.input_slope(judge_trace, slope))
    generator = _stepped(pair.generator, gradient, settings, settings.forger_rate)
    return replace(pair, generator=generator, n_generator=pair.n_generator + 1), loss


def _stepped(player: PlaygroundPlayer, gradient: Any, settings: PlaygroundSettings, rate: float) -> PlaygroundPlayer:
    weights, moments = _STEPPERS[settings.optimiser](player.weights, gradient, player.moments, rate)
    return PlaygroundPlayer(np.clip(weights, -MAX_WEIGHT, MAX_WEIGHT).astype(np.float32), moments)
