"""From quantiles of each value ahead to whole paths: how the values hang together is measured on the past.

A Chronos-Bolt says of each value how it is spread, but not how one goes with the next. Here a path is a bell-shaped
number for each step that goes with the one before (a Gaussian copula of first order, Song 2000), turned into values by
the quantiles. So every step has the very spread that was told, and a path through given points is drawn exactly.

Shape letters: A values told at once, H steps ahead, N values, P paths, Q quantiles.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.core.seed import generator

from .bolt_network import BoltNetwork
from .config import Floats, SeriesUnits
from .sampling import PathRequest

TOGETHER: Final = 0.9
"""How much neighbours go together where the past is too short to measure it, or too even."""
MOST_TOGETHER: Final = 0.99
N_ORIGINS: Final = 8
MOST_SEEN: Final = 512
"""Values before each origin of the past by which that is measured."""
_LEAST_SEEN, _LEAST_AHEAD = 24, 4
_LEAST_SCALE: Final = 1e-5
_FARTHEST_Z: Final = 3.0
_FARTHEST_PIN: Final = 8.0
Singles = npt.NDArray[np.float32]


@torch.inference_mode()
def predicted_quantiles(network: BoltNetwork, known: Floats) -> Floats:
    """(B, Q, A) quantiles of what follows each of the histories (B, N), of which only the last ones count."""
    known = known[:, -network.config.n_context :]
    level = known.mean(1, keepdims=True)
    scale = known.std(1, keepdims=True)
    scale[scale == 0] = _LEAST_SCALE
    said = network(torch.from_numpy(((known - level) / scale).astype(np.float32)))
    return np.asarray(said.numpy() * scale[..., None] + level[..., None], np.float64)


def quantiles_ahead(network: BoltNetwork, known: Floats, horizon: int) -> Floats:
    """(Q, H) quantiles of what follows a history (N,), rising.

    Beyond what is told at once, each quantile is taken as a past of its own, and what they all say is put together.
    """
    levels = network.config.quantiles
    parts = [predicted_quantiles(network, known[None])[0]]
    pasts = np.repeat(known[None], len(levels), 0)
    while sum(part.shape[1] for part in parts) < horizon:
        pasts = np.concatenate([pasts, parts[-1]], 1)
        said = predicted_quantiles(network, pasts)
        parts.append(np.quantile(said.reshape(-1, said.shape[2]), levels, axis=0))
    return np.sort(np.concatenate(parts, 1)[:, :horizon], axis=0)


@dataclass(frozen=True, eq=False)
class QuantileSpread:
    """How each value ahead is spread. Attributes: table: (Q, H) rising values of quantiles. levels: (Q,) of these."""

    table: Floats
    levels: tuple[float, ...]

    @property
    def _bells(self) -> Floats:
        """(Q,) where the quantiles lie under a bell curve."""
        return np.array([NormalDist().inv_cdf(level) for level in self.levels])

    def value(self, step: int, z: Floats) -> Floats:
        """The values of a step for bell-shaped numbers: straight between the quantiles and on beyond the last ones."""
        return _straight(z, self._bells, self.table[:, step])

    def z_of(self, step: int, value: float) -> float:
        """The reverse; of a step whose quantiles are all one value, 0: there is nothing to lie high or low in."""
        if np.ptp(self.table[:, step]) == 0:
            return 0.0
        row = _strictly_rising(self.table[:, step])
        return float(_straight(np.array([value]), row, self._bells)[0])


def _straight(x: Floats, places: Floats, heights: Floats) -> Floats:
    at = np.clip(np.searchsorted(places, x) - 1, 0, len(places) - 2)
    slope = (heights[at + 1] - heights[at]) / (places[at + 1] - places[at])
    return np.asarray(heights[at] + slope * (x - places[at]))


def _strictly_rising(row: Floats) -> Floats:
    """The same with equal neighbours a little apart, so that a line through them is no wall."""
    least = 1e-9 * max(float(np.abs(row).max()), 1e-9)
    return np.asarray(np.maximum.accumulate(row) + least * np.arange(len(row)))


def togetherness(network: BoltNetwork, known: Floats, horizon: int) -> float:
    """How much neighbouring values of a path go together, 0 to 0.99: so much as they did on the past of a series (N,).

    Several origins in the past are forecast at once; where what came lies in the fan, as a bell-shaped number, is
    compared with where its neighbour lies.
    """
    n_ahead = min(horizon, network.config.n_ahead, len(known) // 4)
    origins = [len(known) - n_ahead - at * max(n_ahead // 2, 1) for at in range(N_ORIGINS)]
    n_seen = min(MOST_SEEN, network.config.n_context, origins[-1])
    if n_ahead < _LEAST_AHEAD or n_seen < _LEAST_SEEN or np.ptp(known[origins[-1] - n_seen :]) == 0:
        return TOGETHER
    pasts = np.stack([known[origin - n_seen : origin] for origin in origins])
    said = np.sort(predicted_quantiles(network, pasts)[:, :, :n_ahead], axis=1)
    came = [known[origin : origin + n_ahead] for origin in origins]
    levels = network.config.quantiles
    z = np.array(
        [
            [QuantileSpread(table, levels).z_of(step, value) for step, value in enumerate(true)]
            for table, true in zip(said, came, strict=True)
        ]
    ).clip(-_FARTHEST_Z, _FARTHEST_Z)
    power = float((z[:, 1:] ** 2).sum() + (z[:, :-1] ** 2).sum()) / 2
    return float(np.clip((z[:, 1:] * z[:, :-1]).sum() / max(power, 1e-9), 0.0, MOST_TOGETHER))


@dataclass(frozen=True, eq=False)
class PathOutline:
    """All that paths are drawn from. Attributes: together: of neighbours. least: below which no value falls."""

    spread: QuantileSpread
    together: float
    units: SeriesUnits
    least: float


class BoltPaths:
    """Paths that grow.

    Attributes:
        units: of the paths as states hold them. step: how many values of each path there are.
    """

    def __init__(self, outline: PathOutline, wish: PathRequest, pins: Mapping[int, float]) -> None:
        self._outline, self._wish = outline, wish
        self.units, self.step = outline.units, 0
        self._pins = dict(pins)
        self._pinned_z = {step: self._bell(step, value) for step, value in pins.items()}
        self._values = np.zeros((wish.n_paths, wish.horizon), np.float32)
        self._z = np.zeros(wish.n_paths, np.float32)
        draws = [generator(wish.seed, "path", path).standard_normal(wish.horizon) for path in range(wish.n_paths)]
        self._draws = np.stack(draws)

    def advance(self) -> None:
        """Let all paths take their next value."""
        step, spread = self.step, self._outline.spread
        mean, deviation = self._expected(step)
        self._z = (mean + deviation * self._draws[:, step]).astype(np.float32)
        values = spread.value(step, self._wish.temperature * self._z.astype(np.float64)).clip(min=self._outline.least)
        self._values[:, step] = self.units.of(np.full(len(values), self._pins.get(step, values)))
        self.step += 1

    def _bell(self, step: int, value: float) -> float:
        """Where a pinned value lies under a bell curve, no farther out than makes a difference."""
        z = self._outline.spread.z_of(step, value) / self._wish.temperature
        return float(np.clip(z, -_FARTHEST_PIN, _FARTHEST_PIN))

    def _expected(self, step: int) -> tuple[Floats, float]:
        """Mean (P,) and deviation of the bell-shaped number of a step, given the one before and the next pinned one."""
        if step in self._pins:
            return np.full(len(self._z), self._pinned_z[step]), 0.0
        together = self._outline.together if step else 0.0
        mean, variance = together * self._z.astype(np.float64), 1 - together**2
        pin = min((one for one in self._pins if one > step), default=None)
        if pin is None:
            return mean, math.sqrt(variance)
        pull = self._outline.together ** (pin - step)  # how the pinned one hangs on this one
        share = variance * pull / (variance * pull**2 + 1 - pull**2)
        return mean + share * (self._pinned_z[pin] - pull * mean), math.sqrt(variance * (1 - share * pull))

    def resume(self, paths: Singles, kept: Singles) -> None:
        """Go on from paths (P, K) in units, K ≤ H, with their bell-shaped numbers (P, 1)."""
        self.step = paths.shape[1]
        self._values[:, : self.step] = paths
        self._z = kept[:, 0].copy()

    @property
    def kept(self) -> Singles:
        """(P, 1) what the paths go on from."""
        return self._z[:, None].copy()

    @property
    def paths(self) -> Singles:
        """(P, K) the values that there are so far, in units."""
        return self._values[:, : self.step].copy()

    @property
    def series_paths(self) -> Floats:
        """(P, K) the same as values of the series; none is below the least by what was rounded."""
        return np.asarray(self.units.back(self.paths).clip(min=self._outline.least))
