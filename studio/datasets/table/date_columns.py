"""Reads a column of dates by what all its cells say together: their kind, whether days stand first, their offsets."""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_
from studio.datasets.table import dates as figures
from studio.datasets.table import dates as words
from studio.datasets.table.dates import (
    Reader,
    day_first,
    later,
    month_and_year,
    month_first,
    says_time,
    says_week,
    timed,
    year_first,
)
from studio.datasets.table.numbers import AT_ONCE, some_known, spread

Floats = npt.NDArray[np.float64]
_ORIGIN: Final = datetime(1, 1, 1)
_POINTED: Final = re.compile(r"\d{1,2}\.\d{1,2}\.")
_OFFSET: Final = re.compile(r":\d\d[^-+]*(?:(Z)|([+-])(\d\d):?(\d\d)?)\s*", re.IGNORECASE)
_LOOKED_AT: Final = 400
_LONGEST: Final = 64
Moments: TypeAlias = npt.NDArray[np.datetime64]

_FIRST_SECOND: Final = np.datetime64("0001-01-01", "s")
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
_ALIKE_SHARE: Final = 0.7
LOOKED_AT: Final = 400
_SHARE: Final = 0.9
"""So much of a column has to be read as dates, or it holds none."""
_FIRST_LOOKED_AT: Final = 20


def reading_seconds(cells: Sequence[str], reader: Reader) -> Generator[None, None, Floats]:
    """(N,) how long after the beginning of the year 1 each time is; not a number where a cell is none. Yields often."""
    known: dict[str, float] = {}
    found = np.empty(len(cells))
    for place, cell in enumerate(cells):
        if cell not in known:
            when = reader(cell.strip())
            known[cell] = np.nan if when is None else (when - _ORIGIN).total_seconds()
        found[place] = known[cell]
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    return found


def is_day_first(cells: Sequence[str], days: Floats, months: Floats) -> tuple[bool, str]:
    """Whether the day is first in these cells, and a sentence where that was a guess, else "".

    `days` (N,) are the times with the day first, `months` those with the month first. The order that reads more of them
    wins; where both read as many, the one whose times run one way and in more even steps. With points between, the day
    is first unless more cells say otherwise.
    """
    n_days, n_months = (int(np.isfinite(one).sum()) for one in (days, months))
    if n_days != n_months:
        return n_days > n_months, ""
    open_ = next((cell.strip() for cell, day, month in zip(cells, days, months, strict=True) if day != month), "")
    if np.array_equal(days, months, equal_nan=True) or _POINTED.match(open_):
        return True, ""
    if _evenness(months) > _evenness(days):
        return False, N_("Dates such as “{text}” were read with the month first.").format(text=open_[:30])
    return True, N_("Dates such as “{text}” were read with the day first.").format(text=open_[:30])


def runs_one_way(seconds: Floats) -> bool:
    """Whether times (N,) never turn back, up or down, and are not all the same; what is no number is passed over."""
    steps = np.diff(seconds[np.isfinite(seconds)])
    return bool(len(steps) and steps.any() and ((steps >= 0).all() or (steps <= 0).all()))


def _evenness(seconds: Floats) -> tuple[bool, float, float]:
    """The larger, the more likely these times are: they run one way, without holes, in steps of one length."""
    apart = np.unique(seconds[np.isfinite(seconds)])
    if len(apart) < 3:
        return runs_one_way(seconds), 0.0, 0.0
    steps = np.diff(apart)
    filled = len(steps) / float((apart[-1] - apart[0]) / np.median(steps))
    return runs_one_way(seconds), round(min(filled, 1 / filled), 1), -float(steps.std() / steps.mean())


def reading_at_one_offset(cells: Sequence[str], seconds: Floats) -> Generator[None, None, Floats]:
    """Times (N,) as read from cells, as clocks at the offset of the first one that has any show them. Yields often."""
    if not any(_offset(cell) is not None for cell in spread(cells, _LOOKED_AT)):
        return seconds
    offsets = np.empty(len(cells))
    for place, cell in enumerate(cells):
        offset = _offset(cell)
        offsets[place] = np.nan if offset is None else offset
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    told = offsets[np.isfinite(offsets)]
    return seconds if not len(told) else seconds - np.where(np.isfinite(offsets), offsets - told[0], 0.0)


def _offset(cell: str) -> float | None:
    """The offset behind a time of day, in seconds; None where there is none."""
    found = _OFFSET.search(cell) if len(cell) <= _LONGEST else None
    if found is None or found.end() < len(cell):
        return None
    size = 3600.0 * int(found[3] or 0) + 60.0 * int(found[4] or 0)
    return -size if found[2] == "-" else size


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
    return float((np.abs(steps - middle) <= _ALIKE * abs(middle)).mean()) >= _ALIKE_SHARE


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
    return np.asarray(_FIRST_SECOND + seconds.astype("timedelta64[s]"))


def year_shares(when: Moments) -> tuple[Moments, Floats]:
    """The years of dates (N,), and how much of them has gone by, 0 to 1."""
    years = when.astype("datetime64[Y]")
    begin, end = years.astype("datetime64[s]"), (years + np.timedelta64(1, "Y")).astype("datetime64[s]")
    return years, np.asarray((when - begin) / (end - begin))


def _beginnings_of_months(seconds: Floats) -> Floats:
    years, shares = year_shares(moments(seconds))
    months = np.floor(12 * shares + _EARLY).astype("timedelta64[M]")
    begin = years.astype("datetime64[M]") + months
    return np.asarray((begin - _FIRST_SECOND).astype("timedelta64[s]").astype(np.float64))


def is_strict(seconds: Floats) -> bool:
    """Whether times (N,) only rise or only fall; what is no number is passed over."""
    return runs_one_way(seconds) and bool(np.diff(seconds[np.isfinite(seconds)]).all())


def is_even(seconds: Floats) -> bool:
    """Whether times (N,) only rise or only fall, mostly in steps of one length."""
    steps = np.abs(np.diff(seconds[np.isfinite(seconds)])) / 86_400
    return is_strict(seconds) and float((np.abs(steps - np.median(steps)) < 2).mean()) >= 0.8


def _has_months(seconds: Floats) -> bool:
    """Whether months run one way, and not only one of each year: those might be days."""
    days = seconds[np.isfinite(seconds)] / 86_400
    return runs_one_way(seconds) and len(np.unique((days + 15) % 365.2425 // 30.44)) > 1


def _is_each_month(seconds: Floats) -> bool:
    """Whether times are all months from the first one of the calendar, which might else be days."""
    months = seconds[np.isfinite(seconds)] / 86_400 / 30.44
    return bool((np.abs(months - np.arange(len(months))) < 0.5).all())


def _may_be_decimal(name: str, seconds: Floats) -> bool:
    is_named = not name or says_time(name) or "decimal" in name.lower()
    return is_named and is_steady(seconds)


def _always(_name: str, _seconds: Floats) -> bool:
    return True


def _as_read(seconds: Floats) -> Floats:
    return seconds


@dataclass(frozen=True)
class Kind:
    """A kind of dates.

    Attributes:
        rank: 0 for what can hardly be anything else. is_number: whether its cells could be the values of a series.
        holds: whether a column of this name and these times may be taken for it. settled: these times made exact.
    """

    read: Reader
    rank: int = 0
    is_number: bool = False
    holds: Callable[[str, Floats], bool] = _always
    settled: Callable[[Floats], Floats] = _as_read


NUMERALS: Final = Kind(day_first)  # or month first
KINDS: Final = (
    Kind(year_first),
    NUMERALS,
    Kind(timed(words.worded)),
    Kind(month_and_year),
    Kind(words.numbered_month),
    Kind(words.quarter),
    Kind(words.week),
    Kind(words.short_month, holds=lambda _name, seconds: _has_months(seconds)),
    Kind(words.month_of_counted_year, holds=lambda _name, seconds: _is_each_month(seconds)),
    Kind(figures.compact, 1, True, lambda name, seconds: says_time(name) or is_strict(seconds)),
    Kind(figures.since_1970, 1, True, lambda name, seconds: says_time(name) or is_strict(seconds)),
    Kind(figures.year_and_week, 2, True, lambda name, _seconds: says_week(name)),
    Kind(figures.year_and_month, 2, True, lambda name, seconds: says_time(name) or is_strict(seconds)),
    Kind(figures.year, 2, True, lambda name, seconds: says_time(name) or is_even(seconds)),
    Kind(decimal_year, 2, True, _may_be_decimal, settled),
    Kind(serial_day, 2, True, lambda name, seconds: says_time(name) and are_serial_days(seconds)),
)


def kinds_of(cells: Sequence[str]) -> list[Kind]:
    """The kinds of dates that nearly all of these cells are, by a few hundred of them; the best first."""
    known = some_known(cells, LOOKED_AT)
    few, many = spread(known, _FIRST_LOOKED_AT), known
    return [kind for kind in KINDS if known and _is_of(kind, few, _SHARE / 2) and _is_of(kind, many, _SHARE)]


def _is_of(kind: Kind, cells: Sequence[str], share: float) -> bool:
    return any(sum(read(cell) is not None for cell in cells) >= share * len(cells) for read in _readers(kind))


def _readers(kind: Kind) -> tuple[Reader, ...]:
    return (day_first, month_first) if kind is NUMERALS else (kind.read,)


def reading_dates(cells: Sequence[str], kind: Kind) -> Generator[None, None, tuple[Floats, str]]:
    """The times (N,) of cells in seconds since the year 1, and a sentence where the order was a guess. Yields often.

    Where they have several offsets from UTC, all are at that of the first.
    """
    seconds, guess = yield from _reading_as_written(cells, kind)
    return (yield from reading_at_one_offset(cells, seconds)), guess


def _reading_as_written(cells: Sequence[str], kind: Kind) -> Generator[None, None, tuple[Floats, str]]:
    if kind is not NUMERALS:
        return kind.settled((yield from reading_seconds(cells, kind.read))), ""
    days = yield from reading_seconds(cells, day_first)
    months = yield from reading_seconds(cells, month_first)
    is_first, guess = is_day_first(cells, days, months)
    return (days if is_first else months), guess


def is_date(text: str) -> bool:
    """Whether a text without spaces around it may be a date of any kind."""
    return any(read(text) is not None for kind in KINDS for read in _readers(kind))
