"""What the forecaster learns from: windows of true series, and of series made up so that it meets all kinds of them.

Shape letters: B windows, N values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.seed import generator

from .forecast_config import Floats, ForecastConfig, Season, units_of
from .forecast_features import lags_of
from .forecast_made_up import made_up

N_AHEAD: Final = 48
_LEAST_KNOWN: Final = 3
"""Seasons that are known at least before a window is learnt from."""
_UPSIDE_DOWN: Final = 0.15


@dataclass(frozen=True, eq=False)
class KnownSeries:
    """A series that may be learnt from: its values (N,) and what comes round in it."""

    values: Floats
    season: Season


@dataclass(frozen=True, eq=False)
class WindowBatch:
    """Windows in units of their own: `values` (B, N), of which the first `n_unknown` (B,) are not known.

    `lags` (B, K) and `spread` (B,) are what `forecast_features.told` wants.
    """

    values: Tensor
    n_unknown: Tensor
    lags: Tensor
    spread: Tensor

    def to(self, device: torch.device) -> "WindowBatch":
        """The same on a device."""
        return WindowBatch(*(one.to(device) for one in (self.values, self.n_unknown, self.lags, self.spread)))


def laid_out(windows: Sequence[KnownSeries], config: ForecastConfig, n_ahead: int) -> WindowBatch:
    """Series whose last `n_ahead` values are to be said, as a batch; units are of what is known before."""
    n = config.n_known + n_ahead
    values, n_unknown, spread = np.zeros((len(windows), n), np.float32), [], []
    for row, window in zip(values, windows, strict=True):
        known = window.values[: len(window.values) - n_ahead]
        units = units_of(known, window.season, config)
        late = units.of(window.values[-n:])
        row[n - len(late) :] = late
        n_unknown.append(n - len(late))
        spread.append(units.spread)
    periods = torch.tensor([window.season.period for window in windows])
    longs = torch.tensor([window.season.long_period for window in windows])
    return WindowBatch(
        torch.from_numpy(values), torch.tensor(n_unknown), lags_of(periods, longs), torch.tensor(spread).float()
    )


@dataclass(frozen=True, eq=False)
class Windows:
    """Draws windows by number: the same seed and number give the same ones, whatever came before.

    Attributes:
        series: all that is learnt from; a long one is drawn more often, by the root of its length.
        n_true, n_made_up: windows in a batch.
    """

    series: Sequence[KnownSeries]
    config: ForecastConfig
    n_true: int
    n_made_up: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> WindowBatch:
        """A batch of both kinds."""
        chance = generator(self.seed, "windows", step, micro)
        true = [self._cut(chance) for _ in range(self.n_true)]
        others = [made_up(chance, self.config.n_known + N_AHEAD) for _ in range(self.n_made_up)]
        windows = [*true, *(KnownSeries(values, season) for values, season in others)]
        return laid_out(windows, self.config, N_AHEAD).to(self.device)

    def _cut(self, chance: np.random.Generator) -> KnownSeries:
        """A stretch of a true series that ends anywhere, now and then upside down."""
        roots = np.sqrt([len(one.values) for one in self.series])
        one = self.series[chance.choice(len(self.series), p=roots / roots.sum())]
        n = len(one.values)
        first = min(_LEAST_KNOWN * one.season.period + N_AHEAD, n)
        end = int(chance.integers(first, n + 1))
        values = one.values[:end]
        return KnownSeries(-values if chance.random() < _UPSIDE_DOWN else values, one.season)
