"""What there is to see of a pair: real and forged points, the detective's map, the forger's warped grid, arrows."""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np

from studio.core.seed import generator

from .playground_loss import FORGER, sigmoid
from .playground_network import FloatArray
from .playground_settings import Settings
from .playground_step import Pair, noise_points
from .playground_target import EXTENT, Target

N_SHOWN: Final = 256
MAP_SIDE: Final = 40
GRID_SIDE: Final = 21
_GRID_EDGE: Final = 0.02  # of the noise lies beyond each edge of the grid
_NO_SCORE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Look:
    """Attributes:
    real: real points (M, 2), always the same ones of a target.
    fake: forged points (N, 2), of the same noise all the time.
    arrows: which way the forger is told to move each of them, (N, 2), the longest ones of length 1.
    chance: how real the detective takes each place for, 0..1, (H, W), the lowest row first.
    grid: where the lines of an even grid of noise come to lie, (G, G, 2).
    """

    real: FloatArray
    fake: FloatArray
    arrows: FloatArray
    chance: FloatArray
    grid: FloatArray

    def towards(self, other: "Look", share: float) -> "Look":
        """What lies between this look and a later one: the share 0..1 of the way."""
        t = np.float32(share)
        return Look(
            other.real,
            self.fake + t * (other.fake - self.fake),
            self.arrows + t * (other.arrows - self.arrows),
            other.chance,
            self.grid + t * (other.grid - self.grid),
        )


def look_at(pair: Pair, settings: Settings, target: Target, seed: int) -> Look:
    """Everything that the canvas draws of a pair."""
    fake = pair.forge(noise_points(settings, N_SHOWN, generator(seed, "shown")))
    lattice = _noise_lattice(settings.noise)
    grid = pair.forge(lattice.reshape(-1, 2)).reshape(lattice.shape)
    real = shown_real(target)
    return Look(real, fake, arrows_at(pair, settings, fake), chance_map(pair, settings, real, fake), grid)


@lru_cache(8)
def shown_real(target: Target) -> FloatArray:
    """The real points on show, (N, 2): a sample of a preset, or exactly what was painted."""
    if target.painted is not None and target.name == "own":
        return target.painted
    return target.sample(N_SHOWN, generator(0, "shown real"))


def arrows_at(pair: Pair, settings: Settings, fake: FloatArray) -> FloatArray:
    """The way down the forger's loss at forged points (N, 2), scaled so that the longest has length 1."""
    scores, trace = pair.judge.forward(fake)
    way = -pair.judge.input_slope(trace, FORGER[settings.loss](scores)[1])
    longest = float(np.sqrt((way * way).sum(1).max()))
    return (way / max(longest, _NO_SCORE)).astype(np.float32)


def chance_map(
    pair: Pair, settings: Settings, real: FloatArray, fake: FloatArray, side: int = MAP_SIDE
) -> FloatArray:
    """How real the detective takes each place for, 0..1, (side, side), the lowest row first.

    A critic (Wasserstein) knows no chance: its scores are centred between real and forged points and squashed.
    """
    scores = pair.judge(_places(side)).reshape(side, side)
    if settings.loss == "wasserstein":
        on_fake = float(pair.judge(fake).mean())
        on_real = float(pair.judge(real).mean()) if len(real) else on_fake
        scores = (scores - (on_real + on_fake) / 2) * (4 / max(abs(on_real - on_fake), float(scores.std()), _NO_SCORE))
    return sigmoid(scores).astype(np.float32)


@lru_cache(4)
def _places(side: int) -> FloatArray:
    """The middles of the cells of the square, (side², 2), the lowest row first."""
    along = ((np.arange(side) + 0.5) / side * 2 - 1) * EXTENT
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


@lru_cache(2)
def _noise_lattice(noise: str) -> FloatArray:
    """Noise (G, G, 2) in even steps of probability, so that each cell of the grid holds as many points."""
    chances = np.linspace(_GRID_EDGE, 1 - _GRID_EDGE, GRID_SIDE)
    if noise == "gaussian":
        along = np.array([NormalDist().inv_cdf(float(chance)) for chance in chances])
    else:
        along = np.sqrt(12) * (chances - 0.5)
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], axis=2).astype(np.float32)
