"""How good forecasts were from rolling origins, by MASE and CRPS, beside the last season and exponential smoothing.

Shape letters: H steps ahead, N values, P paths.
"""

import importlib.util
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.table import SeriesLine
from studio.core.error import UserError
from studio.core.seed import generator
from studio.core.translation import N_

from .params import SeriesParams

Values = npt.NDArray[np.float64]
N_ORIGINS: Final = 24
Baseline: TypeAlias = Callable[[Values, int, int, int, int], Values]
N_ETS_VALUES: Final = 1500
"""Exponential smoothing hardly sees what is older; fitting it takes as long as it is given values."""
_TRENDS: Final[tuple[tuple[str | None, bool], ...]] = ((None, False), ("add", True), ("add", False))
N_TEST_PATHS: Final = 100
Forecast: TypeAlias = Callable[[SeriesLine, int], Generator[None, None, Values]]  # (series, H) to paths (P, H)


def crps(paths: Values, truth: Values) -> Values:
    """(H,) of paths (P, H): how far they lie from the truth, less half of how far they lie from each other.

    The integral of the squared distance between the distribution of the paths and that of the truth, exactly.
    """
    n, ranked = len(paths), np.sort(paths, 0)
    weights = 2 * np.arange(1, n + 1) - n - 1  # the sum over pairs of ranked values, each of them once
    spread = 2 * (weights[:, None] * ranked).sum(0) / n**2
    near: Values = np.abs(paths - truth).mean(0) - spread / 2
    return near


def mase(median: Values, truth: Values, scale: float) -> float:
    """The mean absolute error of a forecast (H,) in units of `scale`."""
    return float(np.abs(median - truth).mean()) / scale


@dataclass(frozen=True)
class ForecastScore:
    """Both figures in units of the mean seasonal difference of what was known, so that series can be averaged."""

    mase: float
    crps: float


def seasonal_scale(values: Values, period: int) -> float:
    """The mean distance of values (N,) from those one period before: what seasonal naive was off by, in sample."""
    differences = np.abs(values[period:] - values[:-period]) if len(values) > period else np.zeros(0)
    return float(differences.mean()) if len(differences) else 0.0


def scored(paths: Values, truth: Values, scale: float) -> ForecastScore:
    """Both figures of paths (P, H) against what came (H,)."""
    return ForecastScore(mase(np.median(paths, 0), truth, scale), float(crps(paths, truth).mean()) / scale)


def mean_score(scores: list[ForecastScore]) -> ForecastScore:
    """The mean of some; not a number where there are none."""
    if not scores:
        return ForecastScore(float("nan"), float("nan"))
    return ForecastScore(float(np.mean([one.mase for one in scores])), float(np.mean([one.crps for one in scores])))


def rolling_origins(first: int, end: int, horizon: int, most: int = N_ORIGINS) -> Iterator[int]:
    """At most `most` places from which `horizon` values are forecast, evenly spread, all of them within a stretch."""
    n_places = end - horizon - first + 1
    if n_places > 0:
        yield from sorted({first + round(share * (n_places - 1)) for share in np.linspace(0, 1, min(most, n_places))})


def seasonal_naive(history: Values, period: int, horizon: int, n_paths: int, seed: int) -> Values:
    """(P, H): the last season again and again, each value with a seasonal difference that was there before."""
    period = min(period, len(history))
    differences = history[period:] - history[:-period]
    differences = differences if len(differences) else np.zeros(1)
    drawn = generator(seed, "naive").choice(differences - differences.mean(), (n_paths, horizon))
    paths = np.concatenate([np.tile(history[-period:], (n_paths, 1)), np.zeros((n_paths, horizon))], 1)
    for step in range(horizon):
        paths[:, period + step] = paths[:, step] + drawn[:, step]
    return paths[:, period:]


def has_ets() -> bool:
    """Whether statsmodels, which fits it, is installed."""
    return importlib.util.find_spec("statsmodels") is not None


def ets(history: Values, period: int, horizon: int, n_paths: int, seed: int) -> Values:
    """(P, H) of an additive state space model; whether it has a trend, and a damped one, is chosen by AIC.

    Raises:
        UserError: statsmodels is not installed.
    """
    if not has_ets():
        what = N_("Exponential smoothing needs the Python package statsmodels.")
        raise UserError(what, N_("Install it with “pip install statsmodels”."))
    known = history[-max(N_ETS_VALUES, 4 * period) :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not settle is held against us as it is
        fits = [_fitted(known, period, trend, is_damped) for trend, is_damped in _TRENDS]
        best = min(fits, key=lambda fit: float(fit.aic))
        drawn = best.simulate(horizon, anchor="end", repetitions=n_paths, rng=generator(seed, "ets"))
    return np.ascontiguousarray(np.asarray(drawn, np.float64).reshape(horizon, n_paths).T)


def _fitted(known: Values, period: int, trend: str | None, is_damped: bool) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    has_season = period > 1 and len(known) >= 2 * period
    model = ETSModel(
        known,
        error="add",
        trend=trend,
        damped_trend=is_damped,
        seasonal="add" if has_season else None,
        seasonal_periods=period if has_season else None,
        initialization_method="heuristic",
    )
    return model.fit(disp=False)


@dataclass(frozen=True)
class BacktestScore:
    """How one way of forecasting did on the past of a series: its name and its figures."""

    way: str
    score: ForecastScore


def back_test(
    forecast: Forecast, line: SeriesLine, params: SeriesParams, n_origins: int
) -> Generator[None, None, list[BacktestScore]]:
    """How the model, the season before and, where it is installed, ETS did from origins in the last third.

    Raises:
        UserError: the series is too short for that, or does not change before those origins.
    """
    horizon, period = params.horizon or line.about.horizon, line.about.period
    first = max(2 * len(line.values) // 3, period + 1)
    origins = list(rolling_origins(first, len(line.values), horizon, n_origins))
    scale = seasonal_scale(line.values[:first], period)
    if origins and scale <= 0:
        raise UserError(
            N_("The first two thirds of this series do not change from one season to the next."),
            N_("A test on the past needs such changes to measure errors by."),
        )
    if not origins:
        raise UserError(
            N_("This series is too short to be tested on its past."),
            N_("It needs about {n} values, or a shorter forecast.").format(n=3 * horizon + 3 * period),
        )
    rivals = {N_("Last season"): seasonal_naive, **({N_("ETS"): ets} if has_ets() else {})}
    found: dict[str, list[ForecastScore]] = {N_("Forecast"): [], **{name: [] for name in rivals}}
    for origin in origins:
        known, truth = line.values[:origin], line.values[origin : origin + horizon]
        paths = yield from forecast(SeriesLine(known, line.about), horizon)
        found[N_("Forecast")].append(scored(paths, truth, scale))
        for name, rival in rivals.items():
            found[name].append(scored(rival(known, period, horizon, N_TEST_PATHS, params.seed), truth, scale))
            yield
    return [BacktestScore(way, mean_score(scores)) for way, scores in found.items()]
