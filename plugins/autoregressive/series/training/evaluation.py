"""Measures forecasts of the true series of the data set from rolling origins, against what they are held to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from studio.api.recipe import Measuring
from studio.api.training import DataSeries, Split, load_series

from ..baselines import Baseline, ForecastScore, mean_score, rolling_origins, scored, seasonal_scale
from ..model.config import Floats, Season
from ..model.forecaster import Forecaster, KnownSeries
from ..model.sampling import PathRequest, forecast

N_PATHS: Final = 200


@dataclass(frozen=True, eq=False)
class TrueSeries:
    """A series of the data set: its values (N,), what comes round in it, and how far it is forecast."""

    data: DataSeries
    values: Floats
    season: Season

    @property
    def name(self) -> str:
        """On the command line."""
        return self.data.facts.name

    @property
    def horizon(self) -> int:
        """How many values are forecast."""
        return self.data.facts.horizon

    def bounds(self, split: Split) -> tuple[int, int]:
        """The first value of a part, and the one behind its last."""
        return self.data.bounds(split)

    def known(self) -> KnownSeries:
        """What may be learnt from."""
        return KnownSeries(self.values[: self.bounds(Split.TRAIN)[1]], self.season)


def true_series() -> list[TrueSeries]:
    """All of them, those first that may be learnt from."""
    found = [
        TrueSeries(one, one.values.astype(float), Season(one.facts.period, one.facts.long_period))
        for one in load_series()
    ]
    return sorted(found, key=lambda one: not one.data.facts.is_learnt)


def learnt(series: list[TrueSeries]) -> list[TrueSeries]:
    """Those that may be learnt from."""
    return [one for one in series if one.data.facts.is_learnt]


Forecast: TypeAlias = Callable[[TrueSeries, int, int], np.ndarray]  # (series, origin, n_paths) to paths (P, H)


def by_network(network: Forecaster, seed: int) -> Forecast:
    """What a network forecasts."""

    def paths(series: TrueSeries, origin: int, n_paths: int) -> np.ndarray:
        wish = PathRequest(n_paths, series.horizon, seed)
        return forecast(network, series.values[:origin], series.season, wish)

    return paths


def by_baseline(rival: Baseline, seed: int) -> Forecast:
    """What another way of forecasting says."""

    def paths(series: TrueSeries, origin: int, n_paths: int) -> np.ndarray:
        return rival(series.values[:origin], series.season.period, series.horizon, n_paths, seed)

    return paths


def measured(
    ways: Forecast, series: Sequence[TrueSeries], split: Split, n_origins: int, n_paths: int = N_PATHS
) -> Measuring[dict[str, ForecastScore]]:
    """The mean figures of each series over at most so many origins within a part of it; yields after each.

    Each of them has a `scale_of` above 0.
    """
    found = {}
    for one in series:
        first, end = one.bounds(split)
        scale = scale_of(one)
        scores = []
        for origin in rolling_origins(first, end, one.horizon, n_origins):
            paths = ways(one, origin, n_paths)
            scores.append(scored(paths, one.values[origin : origin + one.horizon], scale))
            yield
        found[one.name] = mean_score(scores)
    return found


def scale_of(series: TrueSeries) -> float:
    """What the errors of a series are divided by: its mean seasonal difference before its test part, from 0 on."""
    return seasonal_scale(series.values[: series.bounds(Split.TEST)[0]], series.season.period)


def mean_of(found: dict[str, ForecastScore], names: Sequence[str]) -> ForecastScore:
    """The mean over some of the series."""
    return mean_score([found[name] for name in names])
