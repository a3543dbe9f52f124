"""Reads a person's own table as columns of numbers and of words, with gaps; what is neither is kept as it stands."""

import itertools
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.table.decimals import finding_decimals
from studio.datasets.table.head import plain_head
from studio.datasets.table.numbers import AT_ONCE, Floats, Numbers, is_gap, reading_numbers
from studio.datasets.table.parquet import is_parquet, reading_parquet
from studio.datasets.table.rows import Table, reading_rows
from studio.datasets.table.times import finding_times
from studio.datasets.table.workbook import is_workbook, reading_workbook

MAX_CELLS: Final = 100_000
"""As many are read of a table, whole rows from its first one on."""
MAX_WORDS: Final = 40
"""A column of more different words is no column of categories."""
MAX_NAME: Final = 120
MAX_DECIMALS: Final = 6
_REPEATED: Final = 2.0
"""Each word of a category stands so often by the mean, at least."""
_MOST_NAMED: Final = 90


@dataclass(frozen=True, eq=False)
class MixedColumn:
    """A column of N cells.

    Attributes:
        values: (N,), NaN where there is a gap: numbers, or places in `words`; (0,) where it is neither.
        words: the categories, in the order in which they first stand in the table; none in a column of numbers.
        n_decimals: how many decimals its numbers have, at most 6.
        cells: of a column that is neither, all cells as they stand.
    """

    name: str
    values: Floats
    words: tuple[str, ...] = ()
    n_decimals: int = 0
    cells: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return not self.words and not self.cells

    @property
    def is_kept(self) -> bool:
        """Whether it is neither, so that nothing can be learnt from it."""
        return bool(self.cells)

    def text(self, value: float) -> str:
        """What stands in a cell with this value; "" for a gap."""
        if not np.isfinite(value):
            return ""
        if self.words:
            return self.words[int(value)]
        return f"{value:.{self.n_decimals}f}"


@dataclass(frozen=True, eq=False)
class MixedTable:
    """Columns of equal length, and a sentence or more on what was left out; "" where nothing was."""

    columns: tuple[MixedColumn, ...]
    n_rows: int
    note: str = ""


def reading_mixed(path: Path) -> Generator[None, None, MixedTable]:
    """The table in a file (CSV, Excel, Parquet); yields often.

    Raises:
        UserError: it cannot be read, is too large or empty, or holds neither numbers nor categories.
    """
    if is_parquet(path):
        table = yield from reading_parquet(path)
    else:
        table = yield from (reading_workbook if is_workbook(path) else reading_rows)(path, plain_head)
    if not table.rows or not table.names:
        raise UserError(N_("This table is empty."), N_("Choose one with a heading and rows below it."))
    n_rows = max(2, MAX_CELLS // len(table.names))
    found = yield from _columns(Table(table.names, table.rows[:n_rows], table.n_rows, table.separator, table.typed))
    if all(column.is_kept for column in found):
        raise UserError(
            N_("No column of this table contains numbers or categories."),
            N_("Choose a table with one row for each thing and one column for each of its properties."),
        )
    notes = [*table.notes, *_notes(table, min(n_rows, len(table.rows)), found)]
    return MixedTable(tuple(found), min(n_rows, len(table.rows)), " ".join(notes))


def _notes(table: Table, n_kept: int, columns: Sequence[MixedColumn]) -> Iterator[str]:
    if table.n_rows > n_kept:
        yield N_("Only {kept:,} of {n:,} rows were read.").format(kept=n_kept, n=table.n_rows)
    kept = ", ".join(column.name for column in columns if column.is_kept)
    if kept:
        short = kept if len(kept) <= _MOST_NAMED else f"{kept[:_MOST_NAMED]}…"
        yield N_("Left as they are, since they are neither numbers nor categories: {names}.").format(names=short)


def _columns(table: Table) -> Generator[None, None, list[MixedColumn]]:
    cells = yield from table.reading_columns()
    times = yield from finding_times(table.names, cells)
    dates = replace(times, places=tuple(place for place in times.places if not _are_years(cells[place])))
    decimals = yield from finding_decimals(table, cells, dates)
    names = _distinct(table.names)
    found = []
    for place, column in enumerate(cells):
        numbers: Numbers | None = None
        if place in decimals:
            numbers = yield from reading_numbers(column, decimals[place].has_comma)
        found.append((yield from _column(names[place], column, numbers, place in dates.places)))
    return found


def _are_years(cells: Sequence[str]) -> bool:
    """Whether all that stands in a column are whole numbers of few figures: they say how much as well as when."""
    known = [cell.strip() for cell in cells if not is_gap(cell)]
    return all(cell.isascii() and cell.isdecimal() and len(cell) <= 4 for cell in known)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of columns, none of them empty and no two alike."""
    found: list[str] = []
    taken: Counter[str] = Counter()
    for place, name in enumerate(names, 1):
        short = name.strip()[:MAX_NAME] or f"column {place}"
        taken[short] += 1
        found.append(short if taken[short] == 1 else f"{short} ({taken[short]})")
    return found


def _column(
    name: str, cells: Sequence[str], numbers: Numbers | None, is_date: bool
) -> Generator[None, None, MixedColumn]:
    """A column of numbers where most of its cells are some with at least three different values, else of words."""
    if numbers is not None and numbers.is_number and not is_date:
        apart = np.unique(numbers.values[np.isfinite(numbers.values)])
        if len(apart) > 2:
            return MixedColumn(name, numbers.values, n_decimals=_n_decimals(apart))
    words: dict[str, int] = {}
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if not is_gap(cell):
            values[row] = words.setdefault(cell.strip(), len(words))
        if row % AT_ONCE == AT_ONCE - 1:
            yield
    n_known = int(np.isfinite(values).sum())
    if is_date or not 0 < len(words) <= min(MAX_WORDS, max(2.0, n_known / _REPEATED)):
        return MixedColumn(name, np.zeros(0), cells=tuple(cells))
    return MixedColumn(name, values, tuple(words))


def _n_decimals(values: npt.NDArray[np.float64]) -> int:
    """How many decimals bring back all of these values, at most 6."""
    some = values[:: max(1, len(values) // 1000)]
    exact = (n for n in range(MAX_DECIMALS) if np.array_equal(np.round(some, n), some))
    return next(itertools.chain(exact, [MAX_DECIMALS]))
