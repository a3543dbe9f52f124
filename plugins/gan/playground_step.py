"""Forger and detective of the playground, and what one step of learning does to them.

The numbers of step k come from hash(seed, k), so a step depends on nothing but where it begins, the seed and the
settings. n weights of a network, B points of a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from studio.core.seed import generator

from . import playground_network as net
from .playground_loss import FAKE, FORGER, PENALTY, REAL, gradient_penalty
from .playground_network import FloatArray, Network, first_weights
from .playground_optimiser import Moments, adam, sgd
from .playground_settings import Settings
from .playground_target import Target

_STEPPERS: Final[dict[str, Callable[..., tuple[Any, Moments]]]] = {"adam": adam, "sgd": sgd}
MAX_WEIGHT: Final = 1e4


@dataclass(frozen=True, eq=False)
class Player:
    """One of the two: its weights (n,), float32, and what its optimiser keeps."""

    weights: FloatArray
    moments: Moments


@dataclass(frozen=True, eq=False)
class Pair:
    """The two, and how many steps each has taken."""

    forger: Player
    detective: Player
    n_forger: int = 0
    n_detective: int = 0

    @property
    def forge(self) -> Network:
        """Noise (B, 2) to points (B, 2)."""
        return Network(net.FORGER, self.forger.weights)

    @property
    def judge(self) -> Network:
        """Points (B, 2) to scores (B, 1)."""
        return Network(net.DETECTIVE, self.detective.weights)


@dataclass(frozen=True)
class Losses:
    """What the two lost in a step; NaN for who did not learn."""

    detective: float = float("nan")
    forger: float = float("nan")


def untrained(seed: int) -> Pair:
    """The pair of a seed before its first step."""
    return pair_of(
        first_weights(net.FORGER, generator(seed, "forger")),
        first_weights(net.DETECTIVE, generator(seed, "detective")),
    )


def pair_of(forger: FloatArray, detective: FloatArray) -> Pair:
    """A pair of these weights whose optimisers begin anew."""
    return Pair(_player(forger), _player(detective))


def _player(weights: FloatArray) -> Player:
    return Player(weights, Moments(np.zeros_like(weights), np.zeros_like(weights)))


def noise_points(settings: Settings, n: int, rng: np.random.Generator) -> FloatArray:
    """Noise (n, 2) of mean 0 and variance 1 in each direction."""
    if settings.noise == "gaussian":
        return rng.standard_normal((n, 2), dtype=np.float32)
    return np.sqrt(np.float32(12)) * (rng.random((n, 2), np.float32) - np.float32(0.5))


def step(pair: Pair, settings: Settings, target: Target, seed: int) -> tuple[Pair, Losses]:
    """The pair after a step: some of the detective, then one of the forger; or only of the one who learns.

    Where there is nothing to imitate nobody learns.
    """
    lost = Losses()
    if target.is_empty:
        return pair, lost
    if settings.learner != "forger":
        for _ in range(settings.n_detective):
            pair, loss = detective_step(pair, settings, target, seed)
            lost = replace(lost, detective=loss)
    if settings.learner != "detective":
        pair, loss = forger_step(pair, settings, seed)
        lost = replace(lost, forger=loss)
    return pair, lost


def detective_step(pair: Pair, settings: Settings, target: Target, seed: int) -> tuple[Pair, float]:
    """The pair after the detective has learnt from B real and B forged points, and its loss."""
    rng = generator(seed, "detective", pair.n_detective)
    real = target.sample(settings.batch, rng)
    fake = pair.forge(noise_points(settings, settings.batch, rng))
    judge = pair.judge
    scores, trace = judge.forward(np.concatenate([real, fake]))
    n = settings.batch
    on_real, real_slope = REAL[settings.loss](scores[:n])
    on_fake, fake_slope = FAKE[settings.loss](scores[n:])
    loss, gradient = on_real + on_fake, judge.backward(trace, np.concatenate([real_slope, fake_slope]))
    if settings.loss == "wasserstein":
        mix = rng.random((n, 1), np.float32)
        penalty, penalty_gradient = gradient_penalty(judge, mix * real + (1 - mix) * fake)
        loss, gradient = loss + PENALTY * penalty, gradient + np.float32(PENALTY) * penalty_gradient
    detective = _stepped(pair.detective, gradient, settings, settings.detective_rate)
    return replace(pair, detective=detective, n_detective=pair.n_detective + 1), loss


def forger_step(pair: Pair, settings: Settings, seed: int) -> tuple[Pair, float]:
    """The pair after the forger has learnt from what the detective says of B forged points, and its loss."""
    rng = generator(seed, "forger", pair.n_forger)
    forge, judge = pair.forge, pair.judge
    fake, trace = forge.forward(noise_points(settings, settings.batch, rng))
    scores, judge_trace = judge.forward(fake)
    loss, slope = FORGER[settings.loss](scores)
    gradient = forge.backward(trace, judge.input_slope(judge_trace, slope))
    forger = _stepped(pair.forger, gradient, settings, settings.forger_rate)
    return replace(pair, forger=forger, n_forger=pair.n_forger + 1), loss


def _stepped(player: Player, gradient: Any, settings: Settings, rate: float) -> Player:
    weights, moments = _STEPPERS[settings.optimiser](player.weights, gradient, player.moments, rate)
    return Player(np.clip(weights, -MAX_WEIGHT, MAX_WEIGHT).astype(np.float32), moments)
