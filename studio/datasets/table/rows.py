"""Reads the rows of a person's own table: with any separator and encoding, bounded, the newest ones where too many."""

import csv
import gzip
import io
import itertools
import re
import zlib
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.table.head import MAX_WIDE, Head, Row, head_of, is_value, numbered_head, turned
from studio.datasets.table.letters import table_encoding
from studio.datasets.table.line import MAX_VALUES
from studio.datasets.table.numbers import is_gap, number
from studio.datasets.table.times import is_going_back

HeadFinder: TypeAlias = Callable[..., Head]
"""By the first rows, and rows of comments above them."""
ENCODING_BYTES: Final = 1 << 20
"""So much of a file is looked at to find out how its letters are written."""
MAX_BYTES: Final = 256 << 20
MAX_UNPACKED: Final = 1 << 30
"""Letters: as many are read of a table that was compressed."""
PACKED: Final = ".gz"
MAX_COLUMNS: Final = 64
KEPT_ROWS: Final = 3 * MAX_VALUES
LOOKED_AT: Final = 400
MAX_CELL: Final = 4096
_TOLD: Final = re.compile(r"sep=([^\"\s]|\t)", re.IGNORECASE)  # Excel writes so
_ROWS_AT_ONCE: Final = 2000
NONE: Final = "\x1f"
"""Stands in no table: all of a line is one cell."""
SPACES: Final = " "
"""Columns are kept apart by one space or more."""
ROW_NAMES: Final = "row"
"""What the first column is called that R writes without a title."""
_SEPARATORS: Final = (",", ";", "\t", "|")
_WITH_COMMA: Final = re.compile(r"\s*[+-]?[\d.]+,\d+\s*")
_ZERO_FIRST: Final = re.compile(r".*,0\d+\s*")
_INNER_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_RUNS: Final = re.compile(r"\s{2,}")
_COMMENT: Final = re.compile(r"\s*(#|%|\*\*|<[^<>]*>\s*$)")
"""The last one is the first time of a series, as JMulTi writes it."""
_REMARK: Final = "/*", "*/"
_PARTED: Final = re.compile(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?")
"""One number with spaces between its thousands."""
_MOST_ROWS: Final = 60
_SOME, _MOSTLY, _NEARLY = 0.2, 0.5, 0.9
"""Shares of cells that are values."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells as far as they were kept, the newest ones where there were too many, and the names of columns.

    Attributes:
        n_rows: of the whole file. separator: between cells, "" where there is none.
        typed: the columns whose numbers the file itself knows, always with a point before their decimals.
        notes: sentences on what was left out or done.
    """

    names: list[str]
    rows: list[Row]
    n_rows: int
    separator: str = ""
    typed: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def reading_columns(self) -> Generator[None, None, list[list[str]]]:
        """All cells of each column; "" where a row is too short. Yields after each."""
        found = []
        for place in range(len(self.names)):
            found.append([row[place] if place < len(row) else "" for row in self.rows])
            yield
        return found


def series_head(rows: Sequence[Row], *comments: Row) -> Head:
    """What is above the rows of a table of series, each of its columns or each of its rows."""
    head = head_of(rows, *comments)
    return (numbered_head(rows) if head.first_date is None else None) or head


def reading_rows(path: Path, find_head: HeadFinder = series_head) -> Generator[None, None, Table]:
    """The rows of a file; yields often. Raises UserError where it cannot be read, is too large, or is no table."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(N_("This table is larger than {n} MB.").format(n=MAX_BYTES >> 20), N_("Make it shorter."))
        with _opened(path) as file:
            encoding = table_encoding(file.read(ENCODING_BYTES))
        if encoding is None:
            raise UserError(N_("This file is not a table."), N_("Choose one with a heading and rows below it."))
        with io.TextIOWrapper(_opened(path), encoding, errors="replace", newline="") as text:
            return (yield from _kept_rows(text, find_head))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(N_("This compressed table is damaged."), N_("Save it as CSV.")) from error
    except OSError as error:
        raise UserError(N_("This table cannot be read."), str(error.strerror or "")) from error
    except (csv.Error, UnicodeError) as error:
        raise UserError(N_("This file is not a table."), N_("Choose one with a heading and rows below it.")) from error


def _opened(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked where it is called like a compressed one."""
    return cast(BinaryIO, gzip.open(path)) if path.suffix.lower() == PACKED else path.open("rb")


def _kept_rows(text: io.TextIOBase, find_head: HeadFinder) -> Generator[None, None, Table]:
    lines = (line.replace("\0", "") for line in _bounded(text))
    begin = list(itertools.islice(lines, LOOKED_AT))
    told, comments, begin = _preface(begin)
    separator = told or separator_of(begin)
    rows = cut(itertools.chain(begin, lines), separator)
    named_above = list(cut([line.lstrip("# \t") for line in comments[-1:]], separator))
    return (yield from reading_kept(rows, separator, named_above, find_head))


def reading_kept(
    all_rows: Iterator[Row],
    separator: str = "",
    comments: Sequence[Row] = (),
    find_head: HeadFinder = series_head,
) -> Generator[None, None, Table]:
    """The rows of a file from its first one, as far as they are kept, below their names; yields often.

    `comments` are rows above all others that may hold the names; `find_head` says what is above the rows.
    """
    first = list(itertools.islice(all_rows, LOOKED_AT))
    if not first:
        return Table([], [], 0)
    head = find_head(first, *comments)
    yield
    rows = itertools.islice(itertools.chain(first, all_rows), head.n_above, None)
    is_wide = head.first_date is not None
    kept = _Kept(MAX_WIDE if is_wide else MAX_COLUMNS, MAX_COLUMNS - 1 if is_wide else KEPT_ROWS)
    for n, row in enumerate(rows, 1):
        kept.add(row)
        if n % _ROWS_AT_ONCE == 0:
            yield
    return kept.wide_table(head) if is_wide else (yield from kept.table(head, separator))


def _preface(lines: list[str]) -> tuple[str, list[str], list[str]]:
    """The separator that a first line tells, or "", the comments behind it, and the lines behind those."""
    told = _TOLD.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    rest = lines[1:] if told else lines
    n = _n_comments(rest)
    comments = [line for line in rest[:n] if line.lstrip().startswith("#")]
    return (told[1] if told else ""), comments, rest[n:]


def _n_comments(lines: Sequence[str]) -> int:
    """How many first lines are remarks: those marked as such, all between /* and */, if that comes, and empty ones."""
    n, (begin, end) = 0, _REMARK
    while n < len(lines):
        if lines[n].lstrip().startswith(begin):
            last = next((at for at in range(n, len(lines)) if end in lines[at]), None)
            if last is None:
                return n
            n = last
        elif not _COMMENT.match(lines[n]) and (n == 0 or lines[n].strip()):
            return n
        n += 1
    return n


def _bounded(text: io.TextIOBase) -> Iterator[str]:
    """Lines; one without an end is no line of a table, and there are so many at most as a file of MAX_UNPACKED has."""
    n_left = MAX_UNPACKED
    while line := text.readline(1 << 20):
        n_left -= len(line)
        if len(line) == 1 << 20:
            raise csv.Error("a line without end")
        if n_left < 0:
            raise UserError(N_("This table would unpack to more than 1 GB."), N_("Make it shorter."))
        yield line


class _Kept:
    """The rows of a table that are kept while it is read: the first ones, and the newest so far."""

    def __init__(self, n_columns: int, n_most: int) -> None:
        self._n_columns, self._n_most = n_columns, n_most
        self._first: list[Row] = []
        self._last: deque[Row] = deque(maxlen=n_most)
        self._n_rows = self._width = 0

    def add(self, row: Row) -> None:
        """Take the next row; empty ones do not count."""
        if any(cell.strip() for cell in row):
            cut = [cell[:MAX_CELL] for cell in row[: self._n_columns]]
            (self._first if len(self._first) < self._n_most else self._last).append(cut)
            self._n_rows += 1
            self._width = max(self._width, len(row))

    def table(self, head: Head, separator: str) -> Generator[None, None, Table]:
        """The newest rows, below their names; yields often."""
        width = min(self._width, self._n_columns)
        names = [*head.names[:width], *[""] * (width - len(head.names))]
        rows = self._first
        if self._last and not (yield from is_newest_first(names, rows)):
            rows = [*rows, *self._last][-self._n_most :]
        return Table(names, rows, self._n_rows, separator, notes=tuple(self._notes(head, separator, width)))

    def _notes(self, head: Head, separator: str, width: int) -> Iterator[str]:
        if self._width > width:
            yield N_("Only the first {kept:,} of {n:,} columns were read.").format(kept=width, n=self._width)
        n_named = len(head.names)
        if separator == "," and n_named and all(any(row[n_named:]) for row in self._first):
            yield N_("Rows have more cells than there are names: commas inside numbers may have split them.")

    def wide_table(self, head: Head) -> Table:
        """The first rows, turned, as their columns are times."""
        names, rows, notes = turned(head, self._first, self._n_rows)
        return Table(names, rows, len(rows), notes=notes)


def is_newest_first(names: list[str], rows: list[Row]) -> Generator[None, None, bool]:
    """Whether rows go back in time, by the first and the last of them."""
    some = Table(names, [*rows[:LOOKED_AT], rows[-1]], 0)
    return (yield from is_going_back(names, (yield from some.reading_columns())))


def separator_of(lines: Sequence[str]) -> str:
    """What cuts most of these lines into equally many cells, and at least two; `NONE` where commas are in numbers.

    Spaces do where no mark but commas in numbers cuts half of the lines, and runs of them stand between values, or
    single ones between at least three in nearly every line.
    """

    def fits(separator: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, n = max(counts.items(), key=lambda one: (one[0] > 1, one[1])) if counts else (1, 0)
        return (n if width > 1 else 0), width

    best = max(_SEPARATORS, key=fits)
    if best == "," and fits(";")[0] >= 0.9 * max(len(lines) - 3, 1):
        return ";"
    cuts_half = 2 * fits(best)[0] >= sum(map(bool, map(str.strip, lines)))
    if (not cuts_half or _has_commas_in_numbers(best, lines)) and _has_spaces_between(lines):
        return SPACES
    return NONE if best == "," and _are_single_numbers(lines) else best


def cut(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """The cells of each line."""
    if separator == SPACES:
        return _spaced(iter(lines))
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


def _spaced(lines: Iterator[str]) -> Iterator[Row]:
    """Cells between spaces; names of several words stay whole where only runs of spaces cut them as the rows are."""
    begin = list(itertools.islice(lines, _MOST_ROWS))
    width, n_words = _usual_width([_words(line) for line in begin])
    wide, n_wide = _usual_width([_apart(line) for line in begin])
    if wide > 2 and n_wide > n_words:
        yield from map(_apart, itertools.chain(begin, lines))
        return
    for n, line in enumerate(itertools.chain(begin, lines)):
        cells, apart = _words(line), _apart(line)
        if n == 0 and line.startswith(('"', " ")) and len(cells) == width - 1:
            cells = [ROW_NAMES, *cells]
        yield apart if len(cells) != width == len(apart) else cells


def _apart(line: str) -> Row:
    """What stands between runs of spaces; single ones are within cells."""
    return _RUNS.split(line.strip()) if line.strip() else []


def _words(line: str) -> Row:
    """What stands between spaces; words in quotes stay together."""
    return next(csv.reader([line.strip()], delimiter=" ", skipinitialspace=True), []) if '"' in line else line.split()


def _usual_width(rows: Sequence[Row]) -> tuple[int, int]:
    """How many cells most rows that have any have, and how many these rows are."""
    return (Counter(len(row) for row in rows if row).most_common(1) or [(0, 0)])[0]


def _has_commas_in_numbers(best: str, lines: Sequence[str]) -> bool:
    """Whether commas are what cuts best, and nearly all of them stand between figures."""
    between = sum(len(_INNER_COMMA.findall(line)) for line in lines)
    return best == "," and between >= 0.9 * sum(line.count(",") for line in lines)


def _has_spaces_between(lines: Sequence[str]) -> bool:
    """Whether half of these lines have runs of spaces, or nearly all single ones, equally many cells, mostly values.

    Two columns between single spaces are numbers; runs that cut nearly all lines alike may part words as well.
    """
    filled = [line for line in lines if line.strip()]
    rows, wide = [_words(line) for line in filled], [_apart(line) for line in filled]
    n_runs, n_rows = sum(len(row) > 1 for row in wide), len(rows)
    width, n = _usual_width(rows)
    cells = _last_cells(rows, width)
    share = _share_of(cells, lambda cell: is_gap(cell) or is_value(cell))
    has_runs = 2 * min(n, n_runs) >= n_rows and share > _MOSTLY
    least = share if width > 2 else _share_of(cells, lambda cell: number(cell, False) is not None)
    is_regular = n_rows > 2 and min((n + 1) / n_rows, least) > _NEARLY
    are_numbers = sum(bool(_PARTED.fullmatch(line.strip())) for line in filled) > n_rows / 2
    return width > 1 and (has_runs or (is_regular and not are_numbers) or _are_wide(wide))


def _are_wide(rows: Sequence[Row]) -> bool:
    """Whether these rows, cut at runs of spaces, are a table with words of several parts and some values."""
    width, n = _usual_width(rows)
    share = _share_of(_last_cells(rows, width), is_value)
    return width > 2 and n > 2 and n > _NEARLY * len(rows) and share > _SOME


def _last_cells(rows: Sequence[Row], width: int) -> Row:
    """Those of the last rows of that width."""
    return [cell for row in [row for row in rows if len(row) == width][-_MOST_ROWS:] for cell in row]


def _share_of(cells: Sequence[str], is_such: Callable[[str], bool]) -> float:
    return sum(map(is_such, cells)) / max(len(cells), 1)


def _are_single_numbers(lines: Sequence[str]) -> bool:
    """Whether each line but the name above is one number: it has one comma, and a name without any or zeros tell so."""
    filled = [line for line in lines if line.strip()]
    n = sum(bool(_WITH_COMMA.fullmatch(line)) for line in filled[1:])
    if len(filled) < 3 or n < 0.5 * len(filled[1:]) or any(line.count(",") > 1 for line in filled):
        return False
    return "," not in filled[0] or any(map(_ZERO_FIRST.fullmatch, filled))
