"""Lays out a table of a row for each year and a column for each month as one series of months."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from studio.core.text import N_

from .series_date_figures import year
from .series_date_names import month_named
from .series_rows import Table

_LEAST_ROWS: Final = 2
_N_MONTHS: Final = 12
_LIKELY_YEARS: Final = range(1500, 2200)


def with_rows_of_months(table: Table) -> Table:
    """The same table, or one with a row for each month where the columns of this one are the months of its years."""
    first = _first_month(table.names)
    years = [] if first is None else [_year(row) for row in table.rows]
    if first is None or len(years) < _LEAST_ROWS or not _is_one_way(years):
        return table
    places = range(first, first + _N_MONTHS)
    rows = [
        [f"{when}-{month:02d}", row[place] if place < len(row) else ""]
        for when, row in zip(years, table.rows, strict=True) if when is not None
        for month, place in enumerate(places, 1)
    ]  # fmt: skip
    typed = frozenset([1]) if table.typed.issuperset(places) else frozenset[int]()
    note = N_("Each row was taken as a year, its columns as the months, one after the other.")
    names, n_rows = [table.names[0], ""], _N_MONTHS * table.n_rows
    return replace(table, names=names, rows=rows, n_rows=n_rows, typed=typed, notes=(*table.notes, note))


def _first_month(names: Sequence[str]) -> int | None:
    """Where the months begin, by names or by numbers, all twelve behind the first column; None where they do not."""
    months = [_month(name.strip().rstrip(".")) for name in names]
    wanted = list(range(1, _N_MONTHS + 1))
    return next((at for at in range(1, len(names)) if months[at : at + _N_MONTHS] == wanted), None)


def _month(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdecimal() and len(name) < 3 else month_named(name)


def _year(row: Sequence[str]) -> int | None:
    found = year(row[0].strip()) if row else None
    return found.year if found and found.year in _LIKELY_YEARS else None


def _is_one_way(years: Sequence[int | None]) -> bool:
    """Whether nearly all rows have a year, and these only rise or only fall."""
    steps = np.diff([one for one in years if one is not None])
    return sum(one is None for one in years) <= 0.1 * len(years) and bool((steps > 0).all() or (steps < 0).all())
