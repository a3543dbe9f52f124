"""Numbers in cells: commas and points, brackets, units, thousands, and what is none."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table.numbers import decimals_of, is_gap, measured, number, reading_numbers, signs_in
from studio.datasets.table.reader import reading_table

N = 40


@pytest.fixture
def read(tmp_path):
    """The series in a table of days and these cells."""

    def lines(cells, separator=";"):
        days = [datetime(2024, 1, 1) + timedelta(days=n) for n in range(len(cells))]
        rows = [f"{day:%d.%m.%Y}{separator}{cell}" for day, cell in zip(days, cells, strict=True)]
        path = tmp_path / "My sales.csv"
        path.write_text("\n".join([f"Datum{separator}Wert", *rows]), encoding="utf-8")
        return result_of(reading_table(path))

    return lines


@pytest.mark.parametrize(
    ("cell", "has_comma", "value"),
    [
        ("(1,234.00)", False, -1234.0),
        ("-$1,234.00", False, -1234.0),
        ("$-5", False, -5.0),
        ("1.234,00-", True, -1234.0),
        ("10'000.00", False, 10_000.0),
        ("10’000.00", False, 10_000.0),
        ("10\u2009812,5", True, 10_812.5),
        ("10\u202f812,5", True, 10_812.5),
        ("1\u00a0000", False, 1000.0),
        ("CHF 10.00", False, 10.0),
        ("¥100", False, 100.0),
        ("100.5 kWh", False, 100.5),
        ("12,5 %", True, 12.5),
        ("3 m/s", False, 3.0),
        ("True", False, 1.0),
        ("false", False, 0.0),
        ("1,00,000.50", False, 100_000.5),
        ("1,5", False, None),
        ("2.75", True, None),
        ("(5", False, None),
        ("-5-", False, None),
        ("2024-01-01", False, None),
        ("10:30", False, None),
        ("1.2.3", False, None),
        ("N° 5", False, None),
        ("31.12.2023", True, None),
        ("+4", False, 4.0),
        (".5", False, 0.5),
    ],
)
def test_numbers_as_people_write_them(cell, has_comma, value):
    assert number(cell, has_comma) == value


def test_units_are_told_apart():
    assert measured("5 kWh", False) == (5.0, "kWh")
    assert measured("€5", False) == (5.0, "€")
    assert measured("5", False) == (5.0, "")


@pytest.mark.parametrize("cell", ["", " ", "--", "n.a.", "#DIV/0!", "k.A.", "...", ":", "<NA>", "-"])
def test_gaps(cell):
    assert is_gap(cell)


@pytest.mark.parametrize(
    ("cells", "separator", "value", "note"),
    [
        (["100,125", "99,500"], ";", 100.125, "Commas were read"),
        (["100,125", "99,500"], "\t", 100.125, "Commas were read"),
        (["1.002", "998", "1.240"], ";", 1002.0, "thousands separators"),
        (["10.812", "11.035"], ";", 10_812.0, "thousands"),
        (["0.812", "1.035"], ";", 0.812, ""),
        (["1.234.567", "1.234"], ";", 1_234_567.0, ""),
        (["1.1", "2.125"], ";", 1.1, ""),
        (['"1,500"', "999"], ",", 1500.0, ""),
        (['"1,500"', '"2,000"'], ",", 1500.0, "Commas were read as thousands separators"),
        (['"1,5"', '"2,25"'], ",", 1.5, "Commas were read"),
        (["1.500", "2.000"], ",", 1.5, ""),
    ],
)
def test_commas_and_points(read, cells, separator, value, note):
    (line,) = read(cells * 20, separator)
    assert line.values[0] == value
    assert note in line.about.note
    assert bool(note) or "aken" not in line.about.note


def test_all_rows_decide_on_commas(read):
    (line,) = read([str(n) if n < 420 else f"{n},5" for n in range(500)])
    assert line.values[-1] == 499.5


def test_what_one_column_says_holds_for_all_but_those_that_say_otherwise():
    open_, sure, other = (signs_in(cells) for cells in (["1.002", "998"], ["1,5", "2"], ["2.75"]))
    assert decimals_of(open_, open_ + sure, ",", False).has_comma
    assert not decimals_of(other, open_ + sure + sure + other, ";", False).has_comma


def test_points_before_three_decimals_are_decimals_where_dates_have_none():
    signs = signs_in(["1.002", "1.003"])
    assert decimals_of(signs, signs, "\t", False).note == "Points were read as decimal points."
    assert decimals_of(signs, signs, "\t", True).has_comma


@pytest.mark.parametrize("text", ["Wert\n100,0\n108,12\n99,5", "100,05\n108,12\n99,5", "Wert\n100,125\n108,125\n3,5"])
def test_one_column_with_decimal_commas_is_one_series(tmp_path, text):
    path = tmp_path / "Wert.csv"
    path.write_text(text, encoding="utf-8")
    (line,) = result_of(reading_table(path))
    assert line.about.title == "Wert"
    assert 100 <= line.values[0] < 101


def test_pairs_of_whole_numbers_are_two_columns(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("".join(f"{n},{n + 1}\n" for n in range(1, 9)), encoding="utf-8")
    assert len(result_of(reading_table(path))) == 2


def test_what_is_no_number_is_counted_and_told(read):
    cells = [str(n) for n in range(N)]
    cells[4:6] = ["abc", "x\x1bz"]
    (line,) = read(cells)
    assert "2 cells such as “abc” could not be read as numbers." in line.about.note
    assert "2 missing values were filled in by straight lines." in line.about.note
    cells[4] = "4"
    assert "1 cell, “x�z”, could not be read as a number." in read(cells)[0].about.note


def test_too_large_numbers_are_told(read):
    cells = [str(n) for n in range(N)]
    (line,) = read([*cells[:4], "9e20", *cells[5:]])
    assert "1 number was too large and was left out." in line.about.note
    with pytest.raises(UserError, match="too large"):
        read([f"{cell}e20" for cell in cells[1:]])


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["10K", "20K"], [10, 20]),
        (["10K", "2M"], [10_000, 2_000_000]),
        (["1.5K", "900"], [1500, 900]),
        (["5 kg", "6 kg", "7 lb"], [5, 6, np.nan]),
        (["5 %", "6%", "0.5"], [5, 6, np.nan]),
        (["$5", "6"], [5, 6]),
    ],
)
def test_a_column_has_one_unit(cells, values):
    np.testing.assert_array_equal(result_of(reading_numbers(cells, False)).values, values)


@pytest.mark.parametrize("nines", ["-99", "-99.9", "-999", "-999.99", "-9999.0", "-99999"])
def test_nines_far_below_the_rest_are_missing_values(read, nines):
    cells = [f"{n % 5}.5" for n in range(N)]
    (line,) = read([nines, *cells[1:7], nines, *cells[8:]])
    assert line.values.min() == 0.5
    assert f"2 values of {nines} were treated as missing." in line.about.note
    assert f"1 value of {nines} was treated as missing." in read([*cells[:7], nines, *cells[8:]])[0].about.note


@pytest.mark.parametrize(
    "cells",
    [
        ["-99", "-98.5", "-98.9"],
        ["-99", "60", "-20"],
        ["-99", "-60", "-55"],
        ["-999", "5", "2100"],
        ["-98", "1", "2"],
        ["-9", "1", "2"],
        ["-999.5", "1", "2"],
        ["99", "1", "2"],
    ],
)
def test_other_low_values_are_values(cells):
    assert not len(result_of(reading_numbers(cells, False)).nines)


def test_nines_of_32_bits_and_beside_pressure_are_missing():
    assert result_of(reading_numbers(["-999.9000244140625", "1", "2"], False)).nines.tolist() == [0]
    assert result_of(reading_numbers(["1013.2", "-999.9", "998.1", "-9999"], False)).nines.tolist() == [1, 3]


def test_a_column_of_nothing_but_nines_is_no_series(read):
    with pytest.raises(UserError, match="No column"):
        read(["-999.99"] * N)


def test_marks_behind_numbers_are_dropped_and_told(read):
    cells = [f"{n}.5" for n in range(N)]
    cells[3:5] = ["3.5*", "4.5 #"]
    (line,) = read(cells)
    assert line.values.tolist() == [n + 0.5 for n in range(N)]
    assert "The signs after 2 numbers, such as “3.5*”, were dropped." in line.about.note
    assert "The sign after 1 number, “4.5 #”, was dropped." in read([*cells[:3], "3.5", *cells[4:]])[0].about.note


def test_gaps_at_the_ends_are_told(read):
    (line,) = read(["", "", *map(str, range(20)), ""])
    assert len(line.values) == 20
    assert "3 steps without a value, at the ends, were left out." in line.about.note
