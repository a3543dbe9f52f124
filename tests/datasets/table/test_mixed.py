"""Tables of numbers and words with gaps, in every format, and saved and read again; what is bounded and left out."""

import gzip

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table import mixed
from studio.datasets.table.mixed import reading_mixed
from studio.datasets.table.writer import write_table

TEXT = """name;weight;kind;flag;when;year
Anna;"1,5";cat;yes;2024-01-01;2007
Ben;;dog;no;2024-01-02;2008
Cleo;"2,25";NA;yes;2024-01-03;2009
Dora;3;cat;;2024-01-04;2007
Emil;"4,5";dog;no;2024-01-05;n/a
Finn;-999;dog;yes;2024-01-06;2010
"""


def read(path):
    return result_of(reading_mixed(path))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text(TEXT, "utf-8")
    return read(path)


def test_columns_are_numbers_words_or_kept(table):
    name, weight, kind, flag, when, year = table.columns
    assert name.is_kept
    assert name.cells == ("Anna", "Ben", "Cleo", "Dora", "Emil", "Finn")
    assert weight.is_number
    assert weight.n_decimals == 2
    assert np.array_equal(weight.values, [1.5, np.nan, 2.25, 3, 4.5, np.nan], equal_nan=True)
    assert kind.words == ("cat", "dog")
    assert np.array_equal(kind.values, [0, 1, np.nan, 0, 1, 1], equal_nan=True)
    assert flag.words == ("yes", "no")
    assert when.is_kept
    assert year.is_number
    assert "name, when" in table.note


def test_a_first_row_with_gaps_is_a_row(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("who,height,colour\nn0,,red\n" + "".join(f"n{n},{n},blue\n" for n in range(1, 9)), "utf-8")
    table = read(path)
    assert table.n_rows == 9
    assert np.isnan(table.columns[1].values[0])


def test_a_table_without_names_and_one_of_two_equal_ones(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("".join(f"{n},{n * n}\n" for n in range(9)), "utf-8")
    assert [column.name for column in read(path).columns] == ["column 1", "column 2"]
    path.write_text("a,a\n" + "".join(f"{n},{n * n}\n" for n in range(9)), "utf-8")
    assert [column.name for column in read(path).columns] == ["a", "a (2)"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_what_is_written_is_read_again(tmp_path, suffix):
    names = ["size", "count", "kind"]
    columns: list[list[float | int | str | None]] = [
        [1.5, None, 2.25, 4.0],
        [3, 5, 7, None],
        ["cat", "=dog", None, "cat"],
    ]
    path = tmp_path / f"t{suffix}"
    write_table(path, names, columns)
    size, count, kind = read(path).columns
    assert np.array_equal(size.values, [1.5, np.nan, 2.25, 4], equal_nan=True)
    assert np.array_equal(count.values, [3, 5, 7, np.nan], equal_nan=True)
    assert kind.words == ("cat", "=dog")


def test_words_are_no_formulas_in_a_workbook(tmp_path):
    import openpyxl

    write_table(tmp_path / "t.xlsx", ["=1+1"], [["=2+2", "@x", "plain"]])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert [(cell.value, cell.data_type) for (cell,) in sheet.iter_rows()] == [
        (word, "s") for word in ("=1+1", "=2+2", "@x", "plain")
    ]


def test_a_name_of_no_table_is_refused(tmp_path):
    with pytest.raises(UserError, match="csv"):
        write_table(tmp_path / "t.doc", ["a"], [[1]])


def test_a_packed_table_and_one_in_another_encoding(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress("größe;farbe\n1,5;grün\n2,5;blau\n3,5;grün\n4,5;blau\n".encode("cp1252")))
    size, colour = read(path).columns
    assert size.name == "größe"
    assert colour.words == ("grün", "blau")


@pytest.mark.parametrize("text", ["", "a,b\n", "name\n" + "".join(f"n{n}\n" for n in range(50)), "\x00\x01\x02"])
def test_what_holds_nothing_to_learn_from_is_refused(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    with pytest.raises(UserError):
        read(path)


def test_a_long_table_is_read_in_part_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(mixed, "MAX_CELLS", 100)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(80)), "utf-8")
    table = read(path)
    assert table.n_rows == 50
    assert table.note == "Only 50 of 80 rows were read."


LETTERS = {
    "cp1251": ("город", "Москва"),
    "koi8_r": ("город", "Москва"),
    "cp1253": ("πόλη", "Αθήνα"),
    "shift_jis": ("都市", "東京"),
    "gb18030": ("城市名称", "北京的红色"),
    "euc_kr": ("도시", "서울"),
    "cp1252": ("größe", "weiß"),
    "utf-16-le": ("größe", "weiß"),
    "utf-16": ("город", "Москва"),
}


@pytest.mark.parametrize("encoding", LETTERS)
def test_letters_of_other_scripts_are_read(tmp_path, encoding):
    name, word = LETTERS[encoding]
    path = tmp_path / "t.csv"
    rows = [f"{name};n"] + [f"{word if n % 3 else 'x'};{n}" for n in range(60)]
    path.write_bytes("\n".join(rows).encode(encoding))
    column = read(path).columns[0]
    assert column.name == name
    assert set(column.words) == {word, "x"}


def test_bytes_that_are_no_text_stay_none(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(np.random.default_rng(1).integers(0, 256, 5000, np.uint8).tobytes())
    with pytest.raises(UserError):
        read(path)
