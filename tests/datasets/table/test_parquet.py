"""Parquet tables as pyarrow writes them: times and zones, gaps, decimals, several series, bounds, and damaged files."""

import random
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table import parquet, rows
from studio.datasets.table.line import Clock, checked_values
from studio.datasets.table.parquet import is_parquet, reading_parquet
from studio.datasets.table.reader import is_table, reading_table
from tests.datasets.table.made import table_text
from tests.plugins.autoregressive.series.forecast_made import made_values

N = 40
DAYS = [datetime(2024, 1, 1) + timedelta(days=n) for n in range(N)]
VALUES = np.round(made_values(N), 2)
N_MUTATED = 160


@pytest.fixture
def read(tmp_path):
    """Reads the series of a table that pyarrow wrote."""

    def lines(columns, **settings):
        path = tmp_path / "My sales.parquet"
        pq.write_table(pa.table(columns), path, **settings)
        return result_of(reading_table(path))

    return lines


def test_the_same_series_come_of_parquet_as_of_csv(read, tmp_path):
    (line,) = read({"value": VALUES, "day": DAYS})
    (tmp_path / "a.csv").write_text(table_text(N))
    (other,) = result_of(reading_table(tmp_path / "a.csv"))
    np.testing.assert_array_equal(line.values, other.values)
    assert line.about == other.about


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_any_unit(read, unit):
    times = pa.array([datetime(2024, 3, 1, 10) + timedelta(hours=n) for n in range(N)], pa.timestamp(unit))
    (line,) = read({"when": times, "load": VALUES})
    assert line.about.clock == Clock("2024-03-01T10:00:00", 60, "minute")


def test_times_with_a_zone_are_those_of_its_clocks(read):
    """Midnights in Berlin are 23 or 22 o'clock of the day before in UTC."""
    zone = pa.timestamp("us", "Europe/Berlin")
    shift = [
        timedelta(hours=2 if datetime(2024, 3, 31) < day else 1)
        for day in (datetime(2024, 3, 20) + timedelta(days=n) for n in range(N))
    ]
    times = [datetime(2024, 3, 20) + timedelta(days=n) - shift[n] for n in range(N)]
    utc = pa.array(times, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    (line,) = read({"when": utc.cast(zone), "v": VALUES})
    assert line.about.clock == Clock("2024-03-20T00:00:00", 1, "day")
    np.testing.assert_array_equal(line.values, VALUES)


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_days_without_a_time(read, kind):
    days = pa.array([date(2020 + n // 12, n % 12 + 1, 1) for n in range(N)], kind)
    (line,) = read({"month": days, "v": VALUES})
    assert line.about.clock == Clock("2020-01-01T00:00:00", 1, "month")


def test_dates_may_be_words_too(read):
    (line,) = read({"day": [f"{day:%d.%m.%Y}" for day in DAYS], "v": VALUES})
    assert line.about.clock == Clock("2024-01-01T00:00:00", 1, "day")


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.decimal128(9, 2), pa.decimal256(40, 3)]
)
def test_numbers_of_any_kind(read, kind):
    make = np.float16 if kind == pa.float16() else Decimal if pa.types.is_decimal(kind) else int
    numbers = [make(n) for n in range(N)]
    (line,) = read({"day": DAYS, "v": pa.array(numbers, kind)})
    assert line.values.tolist() == list(range(N))


def test_decimals_keep_their_point(read):
    (line,) = read({"day": DAYS, "v": pa.array([Decimal(n) / 8 for n in range(N)], pa.decimal128(12, 3))})
    assert line.values.tolist() == [n / 8 for n in range(N)]


def test_nulls_and_what_is_no_number_are_gaps(read):
    values = [float(n) for n in range(N)]
    holes = {5: None, 6: None, 9: float("nan"), 12: float("inf")}
    holed = [holes.get(n, value) for n, value in enumerate(values)]
    (line,) = read({"day": DAYS, "v": holed})
    assert line.values == pytest.approx(values)
    assert "4 missing values were filled in" in line.about.note
    days = [None if n == 7 else day for n, day in enumerate(DAYS)]
    (line,) = read({"day": days, "v": values})
    assert line.values == pytest.approx(values)


def test_times_win_over_numbers_that_look_like_years(read):
    (line,) = read({"sold": [1900 + n for n in range(N)], "day": DAYS})
    assert (line.about.title, line.about.clock.unit) == ("sold", "day")


def test_several_columns_are_several_series_and_others_are_left_out(read):
    lines = read(
        {
            "day": DAYS,
            "a": VALUES,
            "lists": [[1.0]] * N,
            "bytes": [b"x"] * N,
            "yes": [True] * N,
            "__index_level_0__": list(range(N)),
            "b": list(range(N)),
            "deep": [{"v": 1}] * N,
        }
    )
    assert [line.about.title for line in lines] == ["a", "b"]


@pytest.mark.parametrize("is_dictionary", [True, False])
def test_long_tables_are_split_by_their_word(read, is_dictionary):
    shops = pa.array(["North", "South"] * N)
    lines = read(
        {
            "day": [day for day in DAYS for _ in range(2)],
            "sales": [n * k for n in range(N) for k in (1, 2)],
            "shop": shops.dictionary_encode() if is_dictionary else shops,
        }
    )
    assert [line.about.title for line in lines] == ["sales · North", "sales · South"]
    assert lines[1].values.tolist() == [2.0 * n for n in range(N)]


@pytest.mark.parametrize("group", [70, 999, 5000])
def test_of_many_rows_the_newest_are_read_and_no_others(read, monkeypatch, group):
    monkeypatch.setattr(parquet, "KEPT_ROWS", 500)
    monkeypatch.setattr(parquet, "AT_ONCE", 64)
    start = datetime(2020, 1, 1)
    times, values = [start + timedelta(hours=n) for n in range(3000)], [n % 24 for n in range(3000)]
    (line,) = read({"t": times, "v": values}, row_group_size=group)
    assert len(line.values) == 500
    assert "Only the newest 500 of 3,000 rows were read." in line.about.note
    assert line.about.clock.at(499) == times[-1]
    assert line.values.tolist() == values[-500:]
    (back,) = read({"t": times[::-1], "v": values[::-1]}, row_group_size=group)
    assert back.about.clock == line.about.clock
    np.testing.assert_array_equal(back.values, line.values)


def test_a_million_rows_are_not_all_read(tmp_path, monkeypatch):
    path, n = tmp_path / "a.parquet", 1_000_000
    pq.write_table(
        pa.table({"t": pa.array(np.arange(n) * 60, pa.timestamp("s")), "v": np.arange(n) % 1440}),
        path,
        row_group_size=50_000,
    )
    n_read = []
    real = parquet._Columns._cells

    def counted(self, column):
        n_read.append(len(column))
        return real(self, column)

    monkeypatch.setattr(parquet._Columns, "_cells", counted)
    table = result_of(reading_parquet(path))
    assert (table.n_rows, len(table.rows)) == (n, rows.KEPT_ROWS)
    assert sum(n_read) == 4 * rows.KEPT_ROWS  # two columns, once from the beginning and once from the end


def test_columns_beyond_the_bound_are_not_read(read, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_COLUMNS", 3)
    lines = read({**{f"v{n}": VALUES for n in range(9)}, "day": DAYS})
    assert [line.about.title for line in lines] == ["v0", "v1"]
    assert lines[0].about.clock.unit == "day"


def test_what_is_too_large_gives_a_sentence(read, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_UNPACKED_BYTES", 400)
    with pytest.raises(UserError, match="unpack to more"):
        read({"day": DAYS, "v": VALUES})
    monkeypatch.setattr(parquet, "MAX_BYTES", 100)
    with pytest.raises(UserError, match="larger than"):
        read({"day": DAYS, "v": VALUES})


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"v": pa.array([], pa.float64())}, "empty"), ({"lists": [[1]] * 9}, "empty"), ({"w": ["a", "b"]}, "No column")],
)
def test_what_holds_no_series_gives_a_sentence(read, columns, words):
    with pytest.raises(UserError, match=words):
        read(columns)


def test_without_its_library_the_extra_is_named(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="“parquet”"):
        read({"day": DAYS, "v": VALUES})


def test_the_first_bytes_tell_and_not_the_name(tmp_path):
    path = tmp_path / "a.csv"
    pq.write_table(pa.table({"day": DAYS, "v": VALUES}), path)
    assert is_parquet(path)
    assert len(result_of(reading_table(path))) == 1
    assert not is_parquet(tmp_path / "gone.parquet")
    for name in ("b.parquet", "b.PQ"):
        (tmp_path / name).write_text(table_text(N))
        assert is_table(tmp_path / name)
        assert len(result_of(reading_table(tmp_path / name))) == 1


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
def test_damaged_tables_give_series_or_a_sentence(tmp_path, compression):
    chance, path, said = random.Random(compression), tmp_path / "a.parquet", set()
    whole = _mixed_table(path, compression)
    for _ in range(N_MUTATED // 3 + 1):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            at = len(data) - chance.randrange(1, min(len(data), chance.choice((12, 900, len(data)))))
            match chance.randrange(4):
                case 0 | 1:
                    data[at] = chance.randrange(256)
                case 2:
                    del data[at : at + chance.randrange(1, 30)]
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(9))
        path.write_bytes(data)
        try:
            lines = result_of(reading_table(path))
        except UserError as error:
            said.add(error.title)
            continue
        assert all(checked_values(line.values) is line.values for line in lines)
    assert any("damaged" in title for title in said)


def _mixed_table(path: Path, compression: str) -> bytes:
    numbers = [None if n == 4 else n for n in range(N)]
    columns = {"day": DAYS, "v": VALUES, "n": numbers, "shop": ["North", "South"] * (N // 2)}
    pq.write_table(pa.table(columns), path, compression=compression, row_group_size=17)
    return path.read_bytes()
