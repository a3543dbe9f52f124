"""The kinds of dates that a column may hold, the clear ones before those which could be any other number."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from . import series_date_decimal as decimal
from . import series_date_figures as figures
from . import series_date_words as words
from .series_cells import some_known, spread
from .series_date_names import says_time, says_week
from .series_date_order import Floats, is_day_first, reading_seconds, runs_one_way
from .series_dates import Reader, day_first, month_and_year, month_first, timed, year_first
from .series_offsets import reading_at_one_offset

LOOKED_AT: Final = 400
_SHARE: Final = 0.9
"""So much of a column has to be read as dates, or it holds none."""
_FIRST_LOOKED_AT: Final = 20


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
    return is_named and decimal.is_steady(seconds)


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
    Kind(decimal.decimal_year, 2, True, _may_be_decimal, decimal.settled),
    Kind(decimal.serial_day, 2, True, lambda name, seconds: says_time(name) and decimal.are_serial_days(seconds)),
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
