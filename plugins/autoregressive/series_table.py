"""Reads series out of a person's own table: CSV with any separator or Parquet, one series or several.

What cannot be known is guessed and said: each series comes with a note of what was done to it.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import N_

from .series_cells import number, some_known
from .series_date_kinds import LOOKED_AT
from .series_decimals import Decimals, Signs, decimals_of, signs_in
from .series_grid import Even, by_number, by_seconds
from .series_head import named
from .series_idle import idle_columns, idle_words
from .series_keys import Keys, finding_keys
from .series_numbers import Numbers, reading_numbers, within
from .series_parquet import is_parquet, reading_parquet
from .series_rhythms import reading_one_rhythm
from .series_rows import Table, reading_rows
from .series_season import seasons, usual_horizon
from .series_state import MAX_TEXT, About, Line, checked_values
from .series_times import Times, finding_times
from .series_year_rows import with_rows_of_months

MAX_SERIES: Final = 24
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".pq")
SUFFIXES: Final = (*TABLE_SUFFIXES, ".txt")
LEAST_TIMES: Final = 3
_POINTED: Final = re.compile(r"\d{1,2}\.(?:\d{1,2}\.)?\d{2,4}")


def is_table(path: Path) -> bool:
    """Whether a file is called like a table."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def reading_table(path: Path) -> Generator[None, None, list[Line]]:
    """The series in a file, at most 24; yields often.

    Raises:
        UserError: it cannot be read, is too large, or holds nothing that could be forecast.
    """
    table = yield from (reading_parquet(path) if is_parquet(path) else reading_rows(path))
    if not table.rows:
        raise UserError(N_("This table is empty."))
    table = yield from reading_one_rhythm(with_rows_of_months(table))
    content = yield from _reading_content(table)
    found: list[Line] = []
    problem: UserError | None = None
    for piece in content.pieces(named(path.stem)):
        yield
        try:
            found.append(_line(piece, content))
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
class _Piece:
    """What one series is made of: some rows of a column of numbers."""

    title: str
    place: int
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Content:
    """A table, read: its times, its columns of numbers by their place, and what tells several series apart.

    `idle` are the places of columns of numbers that are no series.
    """

    table: Table
    times: Times
    numbers: dict[int, Numbers]
    decimals: dict[int, Decimals]
    keys: Keys | None
    idle: list[int]

    @property
    def n_series(self) -> int:
        """How many series there are, before any is left out."""
        return len(self._values()) * (len(self.keys.labels) if self.keys else 1)

    def pieces(self, stem: str) -> Iterator[_Piece]:
        """The series, column by column; those without a name of their own are called by `stem`."""
        for place in self._values():
            for key, label in enumerate(self.keys.labels if self.keys else [""]):
                title = " · ".join(part for part in (self.table.names[place], label) if part) or stem
                yield _Piece(title, place, self._rows(key))

    def _values(self) -> list[int]:
        return [place for place in self.numbers if place not in self.idle]

    def _rows(self, key: int) -> npt.NDArray[np.int64]:
        if self.keys is None:
            return np.arange(len(self.table.rows))
        return np.flatnonzero(self.keys.of_row == key)


def _reading_content(table: Table) -> Generator[None, None, _Content]:
    columns = yield from table.reading_columns()
    times = yield from finding_times(table.names, columns)
    decimals = yield from _finding_decimals(table, columns, times)
    numbers: dict[int, Numbers] = {}
    for place, one in decimals.items():
        numbers[place] = yield from reading_numbers(columns[place], one.has_comma)
    keys = yield from finding_keys(table.names, columns, times, numbers)
    key_places = keys.places if keys else ()
    numbers = {place: one for place, one in numbers.items() if one.is_number and place not in key_places}
    return _Content(table, times, numbers, decimals, keys, idle_columns(table.names, times, numbers))


def _finding_decimals(
    table: Table, columns: Sequence[Sequence[str]], times: Times
) -> Generator[None, None, dict[int, Decimals]]:
    """How each column is read that may hold numbers; yields after each."""
    signs: dict[int, Signs] = {}
    for place, cells in enumerate(columns):
        if place not in times.places and _may_be_numbers(cells):
            signs[place] = Signs() if place in table.typed else signs_in(cells)
        yield
    marked = [one for one in signs.values() if one.has_marks]
    all_ = sum(marked, Signs())
    pointed = any(_POINTED.match(cells[-1].strip()) for cells in (columns[place] for place in times.places))
    typed = Decimals(False)
    return {place: typed if place in table.typed else decimals_of(one, all_, table.separator, pointed)
            for place, one in signs.items()}  # fmt: skip


def _may_be_numbers(cells: Sequence[str]) -> bool:
    """Whether at least half of some cells are numbers, with commas or points before their decimals."""
    known = some_known(cells, LOOKED_AT)
    n = max(sum(number(cell, has_comma) is not None for cell in known) for has_comma in (False, True))
    return bool(known) and 2 * n >= len(known)


def _even(piece: _Piece, content: _Content) -> Even:
    numbers = content.numbers[piece.place]
    values, large = numbers.values[piece.rows], within(piece.rows, numbers.large)
    if np.isfinite(values).sum() < LEAST_TIMES <= len(large):
        raise UserError(
            N_("The numbers of this column are too large."), N_("Give them in larger units, such as millions.")
        )
    if content.times.seconds is None:
        return by_number(values)
    seconds = content.times.seconds[piece.rows]
    known = np.isfinite(seconds)
    if known.sum() < LEAST_TIMES:
        raise UserError(N_("This table holds fewer than three times."), N_("A forecast needs more values."))
    return by_seconds(seconds[known], values[known])


def _line(piece: _Piece, content: _Content) -> Line:
    even, numbers = _even(piece, content), content.numbers[piece.place]
    values = checked_values(even.values)
    period, long_period = seasons(values, even.clock)
    notes = [*_notes_on_table(content), content.decimals[piece.place].note, *content.times.notes,
             *numbers.notes(piece.rows), *even.notes, idle_words(content.table.names, content.idle)]  # fmt: skip
    horizon = usual_horizon(len(values), period)
    return Line(values, About("", piece.title, "", period, long_period, horizon, even.clock, _shortened(notes)))


def _notes_on_table(content: _Content) -> Iterator[str]:
    """What was left out of the table."""
    table, n_series = content.table, content.n_series
    if table.n_rows > len(table.rows):
        kept, all_rows = len(table.rows), table.n_rows
        yield N_("Only the newest {kept:,} of {n:,} rows were read.").format(kept=kept, n=all_rows)
    if n_series > MAX_SERIES:
        yield N_("Only the first {kept} of {n:,} series are shown.").format(kept=MAX_SERIES, n=n_series)
    yield from table.notes


def _shortened(notes: Sequence[str]) -> str:
    """As many of the sentences as there is room for."""
    text = ""
    for note in filter(None, notes):
        longer = f"{text} {note}".strip()
        text = longer if len(longer) <= MAX_TEXT else text
    return text
