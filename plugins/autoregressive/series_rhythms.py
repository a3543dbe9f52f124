"""Keeps the rows of one rhythm where years, quarters and months stand below each other in one column."""

import re
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from typing import Final

from studio.core.text import N_

from .series_cells import AT_ONCE, some_known
from .series_date_figures import year
from .series_date_kinds import LOOKED_AT
from .series_date_words import numbered_month, quarter, worded
from .series_dates import month_and_year, year_first
from .series_rows import Table

_FIGURES: Final = re.compile(r"\d+")
_RHYTHMS: Final = (N_("year"), N_("quarter"), N_("month"))
_LEAST_ROWS: Final = 3
_SHARE: Final = 0.5


def reading_one_rhythm(table: Table) -> Generator[None, None, Table]:
    """The same table, or only the rows of that rhythm in its first column which most of them have. Yields often."""
    cells = [row[0].strip() if row else "" for row in table.rows]
    known = some_known(cells, LOOKED_AT)
    yield
    counts = _counts(known)
    if len(counts) < 2 or counts.total() < _SHARE * len(known):
        return table
    most = max(counts, key=lambda rhythm: (counts[rhythm], rhythm))
    rows, found = [], dict[str, int | None]()
    for place, cell in enumerate(cells):
        if cell not in found:
            found[cell] = _rhythm(cell)
        if found[cell] == most:
            rows.append(table.rows[place])
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    note = N_("Only the {n:,} rows that tell a {rhythm} were taken, as others tell longer or shorter times.")
    told = note.format(n=len(rows), rhythm=_RHYTHMS[most])
    return replace(table, rows=rows, n_rows=table.n_rows - len(cells) + len(rows), notes=(*table.notes, told))


def _counts(cells: list[str]) -> Counter[int]:
    """How many of these cells are of each rhythm, if at least three are."""
    counts = Counter(rhythm for cell in cells if (rhythm := _rhythm(cell)) is not None)
    return Counter({rhythm: n for rhythm, n in counts.items() if n >= _LEAST_ROWS})


def _rhythm(cell: str) -> int | None:
    """The place among the rhythms of a year, a quarter or a month without a day; None for anything else."""
    if year(cell):
        return 0
    if quarter(cell):
        return 1
    n = len(_FIGURES.findall(cell))
    is_month = worded(cell) if n == 1 else n == 2 and (numbered_month(cell) or month_and_year(cell) or year_first(cell))
    return 2 if is_month else None
