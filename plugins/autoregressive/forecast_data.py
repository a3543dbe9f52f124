"""What the forecaster learns from: windows of true series, and of series made up so that it meets all kinds of them.

Shape letters: B windows, N values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from studio.core.seed import generator

from .forecast_config import ForecastConfig
from .forecast_features import KnownSeries, WindowBatch, laid_out
from .forecast_made_up import made_up

N_AHEAD: Final = 48
_LEAST_KNOWN: Final = 3
"""Seasons that are known at least before a window is learnt from."""
_UPSIDE_DOWN: Final = 0.15


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
