"""Paths that go through points of the future: those that lead there live on, those that do not die out.

A particle filter that looks ahead (twisted, Whiteley and Lee 2012, arXiv 1210.0220): how near a path will come to the
next pinned value is guessed from free paths by a straight line, and set right where the value is reached, so that the
result is drawn from the network's own distribution given the pinned values, the better the more paths there are.

Shape letters: H steps ahead, P paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.core.seed import generator

from .forecast_config import Floats
from .forecast_paths import PathSampler

_WIDER: Final = 1.5
"""Guesses are made less sure than they seem: a wrong one that is sure leaves few paths."""
_LEAST_VARIANCE: Final = 1e-6


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
