"""Reads times that are plain numbers: years with decimals, 1871.0833, and days as spreadsheets count them, 45292."""

import re
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from .series_date_order import Floats
from .series_dates import later

Moments: TypeAlias = npt.NDArray[np.datetime64]

_ORIGIN: Final = np.datetime64("0001-01-01", "s")
_YEAR: Final = re.compile(r"(1[5-9]\d\d|2[01]\d\d)(\.\d+)?")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(\.\d+)?")
_FIRST_DAY: Final = datetime(1899, 12, 30)
_DAY_S: Final = 86_400.0
_MONTH_DAYS: Final = 27.0
_EARLY: Final = 0.25
"""A time may be said to be so much of its month or day too early: 1871.08 is in February."""
_STEPS_DAYS: Final = ((1, 1), (7, 7), (14, 14), (28, 31), (90, 92), (365, 366))
_MOST_DAYS: Final = 36_525
_ALIKE: Final = 0.4
_SHARE: Final = 0.7


def decimal_year(text: str) -> datetime | None:
    """The time in a year between 1500 and 2199 that its decimals say."""
    found = _YEAR.fullmatch(text)
    if found is None:
        return None
    begin, end = (datetime(int(found[1]) + more, 1, 1) for more in (0, 1))
    return later(begin, float(found[2] or 0) * (end - begin).total_seconds())


def serial_day(text: str) -> datetime | None:
    """A day between 1954 and 2119 by its number from 1899-12-30, with a part of it as decimals or not."""
    found = _SERIAL.fullmatch(text)
    return _FIRST_DAY + timedelta(seconds=round(float(text) * _DAY_S)) if found else None


def is_steady(seconds: Floats) -> bool:
    """Whether times (N,) only rise or only fall, most of them by about as much."""
    steps = np.diff(seconds[np.isfinite(seconds)])
    if len(steps) < 2 or not ((steps > 0).all() or (steps < 0).all()):
        return False
    middle = float(np.median(steps))
    return float((np.abs(steps - middle) <= _ALIKE * abs(middle)).mean()) >= _SHARE


def are_serial_days(seconds: Floats) -> bool:
    """Whether times (N,) are steady, by a step of the calendar, over a hundred years at most."""
    known = seconds[np.isfinite(seconds)]
    if not is_steady(seconds) or np.ptp(known) > _MOST_DAYS * _DAY_S:
        return False
    step = abs(float(np.median(np.diff(known)))) / _DAY_S
    return step < 1 or any(low <= step <= high for low, high in _STEPS_DAYS)


def settled(seconds: Floats) -> Floats:
    """Times (N,) that are exact to some decimals, at the beginning of their months or days as their steps are long."""
    known = np.isfinite(seconds)
    step = float(np.median(np.abs(np.diff(seconds[known])))) / _DAY_S if known.sum() > 1 else 0.0
    found = seconds.copy()
    if step >= _MONTH_DAYS:
        found[known] = _beginnings_of_months(seconds[known])
    elif step >= 0.9:
        found[known] = np.floor(seconds[known] / _DAY_S + _EARLY) * _DAY_S
    return found


def moments(seconds: Floats) -> Moments:
    """Times (N,) in seconds since the year 1 as dates."""
    return np.asarray(_ORIGIN + seconds.astype("timedelta64[s]"))


def year_shares(when: Moments) -> tuple[Moments, Floats]:
    """The years of dates (N,), and how much of them has gone by, 0 to 1."""
    years = when.astype("datetime64[Y]")
    begin, end = years.astype("datetime64[s]"), (years + np.timedelta64(1, "Y")).astype("datetime64[s]")
    return years, np.asarray((when - begin) / (end - begin))


def _beginnings_of_months(seconds: Floats) -> Floats:
    years, shares = year_shares(moments(seconds))
    months = np.floor(12 * shares + _EARLY).astype("timedelta64[M]")
    begin = years.astype("datetime64[M]") + months
    return np.asarray((begin - _ORIGIN).astype("timedelta64[s]").astype(np.float64))
