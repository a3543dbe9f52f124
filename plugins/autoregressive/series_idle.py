"""Tells which columns of numbers are no series: the time in another form, a count of rows, or one value throughout."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.text import N_

from .series_date_decimal import Moments, moments, year_shares
from .series_date_names import folded
from .series_numbers import Floats, Numbers
from .series_time_parts import part_named
from .series_times import Times


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTS: Final = _words("index idx instant id no nr row rowid record obs observation unnamed lfd zeile")
_DAY_NAMES: Final = _words("weekday wochentag dow dayofweek day_of_week doy dayofyear day_of_year yday")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_ALIKE_YEARS: Final = 0.02
"""A decimal year is as far from the time of its row everywhere, but for so much of a year."""
_MOST_SHOWN: Final = 90


def idle_columns(names: Sequence[str], times: Times, numbers: Mapping[int, Numbers]) -> list[int]:
    """The places of columns of numbers that are no series of their own; none where there are no others."""
    found = [place for place, one in numbers.items() if _is_idle(names, place, times, one.values)]
    return found if len(found) < len(numbers) else []


def idle_words(names: Sequence[str], places: Sequence[int]) -> str:
    """A sentence on what was left out; "" where nothing was."""
    if not places:
        return ""
    said = ", ".join(names[place] or N_("column {n}").format(n=place + 1) for place in places)
    short = said if len(said) <= _MOST_SHOWN else f"{said[:_MOST_SHOWN]}…"
    return N_("Left out, as they tell the time, count rows or never change: {names}.").format(names=short)


def _is_idle(names: Sequence[str], place: int, times: Times, values: Floats) -> bool:
    known = values[np.isfinite(values)]
    if len(known) < 2 or (known == known[0]).all():
        return len(known) > 1
    if len(known) == len(values) and (np.diff(values) == 1).all() and _says_count(names, place):
        return True
    return times.seconds is not None and _tells_time(names[place], values, times.seconds)


def _says_count(names: Sequence[str], place: int) -> bool:
    """Whether a column is called a count of rows, or is a first one without a name beside others that have one."""
    is_first = place == 0 and names[0] in ("", "#") and any(names)
    return is_first or any(word in _COUNTS for word in _WORDS.findall(folded(names[place])))


def _tells_time(name: str, values: Floats, seconds: Floats) -> bool:
    """Whether values (N,) are what the times of their rows say too: decimal years, or parts that are named as such."""
    known = np.isfinite(values) & np.isfinite(seconds)
    if known.sum() < 3:
        return False
    values, when = values[known], moments(seconds[known])
    years, shares = year_shares(when)
    off = values - (years.astype(np.int64) + 1970 + shares)
    if np.ptp(off) < _ALIKE_YEARS and np.abs(off).max() < 1:
        return True
    is_named = part_named(name) is not None or folded(name.strip()) in _DAY_NAMES
    return is_named and any(_is_same(values - part, n_around) for part, n_around in _parts(when))


def _is_same(off: Floats, n_around: int) -> bool:
    """Whether values are equally far from a part of the date, so that it may be counted from anywhere."""
    left = off - off[0]
    return not (left % n_around if n_around else left).any()


def _parts(when: Moments) -> list[tuple[npt.NDArray[np.int64], int]]:
    """Year, quarter, month, day of the month, the year and the week, and hour, each with how many come round, or 0."""
    years, months, days = (when.astype(f"datetime64[{unit}]") for unit in "YMD")
    n_months = months.astype(np.int64)
    whole = [years.astype(np.int64), n_months // 3, n_months, (days - months).astype(np.int64),
             (days - years).astype(np.int64), days.astype(np.int64), when.astype("datetime64[h]").astype(np.int64)]
    return list(zip(whole, (0, 4, 12, 0, 0, 7, 24), strict=True))
