"""What there is to see of a pair (points, map, warped grid, arrows), and how it is drawn without a window."""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np

from studio.core.seed import generator
from studio.core.view import ByteArray, FloatArray

from .model.network import Floats
from .model.pair import GENERATOR_LOSSES, PlaygroundPair, noise_points, sigmoid
from .model.target import EXTENT, Target
from .params import PlaygroundSettings

N_SHOWN: Final = 256
MAP_SIDE: Final = 40
GRID_SIDE: Final = 21
_GRID_EDGE: Final = 0.02  # of the noise lies beyond each edge of the grid
_NO_SCORE: Final = 1e-6
PAPER: Final = (24, 26, 31)
REAL: Final = (45, 212, 191)
FAKE: Final = (251, 191, 36)
TINT: Final = 0.42
"""How strongly the discriminator's map colours the paper, 0..1."""
_DOT_SHARE: Final = 1 / 110  # of the picture's side: the radius of a point


@dataclass(frozen=True, eq=False)
class PairView:
    """Attributes:
    real: real points (M, 2), always the same ones of a target.
    fake: forged points (N, 2), of the same noise all the time.
    arrows: which way the generator is told to move each of them, (N, 2), the longest ones of length 1.
    chance: how real the discriminator takes each place for, 0..1, (H, W), the lowest row first.
    grid: where the lines of an even grid of noise come to lie, (G, G, 2).
    """

    real: Floats
    fake: Floats
    arrows: Floats
    chance: Floats
    grid: Floats

    def towards(self, other: "PairView", share: float) -> "PairView":
        """What lies between this look and a later one: the share 0..1 of the way."""
        t = np.float32(share)
        return PairView(
            other.real,
            self.fake + t * (other.fake - self.fake),
            self.arrows + t * (other.arrows - self.arrows),
            other.chance,
            self.grid + t * (other.grid - self.grid),
        )


def view_of_pair(pair: PlaygroundPair, settings: PlaygroundSettings, target: Target, seed: int) -> PairView:
    """Everything that the canvas draws of a pair."""
    fake = pair.forge(noise_points(settings, N_SHOWN, generator(seed, "shown")))
    lattice = _noise_lattice(settings.noise)
    grid = pair.forge(lattice.reshape(-1, 2)).reshape(lattice.shape)
    real = shown_real(target)
    return PairView(real, fake, arrows_at(pair, settings, fake), chance_map(pair, settings, real, fake), grid)


@lru_cache(8)
def shown_real(target: Target) -> Floats:
    """The real points on show, (N, 2): a sample of a preset, or exactly what was painted."""
    if target.painted is not None and target.name == "own":
        return target.painted
    return target.sample(N_SHOWN, generator(0, "shown real"))


def arrows_at(pair: PlaygroundPair, settings: PlaygroundSettings, fake: Floats) -> Floats:
    """The way down the generator's loss at forged points (N, 2), scaled so that the longest has length 1."""
    scores, trace = pair.judge.forward(fake)
    way = -pair.judge.input_slope(trace, GENERATOR_LOSSES[settings.loss](scores)[1])
    longest = float(np.sqrt((way * way).sum(1).max()))
    return (way / max(longest, _NO_SCORE)).astype(np.float32)


def chance_map(
    pair: PlaygroundPair, settings: PlaygroundSettings, real: Floats, fake: Floats, side: int = MAP_SIDE
) -> Floats:
    """How real the discriminator takes each place for, 0..1, (side, side), the lowest row first.

    A critic (Wasserstein) knows no chance: its scores are centred between real and forged points and squashed.
    """
    scores = pair.judge(_places(side)).reshape(side, side)
    if settings.loss == "wasserstein":
        on_fake = float(pair.judge(fake).mean())
        on_real = float(pair.judge(real).mean()) if len(real) else on_fake
        scores = (scores - (on_real + on_fake) / 2) * (4 / max(abs(on_real - on_fake), float(scores.std()), _NO_SCORE))
    return sigmoid(scores).astype(np.float32)


@lru_cache(4)
def _places(side: int) -> Floats:
    """The middles of the cells of the square, (side², 2), the lowest row first."""
    along = ((np.arange(side) + 0.5) / side * 2 - 1) * EXTENT
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


@lru_cache(2)
def _noise_lattice(noise: str) -> Floats:
    """Noise (G, G, 2) in even steps of probability, so that each cell of the grid holds as many points."""
    chances = np.linspace(_GRID_EDGE, 1 - _GRID_EDGE, GRID_SIDE)
    if noise == "gaussian":
        along = np.array([NormalDist().inv_cdf(float(chance)) for chance in chances])
    else:
        along = np.sqrt(12) * (chances - 0.5)
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], axis=2).astype(np.float32)


def draw_view(look: PairView, side_px: int) -> ByteArray:
    """The discriminator's map with real points and forged ones on it, sRGB (side_px, side_px, 3)."""
    shares = _enlarged(look.chance, side_px)[::-1]  # the highest row first
    pixels = tinted(shares, PAPER, REAL, FAKE)
    radius = side_px * _DOT_SHARE
    _stamp(pixels, look.real, REAL, radius, is_round=True)
    _stamp(pixels, look.fake, FAKE, radius, is_round=False)
    return pixels


def tinted(
    chance: FloatArray, paper: tuple[int, ...], real: tuple[int, ...], fake: tuple[int, ...], tint: float = TINT
) -> ByteArray:
    """Chances 0..1 (H, W) as colours (H, W, 3): paper where it is even, else tinted as what it is taken for."""
    way = (2 * chance - 1)[..., None] * np.float32(tint)  # (H, W, 1), -tint .. tint
    base = np.array(paper, np.float32)
    towards = np.where(way > 0, np.array(real, np.float32), np.array(fake, np.float32))
    return np.ascontiguousarray((base + np.abs(way) * (towards - base) + 0.5).astype(np.uint8))


def _enlarged(values: FloatArray, side_px: int) -> FloatArray:
    """Values of cells (S, S) at the middles of pixels (side_px, side_px), linear between the cells' middles."""
    n = len(values)
    at = np.clip((np.arange(side_px) + 0.5) / side_px * n - 0.5, 0, n - 1)
    low = np.minimum(at.astype(np.int64), n - 2)
    weights = np.zeros((side_px, n), np.float32)
    rows = np.arange(side_px)
    weights[rows, low], weights[rows, low + 1] = 1 - (at - low), at - low
    return (weights @ values @ weights.T).astype(np.float32)


def _stamp(pixels: ByteArray, points: FloatArray, colour: tuple[int, ...], radius: float, is_round: bool) -> None:
    """Blend soft-edged discs around points (N, 2) into the picture, or squares of the same size."""
    side, reach = len(pixels), math.ceil(radius)
    middle = np.stack([points[:, 0], -points[:, 1]], axis=1) / EXTENT
    middle = (middle + 1) / 2 * side  # (N, 2) in pixels, y downwards
    cover = np.zeros((side, side), np.float32)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            cell = np.floor(middle).astype(np.int64) + np.array((dx, dy))
            is_inside = ((cell >= 0) & (cell < side)).all(1)
            away = np.abs(cell[is_inside] + 0.5 - middle[is_inside])
            distance = np.hypot(away[:, 0], away[:, 1]) if is_round else away.max(1)
            place = cell[is_inside]
            np.maximum.at(cover, (place[:, 1], place[:, 0]), np.clip(radius + 0.5 - distance, 0, 1))
    blended = pixels + cover[..., None] * (np.array(colour, np.float32) - pixels)
    pixels[:] = (blended + 0.5).astype(np.uint8)
