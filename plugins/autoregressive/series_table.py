"""Reads series out of a person's own table: CSV with any separator or Parquet, one series or several.

What cannot be known is guessed and said: each series comes with a note of what was done to it.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.text import N_

from .series_cells import Reader, date_reader, has_decimal_commas, is_gap, number
from .series_grid import Even, by_number, by_time
from .series_parquet import is_parquet, reading_parquet
from .series_rows import LOOKED_AT, Table, reading_rows
from .series_season import seasons, usual_horizon
from .series_state import About, Line, checked_values

MAX_SERIES: Final = 24
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".pq")
SUFFIXES: Final = (*TABLE_SUFFIXES, ".txt")
_MAX_NAME: Final = 60


def is_table(path: Path) -> bool:
    """Whether a file is called like a table."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def reading_table(path: Path) -> Generator[None, None, list[Line]]:
    """The series in a file; yields often.

    Raises:
        UserError: it cannot be read, is too large, or holds nothing that could be forecast.
    """
    table = yield from (reading_parquet(path) if is_parquet(path) else reading_rows(path))
    if not table.rows:
        raise UserError(N_("This table is empty."))
    kinds = _columns(table)
    yield
    found: list[Line] = []
    problem: UserError | None = None
    for title, even, comma in _series(table, kinds, path.stem):
        yield
        try:
            found.append(_line(title, even(), comma, table))
        except UserError as error:
            problem = problem or error
        if len(found) == MAX_SERIES:
            break
    if not found:
        raise problem or UserError(
            N_("No column of this table holds numbers."), N_("It needs one column of dates and one of numbers.")
        )
    return found


@dataclass(frozen=True, eq=False)
class Columns:
    """Which columns hold what: `date` is None where rows are only numbered; `group` tells several series apart."""

    date: int | None
    reader: Reader | None
    numbers: list[int]
    commas: dict[int, bool]
    group: int | None


def _columns(table: Table) -> Columns:
    heads = [[row[place] if place < len(row) else "" for row in table.rows[:LOOKED_AT]] for place in
             range(len(table.names))]  # fmt: skip
    readers = {place: date_reader(cells) for place, cells in enumerate(heads)}
    date = next((place for place, reader in readers.items() if reader is not None and _tells_apart(heads[place])), None)
    commas = {place: has_decimal_commas(cells) for place, cells in enumerate(heads)}
    numbers = [place for place, cells in enumerate(heads) if place != date and _are_numbers(cells, commas[place])]
    group = None
    if date is not None and len(set(heads[date])) < len(heads[date]):
        words = [place for place, cells in enumerate(heads) if place != date and place not in numbers]
        group = next((place for place in words if 1 < len(set(heads[place])) <= MAX_SERIES), None)
    return Columns(date, None if date is None else readers[date], numbers, commas, group)


def _tells_apart(cells: list[str]) -> bool:
    """Whether a column says when its rows are: a column of one and the same date does not."""
    return len(set(cells)) > 1 or len(cells) == 1


def _are_numbers(cells: list[str], has_comma: bool) -> bool:
    known = [cell for cell in cells if not is_gap(cell)]
    n = sum(number(cell, has_comma) is not None for cell in known)
    return n >= 2 and n >= 0.7 * len(known)


def _series(table: Table, columns: Columns, stem: str) -> Iterator[tuple[str, "_Making", bool]]:
    """What each series is called, how it is made, and whether its numbers have commas."""
    cells = table.column(columns.date) if columns.date is not None else None
    groups = table.column(columns.group) if columns.group is not None else None
    names = sorted(set(groups))[:MAX_SERIES] if groups is not None else [None]
    for place in columns.numbers:
        values = table.column(place)
        for name in names:
            rows = [row for row in range(len(values)) if groups is None or groups[row] == name]
            title = " · ".join(part for part in (table.names[place], name or "") if part) or stem[:_MAX_NAME]
            chosen = [values[row] for row in rows]
            times = None if cells is None else [cells[row] for row in rows]
            yield title, _Making(chosen, times, columns.reader, columns.commas[place]), columns.commas[place]


@dataclass(frozen=True, eq=False)
class _Making:
    values: list[str]
    times: list[str] | None
    reader: Reader | None
    has_comma: bool

    def __call__(self) -> Even:
        found = [number(cell, self.has_comma) for cell in self.values]
        values = np.array([np.nan if value is None else value for value in found])
        if self.times is None or self.reader is None:
            return by_number(values)
        dates: list[tuple[datetime, float]] = []
        for cell, value in zip(self.times, values, strict=True):
            when = self.reader(cell.strip())
            if when is not None:
                dates.append((when, float(value)))
        if len(dates) < 3:
            raise UserError(N_("This table holds fewer than three times."), N_("A forecast needs more values."))
        return by_time([when for when, _ in dates], np.array([value for _, value in dates]))


def _line(title: str, even: Even, has_comma: bool, table: Table) -> Line:
    values = checked_values(even.values)
    period, long_period = seasons(values, even.clock)
    notes = list(even.notes)
    if has_comma:
        notes.insert(0, N_("Commas were read as decimal points."))
    if table.n_rows > len(table.rows):
        kept, all_rows = len(table.rows), table.n_rows
        notes.insert(0, N_("Only the newest {kept:,} of {n:,} rows were read.").format(kept=kept, n=all_rows))
    horizon = usual_horizon(len(values), period)
    about = About("", title, "", period, long_period, horizon, even.clock, " ".join(notes)[:400])
    return Line(values, about)
