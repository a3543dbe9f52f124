"""A small engine and panels of series for tests."""

from plugins.autoregressive.series.engine import ForecastEngine
from studio.datasets.table.line import Clock, SeriesInfo, SeriesLine
from tests.plugins.autoregressive.series.forecast_made import made_forecaster, made_values


def made_engine():
    """An engine with a small random network."""
    return ForecastEngine(made_forecaster())


def made_line(n=80, name="", **about):
    """A series of days with weeks."""
    known = {"period": 7, "horizon": 6, "clock": Clock("2024-01-01", 1, "day"), **about}
    return SeriesLine(made_values(n), SeriesInfo(name, "Made up", **known))
