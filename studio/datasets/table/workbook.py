"""Reads the rows of an Excel workbook as those of any other table: of its sheets the first that holds some."""

import datetime as dt
import itertools
import zipfile
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.table.head import MAX_WIDE, Row
from studio.datasets.table.rows import MAX_BYTES, HeadFinder, Table, reading_kept, series_head

SUFFIX: Final = ".xlsx"
MAX_UNPACKED_BYTES: Final = 1 << 30
"""As the file claims, all its parts together: far more than that is a trap."""
_MIDNIGHT: Final = dt.time()


def is_workbook(path: Path) -> bool:
    """Whether a file is called like a workbook."""
    return path.suffix.lower() == SUFFIX


def reading_workbook(path: Path, find_head: HeadFinder = series_head) -> Generator[None, None, Table]:
    """The rows of the first sheet that has any; yields often.

    Formulas count as what they last came to; cells that hold numbers are that, whatever stands before their decimals.

    Raises:
        UserError: openpyxl is not installed; the file cannot be read, is too large, or damaged.
    """
    library = _library()
    with open_regular(path) as file:
        if file_size(file) > MAX_BYTES:
            raise UserError(N_("This table is larger than {n} MB.").format(n=MAX_BYTES >> 20), N_("Make it shorter."))
        try:
            _check_unpacked(file)
            book = library.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            return (yield from _first_table(book, find_head))
        except UserError:
            raise
        except (
            Exception
        ) as error:  # the library has no errors of its own, and fails in many ways where a file is damaged
            raise UserError(
                N_("This workbook is damaged, or of a kind that cannot be read here."), N_("Save the sheet as CSV.")
            ) from error


def _library() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise UserError(
            N_("Excel workbooks need the package openpyxl."),
            N_("Install this program’s “excel” extra, or save the sheet as CSV."),
        ) from error
    return openpyxl


def _check_unpacked(file: Any) -> None:
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
            raise UserError(N_("This table would unpack to more than 1 GB."), N_("Make it shorter."))
    file.seek(0)


def _first_table(book: Any, find_head: HeadFinder) -> Generator[None, None, Table]:
    for sheet in book.worksheets:
        cells = _Cells(sheet)
        table = yield from reading_kept(iter(cells), find_head=find_head)
        if table.rows:
            return replace(table, typed=cells.typed())
    return Table([], [], 0)


class _Cells:
    """The rows of a sheet as text, and which columns are of numbers."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._numbers: Counter[int] = Counter()
        self._words: Counter[int] = Counter()

    def __iter__(self) -> Iterator[Row]:
        rows = self._sheet.iter_rows(values_only=True, max_col=MAX_WIDE)
        for values in itertools.dropwhile(lambda row: all(value is None for value in row), rows):
            for place, value in enumerate(values):
                self._numbers[place] += isinstance(value, int | float)
                self._words[place] += isinstance(value, str)
            yield [_text(value) for value in values[: _n_filled(values)]]

    def typed(self) -> frozenset[int]:
        """The columns in which most cells that were read are numbers."""
        return frozenset(place for place, n in self._numbers.items() if n > self._words[place])


def _n_filled(values: Sequence[Any]) -> int:
    """How many cells a row has up to the last that is not empty: a sheet that tells no size pads all of them."""
    return next((place for place in range(len(values), 0, -1) if values[place - 1] is not None), 0)


def _text(value: Any) -> str:
    """What stands in a cell; "" where nothing does."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(" ", "seconds")
    return repr(value) if isinstance(value, float) else str(value)
