"""Reads series out of a person's own table, CSV with any separator, Excel or Parquet; says which columns are none."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.table.date_columns import Moments, moments, year_shares
from studio.datasets.table.dates import folded, says_time
from studio.datasets.table.decimals import finding_decimals
from studio.datasets.table.grid import Even, by_number, by_seconds, seasons, usual_horizon
from studio.datasets.table.head import named
from studio.datasets.table.line import MAX_TEXT, SeriesInfo, SeriesLine, checked_values
from studio.datasets.table.numbers import (
    Decimals,
    Floats,
    Numbers,
    reading_numbers,
    within,
)
from studio.datasets.table.parquet import is_parquet, reading_parquet
from studio.datasets.table.rows import Table, reading_rows
from studio.datasets.table.shape import Keys, finding_keys, reading_one_rhythm, with_rows_of_months
from studio.datasets.table.times import Times, finding_times, part_named
from studio.datasets.table.workbook import is_workbook, reading_workbook

MAX_SERIES: Final = 2000
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".pq", ".xlsx")
SUFFIXES: Final = (*TABLE_SUFFIXES, ".txt")
LEAST_TIMES: Final = 3


def is_table(path: Path) -> bool:
    """Whether a file is called like a table."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


def reading_table(path: Path) -> Generator[None, None, list[SeriesLine]]:
    """The series in a file, at most `MAX_SERIES`; yields often.

    Raises:
        UserError: it cannot be read, is too large, or holds nothing that could be forecast.
    """
    read = reading_workbook if is_workbook(path) else reading_parquet if is_parquet(path) else reading_rows
    table = yield from read(path)
    if not table.rows:
        raise UserError(N_("This table is empty."))
    table = yield from reading_one_rhythm(with_rows_of_months(table))
    content = yield from _reading_content(table)
    found: list[SeriesLine] = []
    problem: UserError | None = None
    for piece in content.pieces(named(path.name.partition(".")[0] or path.stem)):
        yield
        try:
            found.append(_line(piece, content))
        except UserError as error:
            problem = problem or error
        if len(found) == MAX_SERIES:
            break
    if not found:
        raise problem or UserError(
            N_("No column of this table contains numbers."), N_("It needs one column of dates and one of numbers.")
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
    decimals = yield from finding_decimals(table, columns, times)
    numbers: dict[int, Numbers] = {}
    for place, one in decimals.items():
        numbers[place] = yield from reading_numbers(columns[place], one.has_comma)
    keys = yield from finding_keys(table.names, columns, times, numbers)
    key_places = keys.places if keys else ()
    numbers = {place: one for place, one in numbers.items() if one.is_number and place not in key_places}
    return _Content(table, times, numbers, decimals, keys, idle_columns(table.names, times, numbers))


def _even(piece: _Piece, content: _Content) -> Even:
    numbers = content.numbers[piece.place]
    values, large = numbers.values[piece.rows], within(piece.rows, numbers.large)
    if np.isfinite(values).sum() < LEAST_TIMES <= len(large):
        raise UserError(
            N_("The numbers in this column are too large."), N_("Write them in larger units, such as millions.")
        )
    if content.times.seconds is None:
        return by_number(values)
    seconds = content.times.seconds[piece.rows]
    known = np.isfinite(seconds)
    if known.sum() < LEAST_TIMES:
        raise UserError(N_("This table has fewer than three different times."), N_("A forecast needs more values."))
    return by_seconds(seconds[known], values[known])


def _line(piece: _Piece, content: _Content) -> SeriesLine:
    even, numbers = _even(piece, content), content.numbers[piece.place]
    values = checked_values(even.values)
    period, long_period = seasons(values, even.clock)
    notes = [
        *_notes_on_table(content),
        content.decimals[piece.place].note,
        *content.times.notes,
        *numbers.notes(piece.rows),
        *even.notes,
        idle_words(content.table.names, content.idle),
    ]
    horizon = usual_horizon(len(values), period)
    return SeriesLine(
        values, SeriesInfo("", piece.title, "", period, long_period, horizon, even.clock, _shortened(notes))
    )


def _notes_on_table(content: _Content) -> Iterator[str]:
    """What was left out of the table."""
    table, n_series = content.table, content.n_series
    if table.n_rows > len(table.rows):
        kept, all_rows = len(table.rows), table.n_rows
        yield N_("Only the newest {kept:,} of {n:,} rows were read.").format(kept=kept, n=all_rows)
    if n_series > MAX_SERIES:
        yield N_("Only the first {kept:,} of {n:,} series were read.").format(kept=MAX_SERIES, n=n_series)
    yield from table.notes


def _shortened(notes: Sequence[str]) -> str:
    """As many of the sentences as there is room for."""
    text = ""
    for note in filter(None, notes):
        longer = f"{text} {note}".strip()
        text = longer if len(longer) <= MAX_TEXT else text
    return text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTS: Final = _words("index idx instant id no nr row rowid record obs observation unnamed lfd zeile")
_COUNTED_TIMES: Final = _words("t time step period tick epoch iteration minute second hour day week month quarter")
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
    return N_("Left out because they give the time, count rows or never change: {names}.").format(names=short)


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
    is_counted_time = says_time(names[place]) or folded(names[place].strip()) in _COUNTED_TIMES
    return is_first or is_counted_time or any(word in _COUNTS for word in _WORDS.findall(folded(names[place])))


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
    whole = [
        years.astype(np.int64),
        n_months // 3,
        n_months,
        (days - months).astype(np.int64),
        (days - years).astype(np.int64),
        days.astype(np.int64),
        when.astype("datetime64[h]").astype(np.int64),
    ]
    return list(zip(whole, (0, 4, 12, 0, 0, 7, 24), strict=True))
