"""Reads the rows of a person's own table: with any separator and encoding, bounded, the newest ones where too many."""

import csv
import io
import itertools
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_

from .series_cells import date_reader, is_gap, number
from .series_state import MAX_VALUES

MAX_BYTES: Final = 256 << 20
MAX_COLUMNS: Final = 64
KEPT_ROWS: Final = 3 * MAX_VALUES
LOOKED_AT: Final = 400
MAX_CELL: Final = 4096
_SEPARATORS: Final = (",", ";", "\t", "|")
AT_ONCE: Final = 5000
MAX_NAME: Final = 60
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


def reading_rows(path: Path) -> Generator[None, None, Table]:
    """The rows of a file; yields often. Raises UserError where it cannot be read, is too large, or is no table."""
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
    head = list(itertools.islice(lines, LOOKED_AT))
    rows = csv.reader(itertools.chain(head, lines), delimiter=_separator(head), skipinitialspace=True)
    first: list[Row] = []
    last: deque[Row] = deque(maxlen=KEPT_ROWS)
    n_rows = 0
    for row in rows:
        if any(cell.strip() for cell in row):
            cut = [cell[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
            if len(first) <= KEPT_ROWS:  # the first one may be names
                first.append(cut)
            else:
                last.append(cut)
            n_rows += 1
        if n_rows % AT_ONCE == 0:
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
    has_names = len(first) > 1 and _are_names(first[0], first[1])
    width = max(len(row) for row in first[:LOOKED_AT])
    names = [cell.strip()[:MAX_NAME] for cell in first[0]] if has_names else []
    names += [""] * (width - len(names))
    body = first[1:] if has_names else first
    if last and not is_newest_first(body):
        body = [*body, *last][-KEPT_ROWS:]
    return Table(names, body[:KEPT_ROWS], n_rows - has_names)


def _are_names(row: Row, after: Row) -> bool:
    """Whether the first row names the columns: it holds no value, or words where the row behind it holds values."""
    if not any(_is_value(cell) for cell in row if cell.strip()):
        return True
    pairs = zip(row, after, strict=False)
    return any(not is_gap(cell) and not _is_value(cell) and _is_value(below) for cell, below in pairs)


def _is_value(cell: str) -> bool:
    return number(cell, False) is not None or number(cell, True) is not None or date_reader([cell]) is not None


def is_newest_first(rows: list[Row]) -> bool:
    """Whether rows go back in time, by their first column of dates."""
    for place in range(len(rows[0])):
        reader = date_reader([row[place] for row in rows[:LOOKED_AT] if place < len(row)])
        if reader is not None:
            ends = [row[place].strip() if place < len(row) else "" for row in (rows[0], rows[-1])]
            start, end = map(reader, ends)
            return start is not None and end is not None and start > end
    return False
