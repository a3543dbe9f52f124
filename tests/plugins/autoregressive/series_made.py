"""A small engine and panels of series for tests."""

from datetime import datetime, timedelta

import numpy as np

from plugins.autoregressive.series_clock import Clock
from plugins.autoregressive.series_date_kinds import kinds_of, reading_dates
from plugins.autoregressive.series_engine import SeriesEngine
from plugins.autoregressive.series_state import About, Line
from studio.core.generator import result_of
from tests.plugins.autoregressive.forecast_made import made_forecaster, made_values


def made_engine():
    """An engine with a small random network."""
    return SeriesEngine(made_forecaster())


def made_line(n=80, name="", **about):
    """A series of days with weeks."""
    known = {"period": 7, "horizon": 6, "clock": Clock("2024-01-01", 1, "day"), **about}
    return Line(made_values(n), About(name, "Made up", **known))


def table_text(n=40, separator=",", decimals=".", names=("date", "value")):
    """A table of days."""
    days = np.datetime64("2024-01-01") + np.arange(n)
    numbers = [f"{value:.2f}".replace(".", decimals) for value in made_values(n)]
    rows = [separator.join(row) for row in zip(map(str, days), numbers, strict=True)]
    return "\n".join([separator.join(names), *rows]) + "\n"


def first_date(cells):
    """The time in the first of these cells, if nearly all of them are dates; else None."""
    kind = next(iter(kinds_of(cells)), None)
    if kind is None:
        return None
    seconds, _ = result_of(reading_dates(cells, kind))
    return datetime(1, 1, 1) + timedelta(seconds=float(seconds[0]))
