"""A person's own tables: separators, decimals, dates, gaps, several series, and what is no table at all."""

import random
from datetime import datetime, timedelta

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table import rows as series_rows
from studio.datasets.table.grid import (
    by_number,
    by_time,
    calendar_periods,
    correlations,
    peak,
    seasons,
    step_of,
    usual_horizon,
)
from studio.datasets.table.line import MAX_VALUES, Clock, checked_values
from studio.datasets.table.numbers import decimals_of, number, signs_in
from studio.datasets.table.reader import is_table, reading_table
from tests.datasets.table.made import first_date, table_text
from tests.plugins.autoregressive.series.forecast_made import made_values

N_MUTATED = 160
OTHER_SHAPES = (
    "".join(f"{1749 + n // 12};{n % 12 + 1:02d};{1749 + (n + 0.5) / 12:.3f};{n}.5\n" for n in range(30)),
    "   yyyy  mm   tmax\n" + "".join(f"   {1853 + n // 12}  {n % 12 + 1:2d}  {n / 2:5.1f}*\n" for n in range(30)),
    f"Year,{','.join(map(str, range(1, 13)))}\n" + "".join(f"{2000 + n}{',7.5' * 12}\n" for n in range(9)),
    f"id,{','.join(f'd_{n}' for n in range(20))}\na{',1' * 20}\nb{',2' * 20}\n",
    "t,v\n" + "".join(f"{1996 + n}{' Q1' * (n % 2)},{n}\n" for n in range(30)),
    "time,v\n" + "".join(f"2024-03-31T{n % 24:02d}:00:00+0{1 + n // 9}:00,{n}\n" for n in range(30)),
)
"""Sunspots, a weather station, years of months, rows that are series, two rhythms, several offsets from UTC."""


@pytest.fixture
def read(tmp_path):
    """Reads a table from its text."""

    def lines(text, encoding="utf-8"):
        path = tmp_path / "My sales.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return result_of(reading_table(path))

    return lines


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator(read, separator):
    (line,) = read(table_text(separator=separator))
    assert line.values == pytest.approx(np.round(made_values(40), 2))
    assert line.about.title == "value"
    assert line.about.clock == Clock("2024-01-01T00:00:00", 1, "day")
    assert line.about.period == 7


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_and_said(read, separator):
    (line,) = read(table_text(separator=separator, decimals=","))
    assert line.values == pytest.approx(np.round(made_values(40), 2))
    assert "Commas were read as decimal points" in line.about.note


def test_letters_of_windows_are_read_wherever_they_first_stand(read):
    days = [f"{1 + n // 28:02d}.{1 + n % 28:02d}" for n in range(320)]
    rows = [f"2023-{day[:2]}-{day[3:]};{place};{n}" for place in ("Bonn", "Köln") for n, day in enumerate(days)]
    lines = read("\n".join(["Tag;Ort;Wert", *rows]), "cp1252")
    assert [line.about.title for line in lines] == ["Wert · Bonn", "Wert · Köln"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(read, encoding):
    (line,) = read(table_text(names=("Datum", "Größe")), encoding)
    assert line.about.title == "Größe"


def test_without_a_header_the_file_gives_the_name(read):
    (line,) = read(table_text().partition("\n")[2])
    assert (line.about.title, len(line.values)) == ("My sales", 40)


def test_without_dates_rows_are_numbered(read):
    (line,) = read("\n".join(str(value) for value in range(30)))
    assert line.about.clock.unit == "number"
    assert line.values.tolist() == list(range(30))


def test_gaps_are_bridged_and_said(read):
    rows = table_text().splitlines()
    del rows[10:12]
    rows[20] = rows[20].partition(",")[0] + ","
    (line,) = read("\n".join(rows))
    assert len(line.values) == 40
    assert line.values[9] == pytest.approx(np.interp(9, [8, 11], line.values[[8, 11]]))
    assert "3 missing values were filled in" in line.about.note


def test_rows_in_any_order_are_sorted(read):
    head, *rows = table_text().splitlines()
    random.Random(1).shuffle(rows)
    (line,) = read("\n".join([head, *rows]))
    assert line.values == pytest.approx(np.round(made_values(40), 2))


def test_values_of_the_same_time_are_averaged(read):
    text = table_text(10) + table_text(10).partition("\n")[2].replace(",", ",1")
    assert "averaged" in read(text)[0].about.note


def test_irregular_steps_are_evened_and_said(read):
    chance, day = random.Random(2), 0.0
    rows = ["when,load"]
    for _ in range(60):
        day += chance.uniform(0.6, 1.6)
        rows.append(f"{datetime(2024, 1, 1) + timedelta(days=day)},{day:.1f}".replace(".", ",", 0))
    (line,) = read("\n".join(rows))
    assert "uneven" in line.about.note
    assert np.isfinite(line.values).all()


def test_several_columns_are_several_series(read):
    rows = ["day;a;b;word"] + [f"{n:02d}.03.2024;{n};{2 * n},5;x" for n in range(1, 29)]
    lines = read("\n".join(rows))
    assert [line.about.title for line in lines] == ["a", "b"]
    assert lines[1].values[:2].tolist() == [2.5, 4.5]


def test_long_tables_are_split_by_their_word(read):
    rows = ["month,shop,sales"]
    for month in range(36):
        when = f"{2020 + month // 12}-{month % 12 + 1:02d}"
        rows += [f"{when},{shop},{month * k}" for k, shop in ((1, "North"), (2, "South"))]
    lines = read("\n".join(rows))
    assert [line.about.title for line in lines] == ["sales · North", "sales · South"]
    assert lines[1].values.tolist() == [2.0 * month for month in range(36)]
    assert lines[0].about.clock == Clock("2020-01-01T00:00:00", 1, "month")


def test_a_million_rows_have_a_bound_and_a_sentence(read, monkeypatch):
    monkeypatch.setattr(series_rows, "KEPT_ROWS", 500)
    start = datetime(2020, 1, 1)
    rows = ["t,v"] + [f"{start + timedelta(hours=n)},{n % 24}" for n in range(3000)]
    (line,) = read("\n".join(rows))
    assert len(line.values) == 500
    assert "Only the newest 500 of 3,000 rows were read." in line.about.note
    assert line.about.clock.at(499) == start + timedelta(hours=2999)
    newest_first = read("\n".join([rows[0], *reversed(rows[1:])]))
    assert newest_first[0].about.clock == line.about.clock


def test_a_column_of_one_date_tells_nothing_apart(read):
    (line,) = read("2024-01-01,1\n2024-01-01,2\n2024-01-01,3\n")
    assert line.about.clock.unit == "number"


def test_a_table_that_is_too_large_gives_a_sentence(read, monkeypatch):
    monkeypatch.setattr(series_rows, "MAX_BYTES", 1 << 20)
    with pytest.raises(UserError, match="larger than 1 MB"):
        read("1,2\n" * 400_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"a,b\n",
        b"word\nword\n",
        b"1\n",
        b"PK\x03\x04\0\0\0",
        b"x" * (3 << 20),
        b"\xff\xfe\xff",
        b'"open',
        b"2024-01-01,nan\n2024-01-02,inf\n",
    ],
)
def test_what_holds_no_series_gives_a_sentence(read, content):
    with pytest.raises(UserError):
        read(content)


def test_a_file_that_is_gone_gives_a_sentence(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        result_of(reading_table(tmp_path / "gone.csv"))
    assert not is_table(tmp_path / "gone.csv")
    assert not is_table(tmp_path)


@pytest.mark.long("computes for long")
def test_mutated_tables_give_series_or_a_sentence(tmp_path):
    """What is read can be forecast; nothing else than a sentence comes of the rest."""
    chance, n_read = random.Random(3), 0
    seeds = [table_text(30), table_text(30, ";", ","), table_text(30, "\t"), "a,b\n1,2\n" * 9, *OTHER_SHAPES]
    pieces = (
        b",",
        b";",
        b"\n",
        b'"',
        b"\0",
        b"-",
        b"1e999",
        b"nan",
        b"9" * 20,
        b"2024-13-45",
        b"\xff",
        b"",
        b"-999",
        b"+02:00",
        b"  ",
        b"*",
    )
    for number_ in range(N_MUTATED):
        data = bytearray(chance.choice(seeds).encode())
        for _ in range(chance.randrange(1, 12)):
            at, kind = chance.randrange(len(data) + 1), chance.randrange(4)
            if kind == 0:
                data[at:at] = chance.choice(pieces)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 30)]
            elif kind == 2:
                data[at:at] = data[: chance.randrange(60)]
            else:
                data[at : at + 1] = bytes([chance.randrange(256)])
        path = tmp_path / f"{number_}.csv"
        path.write_bytes(bytes(data))
        try:
            lines = result_of(reading_table(path))
        except UserError:
            continue
        n_read += 1
        assert all(checked_values(line.values) is line.values for line in lines)
        assert all(line.about.clock.text(0) for line in lines)
    assert N_MUTATED / 4 < n_read < N_MUTATED


# Cells


@pytest.mark.parametrize(
    ("cell", "has_comma", "value"),
    [
        ("1,234.5", False, 1234.5),
        ("1.234,5", True, 1234.5),
        ("−3", False, -3.0),
        (" 5 000 ", False, 5000.0),
        ("€ 12", False, 12.0),
        ("12%", False, 12.0),
        ("1e3", False, 1000.0),
        ("nan", False, None),
        ("1_000", False, None),
        ("1e999", False, None),
        ("", False, None),
        ("x1", False, None),
    ],
)
def test_numbers(cell, has_comma, value):
    assert number(cell, has_comma) == value


def test_commas_are_decimals_only_where_they_can_mean_nothing_else():
    def has_comma(cells):
        signs = signs_in(cells)
        return decimals_of(signs, signs, ",", False).has_comma

    assert has_comma(["1,5", "2,25", "3"])
    assert not has_comma(["1,500", "2,000", "3.5"])
    assert not has_comma(["1,500", "2,000"])


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["2024-03-01", "2024-03-02"], datetime(2024, 3, 1)),
        (["13.02.2024", "01.03.2024"], datetime(2024, 2, 13)),
        (["02/13/2024", "02/14/2024"], datetime(2024, 2, 13)),
        (["2024-03", "2024-04"], datetime(2024, 3, 1)),
        (["2024Q2", "2024Q3"], datetime(2024, 4, 1)),
        (["Mar 2024", "Apr 2024"], datetime(2024, 3, 1)),
        (["5 März 2024", "6 März 2024"], datetime(2024, 3, 5)),
        (["1998", "1999"], datetime(1998, 1, 1)),
        (["20240301", "20240302"], datetime(2024, 3, 1)),
        (["1700000000", "1700003600"], datetime(2023, 11, 14, 22, 13, 20)),
        (["2024-03-01T10:30:00Z", "2024-03-01 10:31"], datetime(2024, 3, 1, 10, 30)),
    ],
)
def test_dates(cells, wanted):
    assert first_date(cells) == wanted


@pytest.mark.parametrize("cells", [["1.5", "2.5"], ["12", "13"], ["a", "b"], ["2024-13-01", "2024-14-01"], []])
def test_what_is_no_date(cells):
    assert first_date(cells) is None


# Steps and seasons


def test_steps_of_the_calendar():
    def step(*days):
        return step_of(np.cumsum(np.array(days, np.float64)) * 86400)

    assert step(*[1 / 86_400] * 9) == (1, "second")
    assert step(*[10 / 86_400] * 9) == (10, "second")
    assert step(*[90 / 86_400] * 9) == (90, "second")
    assert step(*[part / 86_400 for part in (70, 80, 95, 110, 60, 88, 97, 84)]) == (1, "minute")
    assert step(*[1 / 1440] * 9) == (1, "minute")
    assert step(*[1 / 48] * 9) == (30, "minute")
    assert step(*[1] * 9) == (1, "day")
    assert step(*[7] * 9) == (7, "day")
    assert step(31, 28, 31, 30, 31, 30) == (1, "month")
    assert step(90, 91, 92, 92) == (3, "month")
    assert step(*[365.25] * 9) == (1, "year")


def test_seconds_are_steps_and_less_is_numbered():
    def even(step):
        times = [datetime(2024, 1, 1) + timedelta(seconds=step * n) for n in range(60)]
        return by_time(times, np.arange(60.0))

    assert even(10).clock == Clock("2024-01-01T00:00:00", 10, "second")
    assert even(10).notes == ()
    assert even(0.01).clock == Clock()
    assert even(0.01).notes == ("The steps are shorter than a second, so values are only numbered.",)


@pytest.mark.parametrize(("first", "hour"), [("2024-01-03", 0), ("2024-01-05", 16), ("2024-01-08", 9)])
def test_days_that_spare_weekends_are_weekdays(first, hour):
    """A holiday is bridged and weekends are not; numpy's business days say which days are meant."""
    days = np.busday_offset(first, np.arange(30)).astype(datetime)
    times = [datetime(day.year, day.month, day.day, hour) for day in days]
    even = by_time(times[:4] + times[5:], np.array([*range(4), *range(5, 30)], np.float64))
    assert even.values.tolist() == list(range(30))
    assert [even.clock.at(place) for place in range(30)] == times
    assert even.clock.words(1) == "1 weekday"
    assert even.clock.text(0) == Clock(times[0].isoformat(), 1, "day").text(0)
    assert len(even.notes) == 2
    assert "weekend" in even.notes[0]
    assert "1 missing value" in even.notes[1]


def test_a_week_of_days_or_one_saturday_leaves_them_days():
    assert by_time([datetime(2024, 1, day) for day in range(8, 13)], np.arange(5.0)).clock.unit == "day"
    days = [day for day in range(1, 29) if day % 7 not in (6, 0)] + [13]
    assert by_time([datetime(2024, 1, day) for day in days], np.arange(21.0)).clock.unit == "day"


@pytest.mark.parametrize("n", range(-12, 13))
def test_weekdays_from_a_weekend_count_from_its_friday(n):
    wanted = np.busday_offset("2024-01-06", n, roll="backward").astype("datetime64[us]").astype(datetime)
    assert Clock("2024-01-06T00:00:00", 1, "weekday").at(n) == wanted


def test_times_far_apart_are_cut_to_the_newest():
    times = [datetime(2000, 1, 1), *(datetime(2024, 1, 1) + timedelta(minutes=n) for n in range(50))]
    even = by_time(times, np.arange(51.0))
    assert len(even.values) == 50
    assert even.clock.at(49) == datetime(2024, 1, 1, 0, 49)
    assert even.clock.at(0) == datetime(2024, 1, 1)


def test_gaps_at_the_beginning_move_the_clock():
    times = [datetime(2024, 1, day) for day in range(1, 7)]
    even = by_time(times, np.array([np.nan, np.nan, 1, 2, 3, np.nan]))
    assert even.values.tolist() == [1, 2, 3]
    assert even.clock.at(0) == datetime(2024, 1, 3)


def test_too_little_gives_a_sentence():
    with pytest.raises(UserError, match="fewer than three"):
        by_number(np.array([1.0, np.nan, 2.0]))
    with pytest.raises(UserError, match="Most steps"):
        by_number(np.array([1.0, *[np.nan] * 20, 2.0, 3.0]))
    assert len(by_number(np.arange(MAX_VALUES + 9.0)).values) == MAX_VALUES


def test_seasons_by_the_calendar_and_by_the_values():
    def wave(n, period):
        return np.sin(2 * np.pi * np.arange(n) / period) + 0.1 * np.random.default_rng(1).normal(size=n)

    assert seasons(wave(900, 24), Clock("2024-01-01", 60, "minute")) == (24, 168)
    assert seasons(wave(200, 12), Clock("2024-01-01", 1, "month")) == (12, 0)
    assert seasons(wave(300, 52), Clock("2024-01-01", 7, "day")) == (52, 0)
    assert seasons(wave(300, 11), Clock("1700-01-01", 1, "year")) == (11, 0)
    assert seasons(wave(900, 12), Clock("2024-01-01", 7200, "second")) == (12, 84)
    assert seasons(np.arange(50.0), Clock()) == (1, 0)
    assert calendar_periods(Clock("2024-01-01", 7, "minute")) == []
    assert peak(correlations(np.zeros(30))) == 1


def test_correlations_are_those_of_the_definition():
    values = np.random.default_rng(3).normal(size=60)
    left = values - np.polyval(np.polyfit(np.arange(60), values, 1), np.arange(60))
    wanted = [(left[lag:] * left[: 60 - lag]).sum() / (left**2).sum() for lag in range(10)]
    assert correlations(values)[:10] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("n", "period", "wanted"), [(1000, 48, 48), (1000, 1, 24), (1000, 7, 14), (20, 7, 5), (2, 1, 1)]
)
def test_the_usual_horizon(n, period, wanted):
    assert usual_horizon(n, period) == wanted


# The clock


@pytest.mark.parametrize(
    ("clock", "place", "text", "iso"),
    [
        (Clock("2024-01-31", 1, "month"), 1, "Feb 2024", "2024-02-29"),
        (Clock("1700-01-01", 1, "year"), 10, "1710", "1710-01-01"),
        (Clock("2024-01-01", 30, "minute"), 3, "1 Jan 2024 01:30", "2024-01-01 01:30"),
        (Clock("2024-01-01", 10, "second"), 3, "1 Jan 2024 00:00:30", "2024-01-01 00:00:30"),
        (Clock("2024-01-01", 7, "day"), 2, "15 Jan 2024", "2024-01-15"),
        (Clock(), 4, "5", "5"),
    ],
)
def test_times_in_words(clock, place, text, iso):
    assert (clock.text(place), clock.iso(place)) == (text, iso)


def test_a_clock_beyond_the_calendar_numbers():
    assert Clock("9999-01-01", 1, "year").text(5) == "6"
    assert Clock("2024-01-01", 1, "day").words(2) == "2 days"
    for wrong in (("not a date", 1, "day"), ("2024-01-01", 0, "day"), ("2024-01-01", 1, "fortnight")):
        with pytest.raises(UserError):
            Clock(*wrong)
