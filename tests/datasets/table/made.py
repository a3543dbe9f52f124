"""Tables for tests."""

from datetime import datetime, timedelta

import numpy as np

from studio.core.pausing import result_of
from studio.datasets.table.date_columns import kinds_of, reading_dates
from tests.plugins.autoregressive.series.forecast_made import made_values


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
