"""Workbooks as openpyxl writes them, packed CSV, and what bookkeepers write: the same series as out of plain CSV."""

import datetime as dt
import gzip
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table import rows, workbook
from studio.datasets.table.reader import is_table, reading_table

DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(days=n) for n in range(60)]


def book(path: Path, *sheets: Any) -> Path:
    """A workbook of these sheets of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for cells in sheets:
        sheet = made.create_sheet()
        for row in cells:
            sheet.append(row)
    made.save(path)
    return path


def lines_of(path: Path) -> list:
    assert is_table(path)
    return result_of(reading_table(path))


def test_days_and_numbers_of_a_sheet(tmp_path) -> None:
    cells = [["Day", "Sales", "Note"], *[[day, 3.25 * n, "x"] for n, day in enumerate(DAYS)]]
    (line,) = lines_of(book(tmp_path / "My shop.xlsx", cells))
    assert line.about.title == "Sales"
    np.testing.assert_allclose(line.values, 3.25 * np.arange(60))
    assert line.about.clock is not None


def test_numbers_are_what_the_cells_hold_and_not_what_they_look_like(tmp_path) -> None:
    """As text 1.234 could be a thousand and more."""
    values = [1.234 + n for n in range(40)]
    (line,) = lines_of(book(tmp_path / "a.xlsx", [["t", "v"], *[[n, value] for n, value in enumerate(values)]]))
    np.testing.assert_allclose(line.values, values, rtol=1e-6)


def test_empty_rows_above_and_an_empty_sheet_before_are_passed_over(tmp_path) -> None:
    cells = [[None, None], ["Month", "Visitors"], *[[day, n] for n, day in enumerate(DAYS)]]
    (line,) = lines_of(book(tmp_path / "a.xlsx", [], cells))
    assert (line.about.title, len(line.values)) == ("Visitors", 60)


def test_gaps_and_formulas_without_a_value_are_gaps(tmp_path) -> None:
    cells = [["Day", "Sales"], *[[day, None if n == 7 else "=A1*2" if n == 9 else n] for n, day in enumerate(DAYS)]]
    (line,) = lines_of(book(tmp_path / "a.xlsx", cells))
    assert len(line.values) == 60
    assert line.values[20] == 20


@pytest.mark.parametrize("write", [b"", b"PK\x03\x04 nothing", b"no workbook at all"])
def test_what_is_no_workbook_ends_in_a_sentence(tmp_path, write) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(write)
    with pytest.raises(UserError, match="damaged"):
        lines_of(path)


@pytest.mark.parametrize("seed", range(4))
def test_broken_workbooks_are_read_or_end_in_a_sentence(tmp_path, seed) -> None:
    cells = [["Day", "Sales"], *[[day, n] for n, day in enumerate(DAYS)]]
    whole, chance, said = book(tmp_path / "a.xlsx", cells).read_bytes(), random.Random(seed), set()
    for _ in range(12):
        broken = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.4 else whole)
        for _ in range(chance.randrange(1, 30)):
            if broken:
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        (tmp_path / "b.xlsx").write_bytes(broken)
        try:
            lines_of(tmp_path / "b.xlsx")
        except UserError as error:
            said.add(str(error))
    assert said


def test_parts_inside_are_broken_too(tmp_path) -> None:
    """A valid archive whose sheet is cut, names itself without end, or is no sheet."""
    path = book(tmp_path / "a.xlsx", [["Day", "Sales"], *[[day, n] for n, day in enumerate(DAYS)]])
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    )
    for sheet in (parts["xl/worksheets/sheet1.xml"][:300], bomb + b"]><worksheet>&m;</worksheet>", b"\0" * 100):
        with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as broken:
            for name, content in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
                broken.writestr(name, content)
        with pytest.raises(UserError):
            lines_of(tmp_path / "b.xlsx")


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(UserError, match="unpack"):
        lines_of(book(tmp_path / "a.xlsx", [["a"], [1]]))


def test_without_the_library_a_sentence_says_what_to_install(tmp_path, monkeypatch) -> None:
    path = book(tmp_path / "a.xlsx", [["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UserError, match="openpyxl") as problem:
        lines_of(path)
    assert "excel" in problem.value.what_to_do


TEXT = "Day;Sales\n" + "".join(f"{day:%d.%m.%Y};{n},5\n" for n, day in enumerate(DAYS))


def test_a_packed_table_is_the_same_as_the_plain_one(tmp_path) -> None:
    plain, packed = tmp_path / "Umsatz.csv", tmp_path / "Umsatz.csv.gz"
    plain.write_text(TEXT, "utf-8")
    packed.write_bytes(gzip.compress(TEXT.encode()))
    (one,), (other,) = lines_of(plain), lines_of(packed)
    assert one.about == other.about
    np.testing.assert_array_equal(one.values, other.values)


def test_damaged_and_endless_packed_tables_end_in_a_sentence(tmp_path, monkeypatch) -> None:
    path, whole = tmp_path / "a.csv.gz", gzip.compress(TEXT.encode())
    for broken in (b"", whole[:40], whole[:-6], whole[:20] + b"\xff" * 30 + whole[50:], b"day,n\n1,2\n"):
        path.write_bytes(broken)
        with pytest.raises(UserError):
            lines_of(path)
    monkeypatch.setattr(rows, "MAX_UNPACKED", 500)
    path.write_bytes(whole)
    with pytest.raises(UserError, match="unpack"):
        lines_of(path)


def test_what_a_bookkeeper_puts_in_brackets_is_negative(tmp_path) -> None:
    path = tmp_path / "a.csv"
    cells = ["$200.00", "$(200.00)", "($1,300.50)", "$ (7.25)"]
    path.write_text("row\tprofit\n" + "".join(f"{n}\t{cell}\n" for n, cell in enumerate(cells)), "utf-8")
    (line,) = lines_of(path)
    np.testing.assert_allclose(line.values, [200, -200, -1300.5, -7.25])


@pytest.mark.parametrize("name", ["t", "time", "Week", "hour", "period"])
def test_a_counted_time_is_no_series(tmp_path, name) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{name},load\n" + "".join(f"{n},{n * n % 17}\n" for n in range(1, 50)), "utf-8")
    (line,) = lines_of(path)
    assert line.about.title == "load"
    assert name in line.about.note
