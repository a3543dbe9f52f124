"""Writes a table as CSV, Excel workbook or Parquet file, by the ending of its name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from studio.core.atomic import atomic_file
from studio.core.error import UserError
from studio.core.text.csv_text import csv_text
from studio.core.translation import N_

Cell: TypeAlias = float | int | str | None
SAVED_SUFFIXES: Final = (".csv", ".xlsx", ".parquet")
_FORMULA: Final = ("=", "+", "-", "@")
"""What formulas begin with; words that do are written as text."""


def write_table(path: Path, names: Sequence[str], columns: Sequence[Sequence[Cell]]) -> None:
    """Write columns of equal length, of numbers or of words, with None where nothing stands.

    Raises:
        UserError: the name ends in none of `SAVED_SUFFIXES`, a package is missing, or it cannot be written.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UserError(
            N_("“{name}” cannot be a table.").format(name=path.name),
            N_("Let it end in .csv, .xlsx or .parquet."),
        )
    with atomic_file(path) as draft:
        write(draft, names, columns)


def _write_csv(path: Path, names: Sequence[str], columns: Sequence[Sequence[Cell]]) -> None:
    path.write_bytes(csv_text([names, *zip(*columns, strict=True)]).encode())


def _write_workbook(path: Path, names: Sequence[str], columns: Sequence[Sequence[Cell]]) -> None:
    try:
        import openpyxl
    except ImportError as error:
        raise UserError(
            N_("Excel workbooks need the package openpyxl."),
            N_("Install this program’s “excel” extra, or save the table as CSV."),
        ) from error
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([_as_text(sheet, name) for name in names])
    for row in zip(*columns, strict=True):
        sheet.append([_as_text(sheet, cell) for cell in row])
    with path.open("wb") as file:
        book.save(file)


def _as_text(sheet: Any, cell: Cell) -> Any:
    """A cell for a workbook: words are never read as formulas there."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return cell
    from openpyxl.cell import WriteOnlyCell

    found = WriteOnlyCell(sheet, value=cell)
    found.data_type = "s"
    return found


def _write_parquet(path: Path, names: Sequence[str], columns: Sequence[Sequence[Cell]]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise UserError(
            N_("Parquet files need the package pyarrow."),
            N_("Install this program’s “parquet” extra, or save the table as CSV."),
        ) from error
    arrays = [pa.array(column) for column in columns]
    with path.open("wb") as file:
        pa.parquet.write_table(pa.table(dict(zip(names, arrays, strict=True))), file)


_WRITERS: Final[dict[str, Callable[[Path, Sequence[str], Sequence[Sequence[Cell]]], None]]] = {
    ".csv": _write_csv,
    ".xlsx": _write_workbook,
    ".parquet": _write_parquet,
}
