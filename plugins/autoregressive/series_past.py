"""How a model and others did on the past of a series: forecasts from rolling origins, against what came.

Shape letters: H steps ahead, P paths.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final, TypeAlias

from studio.core.error import UserError
from studio.core.text import N_

from .forecast_rivals import ets, has_ets, seasonal_naive
from .forecast_score import Floats, ForecastScore, mean_score, rolling_origins, scored, seasonal_scale
from .series_params import SeriesParams
from .series_state import Line

N_TEST_PATHS: Final = 100
Forecast: TypeAlias = Callable[[Line, int], Generator[None, None, Floats]]  # (series, H) to paths (P, H)


@dataclass(frozen=True)
class WayScore:
    """How one way of forecasting did on the past of a series: its name and its figures."""

    way: str
    score: ForecastScore


def back_test(
    forecast: Forecast, line: Line, params: SeriesParams, n_origins: int
) -> Generator[None, None, list[WayScore]]:
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
            N_("A test on the past measures errors by those changes."),
        )
    if not origins:
        raise UserError(
            N_("This series is too short for a test on its past."),
            N_("It needs about {n} values, or a shorter forecast.").format(n=3 * horizon + 3 * period),
        )
    rivals = {N_("Season before"): seasonal_naive, **({N_("ETS"): ets} if has_ets() else {})}
    found: dict[str, list[ForecastScore]] = {N_("Forecast"): [], **{name: [] for name in rivals}}
    for origin in origins:
        known, truth = line.values[:origin], line.values[origin : origin + horizon]
        paths = yield from forecast(Line(known, line.about), horizon)
        found[N_("Forecast")].append(scored(paths, truth, scale))
        for name, rival in rivals.items():
            found[name].append(scored(rival(known, period, horizon, N_TEST_PATHS, params.seed), truth, scale))
            yield
    return [WayScore(way, mean_score(scores)) for way, scores in found.items()]
