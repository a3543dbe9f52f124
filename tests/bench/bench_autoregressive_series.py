"""How fast a forecast is: 200 paths of 48 steps, and a new fan under a hand that drags a point."""

from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import torch

from tests.bench.statistic import percentile, seconds
from tests.bench.suite import Figure, bench

N_PATHS, N_STEPS = 200, 48
N_RUNS: Final = 7
N_AGAIN: Final = 2
"""So many steps are made by reading the whole past again: all 48 would take a minute."""
N_DRAGGED: Final = 12


@bench("autoregressive.forecast_paths", "s", at_most=0.5)
def forecast_paths() -> Figure:
    """200 paths of 48 steps with kept states, against reading what was for each step again."""
    from plugins.autoregressive.series.model.config import Season
    from plugins.autoregressive.series.model.sampling import PathRequest, forecast
    from studio.api.engine import limited_threads

    engine, line = _engine(), _line()
    season, wish = Season(line.about.period, line.about.long_period), PathRequest(N_PATHS, N_STEPS, 1)
    with limited_threads(1):
        forecast(engine.network, line.values, season, wish)
        taken = [seconds(lambda: forecast(engine.network, line.values, season, wish)) for _ in range(N_RUNS)]
        again_s = seconds(lambda: _read_again(engine.network, line)) / N_AGAIN * N_STEPS
    return Figure(percentile(taken, 50), "the whole past read again for each step", again_s, min(taken))


@bench("autoregressive.fan_redraw", "ms", at_most=100)
def fan_redraw() -> Figure:
    """A past point is dragged: a draft of the whole fan for each move of the hand."""
    return _dragged({})


@bench("autoregressive.fan_redraw_pinned", "ms", at_most=100)
def fan_redraw_pinned() -> Figure:
    """A pinned point is dragged: a draft whose paths all go through it."""
    return _dragged({24: 1.0})


@bench("autoregressive.forecast_frames", "s")
def forecast_frames() -> Figure:
    """The same run as frames with their pictures, as the timeline gets it."""
    engine, params = _engine(), _params()
    list(engine.generate(params))
    return Figure(percentile([seconds(lambda: list(engine.generate(params))) for _ in range(N_RUNS)], 50))


def _dragged(pins: dict[int, float]) -> Figure:
    """The median of some moves; with pins the pinned value moves, without them a past one does."""
    from studio.datasets.table.line import SeriesLine

    engine, line, params = _engine(), _line(), _params()
    middle = float(line.values[-N_STEPS:].mean())
    taken = []
    for move in range(N_DRAGGED):
        values = line.values.copy()
        values[-5] += 0.0 if pins else 10.0 * move
        through = dict.fromkeys(pins, middle * (1 + 0.002 * move))
        moved = SeriesLine(values, line.about)
        taken.append(1000 * seconds(partial(engine.draft, moved, params, through)))
    return Figure(percentile(taken[1:], 50), note="without painting")


def _read_again(network: Any, line: Any) -> None:
    """A few steps of all paths, each by a pass over the whole past."""
    from plugins.autoregressive.series.model.config import Season
    from plugins.autoregressive.series.model.forecaster import KnownSeries, features_at, laid_out

    season = Season(line.about.period, line.about.long_period)
    batch = laid_out([KnownSeries(line.values, season)] * N_PATHS, network.config, N_STEPS)
    steps = torch.arange(network.config.n_back, network.config.n_known + N_STEPS // 2)
    with torch.inference_mode():
        for _ in range(N_AGAIN):
            network(features_at(batch.values, batch.n_unknown, batch.lags, steps, batch.spread))


@cache
def _engine() -> Any:
    from plugins.autoregressive.series import engine as series_engine
    from plugins.autoregressive.series.model.forecaster import load_forecaster

    weights = Path(series_engine.__file__).parents[1] / "models" / "forecast.safetensors"
    return series_engine.ForecastEngine(load_forecaster(weights))


@cache
def _line() -> Any:
    from plugins.autoregressive.series.engine import line_of, pack

    return line_of(pack(), "taylor")


def _params() -> Any:
    from plugins.autoregressive.series.params import SeriesParams

    return SeriesParams(series="taylor", n_paths=N_PATHS, horizon=N_STEPS)
