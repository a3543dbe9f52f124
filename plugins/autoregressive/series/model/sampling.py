"""Paths into the future, one value after the other, also through points that a person has pinned.

A particle filter that looks ahead (twisted, Whiteley and Lee 2012, arXiv 1210.0220): how near a path will come to the
next pinned value is guessed from free paths by a straight line, and set right where the value is reached, so that the
result is drawn from the network's own distribution given the pinned values, the better the more paths there are.

Shape letters: D width, H steps ahead, N values, P paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.seed import generator

from .config import Floats, Season, SeriesUnits, units_of
from .forecaster import Forecaster, KnownSeries, LogisticMixture, features_at, laid_out

_EDGE: Final = 1e-6
"""Draws stay so far from 0 and 1, where a logistic distribution has no end."""
_WIDER: Final = 1.5
"""Guesses are made less sure than they seem: a wrong one that is sure leaves few paths."""
_LEAST_VARIANCE: Final = 1e-6


def draws_of(seed: int, path: int, horizon: int) -> npt.NDArray[np.float32]:
    """(H, 2) numbers in (0, 1) for a path: of hash(seed, path) alone, whatever was drawn before."""
    drawn = generator(seed, "path", path).random((horizon, 2))
    return np.clip(drawn, _EDGE, 1 - _EDGE).astype(np.float32)


@dataclass(frozen=True)
class PathRequest:
    """How paths are wanted.

    Attributes:
        n_paths: how many. horizon: how many values each of them has.
        seed: of all draws. temperature: below 1 what is likely becomes likelier.
    """

    n_paths: int
    horizon: int
    seed: int
    temperature: float = 1.0


class PathSampler:
    """Paths that grow.

    Attributes:
        units: in which the network sees the series.
        step: how many values of each path there are.
        values: (P, N + H) in these units, the history first.
        state: (1, P, D) what the network keeps in mind.
    """

    @torch.inference_mode()
    def __init__(self, network: Forecaster, history: Floats, season: Season, wish: PathRequest) -> None:
        config = network.config
        self._network, self._wish = network, wish
        self.units: SeriesUnits = units_of(history, season, config)
        batch = laid_out([KnownSeries(np.append(history, np.zeros(wish.horizon)), season)], config, wish.horizon)
        self._n_known, self._n_unknown = config.n_known, batch.n_unknown
        self._lags, self._spread = batch.lags, batch.spread
        self.step = 0
        self.state = self._read(batch.values)
        self.values = batch.values.repeat(wish.n_paths, 1)
        draws = np.stack([draws_of(wish.seed, path, wish.horizon) for path in range(wish.n_paths)])
        self._draws = torch.from_numpy(draws)
        self._least = _least_of(history, self.units)

    def _read(self, values: Tensor) -> Tensor:
        """(1, P, D) what is kept of the history, the same for all paths."""
        config = self._network.config
        first = max(config.n_back, min(int(self._n_unknown[0]) + 1, config.n_known - 1))
        steps = torch.arange(first, config.n_known)
        seen = features_at(values, self._n_unknown, self._lags, steps, self._spread)
        _, state = self._network.recurrent(seen.features)
        return state.repeat(1, self._wish.n_paths, 1)

    @torch.inference_mode()
    def look(self) -> LogisticMixture:
        """What is said of the next value of each path, (P, 1, M); the state goes on."""
        steps = torch.tensor([self._n_known + self.step])
        n = len(self.values)
        seen = features_at(
            self.values, self._n_unknown.expand(n), self._lags.expand(n, -1), steps, self._spread.expand(n)
        )
        said, self.state = self._network(seen, self.state)
        return said

    @torch.inference_mode()
    def draw(self, said: LogisticMixture) -> Tensor:
        """(P,) a value for each path, in units."""
        drawn = said.drawn(self._draws[:, self.step, None], self._wish.temperature)[:, 0]
        return drawn.clamp(min=self._least)

    @torch.inference_mode()
    def settle(self, values: Tensor) -> None:
        """Take values (P,), in units, as the next ones."""
        self.values[:, self._n_known + self.step] = values
        self.step += 1

    @torch.inference_mode()
    def keep(self, chosen: npt.NDArray[np.int64]) -> None:
        """Go on from the paths `chosen` (P,) alone, some of them more than once."""
        index = torch.from_numpy(chosen)
        self.values, self.state = self.values[index], self.state[:, index].contiguous()

    @torch.inference_mode()
    def resume(self, paths: npt.NDArray[np.float32], state: npt.NDArray[np.float32]) -> None:
        """Go on from paths (P, K) in units, K ≤ H, with what was kept of them, (P, D)."""
        self.step = paths.shape[1]
        self.values[:, self._n_known : self._n_known + self.step] = torch.from_numpy(paths)
        self.state = torch.from_numpy(state.copy())[None]

    @property
    def kept(self) -> npt.NDArray[np.float32]:
        """(P, D) what is kept in mind of each path."""
        return self.state[0].numpy().copy()

    @property
    def paths(self) -> npt.NDArray[np.float32]:
        """(P, K) the values that there are so far, in units."""
        return self.values[:, self._n_known : self._n_known + self.step].numpy().copy()

    @property
    def series_paths(self) -> Floats:
        """(P, K) the same as values of the series: where it is an amount, none is below zero by what was rounded."""
        paths = self.units.back(self.paths)
        return paths.clip(0) if np.isfinite(self._least) else paths


def _least_of(history: Floats, units: SeriesUnits) -> float:
    """Below which no path falls, in units: zero where nothing was ever below it and some of it near."""
    is_amount = len(history) > 0 and history.min() >= 0 and history.min() < 0.1 * history.mean()
    return float((0 - units.level) / units.scale) if is_amount else float("-inf")


def forecast(network: Forecaster, history: Floats, season: Season, wish: PathRequest) -> Floats:
    """(P, H) whole paths that follow a history (N,)."""
    sampler = PathSampler(network, history, season, wish)
    for _ in range(wish.horizon):
        sampler.settle(sampler.draw(sampler.look()))
    return sampler.series_paths


@dataclass(frozen=True, eq=False)
class LookAhead:
    """Guesses by free paths, (P, H) in units, where a path will be later.

    Attributes:
        pins: the pinned values in units by their step, counted from 0.
    """

    free: npt.NDArray[np.float32]
    pins: Mapping[int, float]

    def next_pin(self, step: int) -> int | None:
        """The first pinned step behind `step`."""
        return min((one for one in self.pins if one > step), default=None)

    def log_chance(self, step: int, values: Floats) -> Floats:
        """(P,) how likely the next pinned value is for paths that have these values at `step`; 0 where none is left."""
        pin = self.next_pin(step)
        if pin is None or step < 0:
            return np.zeros(len(values))
        here, there = self.free[:, step].astype(np.float64), self.free[:, pin].astype(np.float64)
        variance = float(here.var())
        slope = float(((here - here.mean()) * (there - there.mean())).mean()) / max(variance, _LEAST_VARIANCE)
        left = there - there.mean() - slope * (here - here.mean())
        spread = _WIDER * float(left.var()) + _LEAST_VARIANCE
        off = self.pins[pin] - there.mean() - slope * (values - here.mean())
        return np.asarray(-0.5 * off**2 / spread - 0.5 * np.log(spread))


def settled_step(sampler: PathSampler, ahead: LookAhead, seed: int) -> None:
    """Let all paths take their next value, or the pinned one, and choose those that live on."""
    step, before = sampler.step, sampler.paths[:, -1] if sampler.step else np.zeros(len(sampler.values))
    guessed = ahead.log_chance(step - 1, before.astype(np.float64))
    said = sampler.look()
    if step in ahead.pins:
        pinned = torch.full((len(sampler.values), 1), ahead.pins[step])
        chances = said.log_density(pinned)[:, 0].double().numpy() - guessed
        sampler.settle(pinned[:, 0])
    else:
        drawn = sampler.draw(said)
        sampler.settle(drawn)
        chances = ahead.log_chance(step, drawn.double().numpy()) - guessed
    if ahead.next_pin(step - 1) is not None:
        sampler.keep(resampled(chances, float(generator(seed, "resample", step).random())))


def resampled(log_weights: Floats, draw: float) -> npt.NDArray[np.int64]:
    """(P,) which paths live on, by a systematic draw: each about as often as its weight says, in order."""
    weights = np.exp(log_weights - log_weights.max())
    ends = np.cumsum(weights / weights.sum())
    places = (np.arange(len(weights)) + draw) / len(weights)
    return np.minimum(np.searchsorted(ends, places), len(weights) - 1).astype(np.int64)
