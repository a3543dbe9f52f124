"""Reads series out of a person's own table: CSV with any separator, dates of many kinds, one series or several.

What cannot be known is guessed and said: each series comes with a note of what was done to it.
"""

import csv
import io
import itertools
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.text import N_

from .series_cells import Reader, date_reader, has_decimal_commas, is_gap, number
from .series_grid import Even, by_number, by_time
from .series_season import seasons, usual_horizon
from .series_state import MAX_VALUES, About, Line, checked_values

MAX_BYTES: Final = 256 << 20
MAX_COLUMNS: Final = 64
MAX_SERIES: Final = 24
SUFFIXES: Final = (".csv", ".tsv", ".txt")
_MAX_CELL: Final = 4096
_KEPT_ROWS: Final = 3 * MAX_VALUES
_LOOKED_AT: Final = 400
_SEPARATORS: Final = (",", ";", "\t", "|")
_AT_ONCE: Final = 5000
_MAX_NAME: Final = 60
Row = list[str]


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells as far as they were kept, the newest ones where there were too many, and the names of columns."""

    names: list[str]
    rows: list[Row]
    n_rows: int

    def column(self, place: int) -> list[str]:
        """All cells of a column; "" where a row is too short."""
        return [row[place] if place < len(row) else "" for row in self.rows]


def is_table(path: Path) -> bool:
    """Whether a file is called like a table."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def reading_table(path: Path) -> Generator[None, None, list[Line]]:
    """The series in a file; yields often.

    Raises:
        UserError: it cannot be read, is too large, or holds nothing that could be forecast.
    """
    table = yield from _reading_rows(path)
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


# Rows


def _reading_rows(path: Path) -> Generator[None, None, Table]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(N_("This table is larger than {n} MB.").format(n=MAX_BYTES >> 20), N_("Cut it shorter."))
        with path.open("rb") as file:
            encoding = _encoding(file.read(4096))
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            return (yield from _kept_rows(text))
    except OSError as error:
        raise UserError(N_("This table cannot be read."), str(error.strerror or "")) from error
    except (csv.Error, UnicodeError) as error:
        raise UserError(N_("This file is no table."), N_("Save it as CSV, with one row for each time.")) from error


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        raise UserError(N_("This file is no table."), N_("Save it as CSV, with one row for each time."))
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _kept_rows(text: io.TextIOBase) -> Generator[None, None, Table]:
    lines = (line.replace("\0", "") for line in _bounded(text))
    head = list(itertools.islice(lines, _LOOKED_AT))
    rows = csv.reader(itertools.chain(head, lines), delimiter=_separator(head), skipinitialspace=True)
    first: list[Row] = []
    last: deque[Row] = deque(maxlen=_KEPT_ROWS)
    n_rows = 0
    for row in rows:
        if any(cell.strip() for cell in row):
            cut = [cell[:_MAX_CELL] for cell in row[:MAX_COLUMNS]]
            if len(first) <= _KEPT_ROWS:  # the first one may be names
                first.append(cut)
            else:
                last.append(cut)
            n_rows += 1
        if n_rows % _AT_ONCE == 0:
            yield
    return _headed(first, last, n_rows)


def _bounded(text: io.TextIOBase) -> Iterator[str]:
    """Lines; one without an end is no line of a table."""
    while line := text.readline(1 << 20):
        if len(line) == 1 << 20:
            raise csv.Error("a line without end")
        yield line


def _separator(lines: Sequence[str]) -> str:
    """What stands between cells: it cuts most lines into equally many, and at least two."""

    def fits(separator: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, n = max(counts.items(), key=lambda one: (one[0] > 1, one[1])) if counts else (1, 0)
        return (n if width > 1 else 0), width

    best = max(_SEPARATORS, key=fits)
    return ";" if best == "," and fits(";")[0] >= 0.9 * max(len(lines) - 3, 1) else best


def _headed(first: list[Row], last: deque[Row], n_rows: int) -> Table:
    if not first:
        return Table([], [], 0)
    has_names = not any(_is_value(cell) for cell in first[0] if cell.strip()) and len(first) > 1
    width = max(len(row) for row in first[:_LOOKED_AT])
    names = [cell.strip()[:_MAX_NAME] for cell in first[0]] if has_names else []
    names += [""] * (width - len(names))
    body = first[1:] if has_names else first
    if last and not _is_newest_first(body):
        body = [*body, *last][-_KEPT_ROWS:]
    return Table(names, body[:_KEPT_ROWS], n_rows - has_names)


def _is_value(cell: str) -> bool:
    return number(cell, False) is not None or number(cell, True) is not None or date_reader([cell]) is not None


def _is_newest_first(rows: list[Row]) -> bool:
    for place in range(len(rows[0])):
        reader = date_reader([row[place] for row in rows[:_LOOKED_AT] if place < len(row)])
        if reader is not None:
            ends = [row[place].strip() if place < len(row) else "" for row in (rows[0], rows[-1])]
            start, end = map(reader, ends)
            return start is not None and end is not None and start > end
    return False


# Columns


@dataclass(frozen=True, eq=False)
class Columns:
    """Which columns hold what: `date` is None where rows are only numbered; `group` tells several series apart."""

    date: int | None
    reader: Reader | None
    numbers: list[int]
    commas: dict[int, bool]
    group: int | None


def _columns(table: Table) -> Columns:
    heads = [[row[place] if place < len(row) else "" for row in table.rows[:_LOOKED_AT]] for place in
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
