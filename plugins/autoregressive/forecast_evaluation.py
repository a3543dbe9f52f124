"""Measures forecasts of true series from rolling origins, against what they are held to."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np

from studio.api.training import Split

from .forecast_network import Forecaster
from .forecast_paths import PathWish, forecast
from .forecast_rivals import Rival
from .forecast_score import ForecastScore, mean_score, rolling_origins, scored, seasonal_scale
from .forecast_series import Measuring, TrueSeries

N_PATHS: Final = 200
Forecast: TypeAlias = Callable[[TrueSeries, int, int], np.ndarray]  # (series, origin, n_paths) to paths (P, H)


def by_network(network: Forecaster, seed: int) -> Forecast:
    """What a network forecasts."""

    def paths(series: TrueSeries, origin: int, n_paths: int) -> np.ndarray:
        wish = PathWish(n_paths, series.horizon, seed)
        return forecast(network, series.values[:origin], series.season, wish)

    return paths


def by_rival(rival: Rival, seed: int) -> Forecast:
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


