"""Finds year, month and day in the first columns of a table without names, by their values alone."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .series_cells import number
from .series_date_kinds import LOOKED_AT, is_even
from .series_date_order import Floats
from .series_dates import date

_YEARS: Final = (1500, 2199)
_MONTHS: Final = (1, 12)
_DAYS: Final = (1, 31)
_LEAST_ROWS: Final = 13
"""Months have come round at least once."""
_NEXT: Final = 0.9
_DAY_S: Final = 86_400.0
_LONGEST_DAYS: Final = 31


def unnamed_parts(names: Sequence[str], columns: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The places of year and month, or year, month and day, by the first rows; none where columns have names.

    Months follow each other, or all three are the days of a calendar in even steps.
    """
    if any(names) or len(columns) < 3 or len(columns[0]) < _LEAST_ROWS:
        return ()
    years, months, days = (_whole(cells[:LOOKED_AT]) for cells in columns[:3])
    if not (_are_within(years, _YEARS) and _are_within(months, _MONTHS) and (np.diff(years) >= 0).all()):
        return ()
    steps = np.diff(12 * years + months)
    if (steps > 0).all() and (steps == 1).mean() >= _NEXT:
        return (0, 1)
    return (0, 1, 2) if len(columns) > 3 and _are_within(days, _DAYS) and _are_days(years, months, days) else ()


def _whole(cells: Sequence[str]) -> Floats:
    found = [number(cell, False) for cell in cells]
    return np.array([np.nan if one is None or one % 1 else one for one in found])


def _are_within(values: Floats, bounds: tuple[int, int]) -> bool:
    return bool(((values >= bounds[0]) & (values <= bounds[1])).all())


def _are_days(years: Floats, months: Floats, days: Floats) -> bool:
    found = [date(*map(int, parts)) for parts in zip(years, months, days, strict=True)]
    if None in found:
        return False
    seconds = np.array([day.toordinal() * _DAY_S for day in found if day is not None])
    return is_even(seconds) and float(np.median(np.diff(seconds))) <= _LONGEST_DAYS * _DAY_S
