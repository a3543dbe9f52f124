"""When the rows of a table were: times of day, day or month first, words, quarters, weeks, and who says so."""

from datetime import datetime, timedelta

import pytest

from studio.core.pausing import result_of
from studio.datasets.table.dates import seconds_of_day
from studio.datasets.table.line import Clock
from studio.datasets.table.reader import reading_table
from tests.datasets.table.made import first_date

START = datetime(2023, 1, 1)
N = 40
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)


@pytest.fixture
def read(tmp_path):
    """The series in a table of columns of cells, the first of them times."""

    def lines(columns, separator=","):
        path = tmp_path / "My sales.csv"
        rows = [columns, *zip(*columns.values(), strict=True)]
        path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
        return result_of(reading_table(path))

    return lines


def days(pattern, n=N, **step):
    """Times as text."""
    return [(START + timedelta(**(step or {"days": 1})) * place).strftime(pattern) for place in range(n)]


def quoted(cells):
    return [f'"{cell}"' for cell in cells]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1/13/2023 6:00 AM", (2023, 1, 13, 6)),
        ("1/13/2023 12:00 AM", (2023, 1, 13)),
        ("1/13/2023 12:30 p.m.", (2023, 1, 13, 12, 30)),
        ("1/13/2023 6 PM", (2023, 1, 13, 18)),
        ("2023-01-13 01:00 PM", (2023, 1, 13, 13)),
        ("2023-01-13T10:00:00.250Z", (2023, 1, 13, 10, 0, 0, 250_000)),
        ("2023-01-13 10:00:05+02:00", (2023, 1, 13, 10, 0, 5)),
        ("13.01.2023 10:30 Uhr", (2023, 1, 13, 10, 30)),
        ("2023-01-13 24:00", (2023, 1, 14)),
        ("Feb 09, 2023", (2023, 2, 9)),
        ("9 Feb 2023", (2023, 2, 9)),
        ("05-Jan-23", (2023, 1, 5)),
        ("Mon, 02 Jan 2023", (2023, 1, 2)),
        ("Monday, January 02, 2023", (2023, 1, 2)),
        ("12 Oct 2023 10:30 PM", (2023, 10, 12, 22, 30)),
        ("1er février 2023", (2023, 2, 1)),
        ("12 de enero de 2023", (2023, 1, 12)),
        ("9. März 2023", (2023, 3, 9)),
        ("août 2020", (2020, 8, 1)),
        ("2019Jan", (2019, 1, 1)),
        ("1960M01", (1960, 1, 1)),
        ("2023-W05", (2023, 1, 30)),
        ("2023-W05-3", (2023, 2, 1)),
        ("KW 5/2023", (2023, 1, 30)),
        ("2023Q2", (2023, 4, 1)),
        ("Q2 2023", (2023, 4, 1)),
        ("Q2/23", (2023, 4, 1)),
        ("T2 2023", (2023, 4, 1)),
        ("02/2023", (2023, 2, 1)),
        ("02.2023", (2023, 2, 1)),
        ("2023011310", (2023, 1, 13, 10)),
        ("20230113T103000", (2023, 1, 13, 10, 30)),
        ("900000000", (1998, 7, 9, 16)),
        ("1700000000000", (2023, 11, 14, 22, 13, 20)),
        ("1700000000000000", (2023, 11, 14, 22, 13, 20)),
        ("1700000000000000000", (2023, 11, 14, 22, 13, 20)),
        ("2023年1月5日", (2023, 1, 5)),
    ],
)
def test_dates_in_words_and_figures(text, wanted):
    assert first_date([text]) == datetime(*wanted)


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-13 10:00 at noon",
        "2023-01-13 25:00",
        "2023-W54",
        "2023M13",
        "Room 5 2020",
        "1.0716",
        "Jan to Mar 2020",
        "10:30",
    ],
)
def test_what_looks_like_a_date_and_is_none(text):
    assert first_date([text]) is None


def test_times_of_day_alone():
    assert seconds_of_day("12:00 AM") == 0
    assert seconds_of_day("6:30 pm") == 18.5 * 3600
    assert seconds_of_day("7") is None


@pytest.mark.parametrize(
    ("pattern", "step"),
    [
        ("%m/%d/%Y %I:%M %p", {"hours": 1}),
        ("%Y-%m-%d %I:%M %p", {"hours": 12}),
        ("%b %d, %Y", {"days": 1}),
        ("%d-%b-%y", {"days": 1}),
        ("%A, %d %B %Y", {"days": 1}),
        ("%Y%m%d%H", {"hours": 1}),
        ("%G-W%V", {"weeks": 1}),
        ("%Y/%m/%d %H:%M:%S", {"seconds": 1}),
    ],
)
def test_columns_of_dates(read, pattern, step):
    (line,) = read({"when": quoted(days(pattern, 60, **step)), "v": range(60)})
    assert line.values.tolist() == list(range(60))
    clock = line.about.clock
    assert (clock.at(59) - clock.at(0)) == 59 * timedelta(**step)


@pytest.mark.parametrize(
    ("dates", "unit", "is_guess"),
    [
        ([f"{n % 12 + 1}/1/{2010 + n // 12}" for n in range(60)], "month", "month first"),
        ([f"01/{n % 12 + 1:02d}/{2010 + n // 12}" for n in range(60)], "month", "day first"),
        (days("%m/%d/%Y", 12), "day", "month first"),
        (days("%m/%d/%Y"), "day", ""),
        (days("%d/%m/%y"), "day", ""),
        ([f"{3 * (n % 4) + 1:02d}/01/{2010 + n // 4}" for n in range(40)], "month", "month first"),
        ([f"01.{n % 12 + 1:02d}.{2010 + n // 12}" for n in range(40)], "month", ""),
    ],
)
def test_day_or_month_first(read, dates, unit, is_guess):
    """The order that reads more cells, else the one with the more even steps; a guess is told."""
    (line,) = read({"Date": dates, "v": range(len(dates))})
    assert line.about.clock.unit == unit
    assert line.values.tolist() == list(range(len(dates)))
    assert is_guess in line.about.note
    assert ("Dates such as" in line.about.note) == bool(is_guess)


@pytest.mark.parametrize(
    "dates",
    [
        [f"{1960 + n // 12}M{n % 12 + 1:02d}" for n in range(N)],
        [f"{2020 + n // 12}{n % 12 + 1:02d}" for n in range(N)],
        [f"{(START + timedelta(days=30.5 * n)):%b-%y}" for n in range(0, N, 2)],
        quoted(days("%b %d, %Y")),
    ],
)
def test_tables_that_begin_with_the_newest_are_turned(read, dates):
    (line,) = read({"month": dates[::-1], "v": range(len(dates) - 1, -1, -1)})
    assert line.about.clock.unit != "number"
    assert line.values.tolist() == list(range(len(dates)))


def test_days_of_one_month_without_a_year_are_no_years(read):
    (line,) = read({"when": [f"Jan {day:02d}" for day in range(1, 32)], "v": range(31)})
    assert line.about.clock == Clock()
    assert "The times in “when” could not be understood, so rows are in the order of the file." in line.about.note


def test_months_of_years_that_are_only_counted(read):
    times = [f"{1 + month // 12}-{1 + month % 12:02}" for month in range(36)]
    [line] = read({"Month": quoted(times), "Sales": range(36)})
    clock = line.about.clock
    assert (clock.unit, clock.count, line.about.note) == ("month", 1, "")
    assert (clock.text(0), clock.text(35)) == ("Jan, year 1", "Dec, year 3")


@pytest.mark.parametrize("first", [(2, 1), (1, 2)])
def test_a_month_and_a_day_are_no_counted_years(read, first):
    """From February or the second year on they might as well be days."""
    times = [f"{first[0] + month // 12}-{1 + (first[1] - 1 + month) % 12:02}" for month in range(11)]
    [line] = read({"Month": quoted(times), "Sales": range(11)})
    assert line.about.clock.unit == "number"
    assert "not be understood" in line.about.note


def test_rows_without_a_time_are_told(read):
    (line,) = read({"day": [*days("%Y-%m-%d"), "Total"], "v": [*range(N), 780]})
    assert line.values.tolist() == list(range(N))
    assert "1 row was left out, as its time “Total” could not be understood." in line.about.note


@pytest.mark.parametrize(
    ("columns", "titles", "unit"),
    [
        ({"visitors": [1900 + n * 7 % 90 for n in range(N)], "day": days("%Y-%m-%d")}, ["visitors"], "day"),
        ({"visitors": [1900 + n * 7 % 90 for n in range(N)]}, ["visitors"], "number"),
        ({"sales": [1200 + n * 7 % 90 for n in range(N)], "cost": range(N)}, ["sales", "cost"], "number"),
        ({"revenue": [1_500_000_000 + n * 7 % 90 for n in range(N)]}, ["revenue"], "number"),
        (
            {"station": [1975 + n % 3 for n in range(N)], "day": days("%d.%m.%Y"), "v": range(N)},
            ["station", "v"],
            "day",
        ),
        ({"v": range(N), "Année": range(1960, 2000)}, ["v"], "year"),
        ({"": range(1960, 2000), "v": range(N)}, ["v"], "year"),
        ({"updated": days("%Y-%m-%d", N, seconds=1), "date": days("%Y-%m-%d"), "v": range(N)}, ["v"], "day"),
        ({"date": days("%Y%m%d"), "year": days("%Y"), "month": days("%m"), "v": range(N)}, ["v"], "day"),
        ({"week": [f"2023{n:02d}" for n in range(1, 41)], "v": range(N)}, ["v"], "day"),
        ({"rate": [f"1.{1700 + n * 7 % 90}" for n in range(N)], "v": range(N)}, ["rate", "v"], "number"),
    ],
)
def test_the_column_that_says_when_rows_were(read, columns, titles, unit):
    lines = read(columns)
    assert [line.about.title for line in lines] == titles
    assert lines[0].about.clock.unit == unit
    assert len(lines[0].values) == N


@pytest.mark.parametrize(
    ("columns", "clock"),
    [
        (
            {"date": days("%Y-%m-%d", hours=1), "time": days("%H:%M", hours=1)},
            Clock("2023-01-01T00:00:00", 60, "minute"),
        ),
        (
            {"Datum": days("%d.%m.%Y", minutes=15), "Uhrzeit": days("%H:%M:%S", minutes=15)},
            Clock("2023-01-01T00:00:00", 15, "minute"),
        ),
        (
            {"date": days("%Y-%m-%d", hours=1), "hour": [n % 24 for n in range(N)]},
            Clock("2023-01-01T00:00:00", 60, "minute"),
        ),
        (
            {"year": [2020 + n // 12 for n in range(N)], "month": [n % 12 + 1 for n in range(N)]},
            Clock("2020-01-01T00:00:00", 1, "month"),
        ),
        (
            {"Jahr": [2020 + n // 12 for n in range(N)], "Monat": [MONTHS[n % 12] for n in range(N)]},
            Clock("2020-01-01T00:00:00", 1, "month"),
        ),
        (
            {"Year": [2020 + n // 4 for n in range(N)], "Quarter": [f"Q{n % 4 + 1}" for n in range(N)]},
            Clock("2020-01-01T00:00:00", 3, "month"),
        ),
        ({"year": days("%Y"), "month": days("%m"), "day": days("%d")}, Clock("2023-01-01T00:00:00", 1, "day")),
    ],
)
def test_times_in_several_columns_are_joined(read, columns, clock):
    (line,) = read({**columns, "v": range(N)})
    assert line.about.title == "v"
    assert line.about.clock == clock
    assert line.values.tolist() == list(range(N))


@pytest.mark.parametrize(
    ("times", "clock"),
    [
        ([f"{1871 + n / 12:.4f}" for n in range(N)], Clock("1871-01-01T00:00:00", 1, "month")),
        ([f"{1958 + (n + 2.5) / 12:.2f}" for n in range(N)], Clock("1958-03-01T00:00:00", 1, "month")),
        ([1960 + n / 4 for n in range(N)], Clock("1960-01-01T00:00:00", 3, "month")),
        ([f"{1700.5 + n}" for n in range(N)], Clock("1700-07-01T00:00:00", 1, "year")),
        ([f"{2022 + (7 * n + 3) / 365:.4f}" for n in range(N)], Clock("2022-01-04T00:00:00", 7, "day")),
        ([f"{2022 + (n + 0.5) / 365:.3f}" for n in range(N)], Clock("2022-01-01T00:00:00", 1, "day")),
        ([45292 + n for n in range(N)], Clock("2024-01-01T00:00:00", 1, "day")),
        ([45292 + 7 * n for n in range(N)], Clock("2024-01-01T00:00:00", 7, "day")),
        ([45292 + n / 24 for n in range(N)], Clock("2024-01-01T00:00:00", 60, "minute")),
    ],
)
def test_times_that_are_plain_numbers(read, times, clock):
    """Years with decimals, and days as a spreadsheet counts them; the newest may stand first."""
    (line,) = read({"time": times, "v": [n * 7 % 11 for n in range(N)]})
    assert line.about.clock == clock
    assert line.values.tolist() == [n * 7 % 11 for n in range(N)]
    (turned,) = read({"Datum": times[::-1], "v": [n * 7 % 11 for n in range(N)][::-1]})
    assert turned.values.tolist() == line.values.tolist()


@pytest.mark.parametrize(
    "columns",
    [
        {"weight": [1600.5 + n / 2 for n in range(N)]},
        {"cost": [45292 + n for n in range(N)]},
        {"time": [1900 + n * 7 % 11 / 8 for n in range(N)]},
        {"day": [45292 + n * n for n in range(N)]},
        {"time": [20000 + 10 * n for n in range(N)]},
    ],
)
def test_plain_numbers_that_say_no_times(read, columns):
    lines = read({**columns, "v": range(N)})
    assert [line.about.title for line in lines] == [*columns, "v"]


def test_hours_without_marks_as_names_of_columns(read):
    assert read({"place": ["a", "b", "c"], **{f"20240301T{n:02d}00": [1, 2, 3] for n in range(9)}})


def decimal_years(n=N):
    return [f"{2023 + (place + 0.5) / 365:.4f}" for place in range(n)]


@pytest.mark.parametrize(
    "idle",
    [
        {"decimal date": decimal_years()},
        {"station": [2667] * N},
        {"instant": range(1, N + 1)},
        {"Unnamed: 0": range(N)},
        {"yr": [23] * 20 + [23] * 20},
        {"mnth": days("%m")},
        {"weekday": days("%w")},
        {"month": days("%m"), "day": days("%d"), "lfd. Nr.": range(5, N + 5)},
    ],
)
def test_what_says_no_more_than_the_dates_is_no_series(read, idle):
    (line,) = read({"date": days("%Y-%m-%d"), **idle, "v": [n * 7 % 11 for n in range(N)]})
    assert line.about.title == "v"
    wanted = f"Left out because they give the time, count rows or never change: {', '.join(idle)}."
    assert wanted in line.about.note


def test_the_quarter_of_a_month_is_no_series(read):
    months = [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(N)]
    (line,) = read({"month": months, "Quartal": [n % 12 // 3 + 1 for n in range(N)], "v": [n * n for n in range(N)]})
    assert "never change: Quartal." in line.about.note


@pytest.mark.parametrize(
    "kept",
    [
        {"a": range(N)},
        {"id": [2 * n for n in range(N)]},
        {"level": [2023 + n / 300 for n in range(N)]},
        {"day": [n * 5 % 31 for n in range(N)]},
    ],
)
def test_other_columns_that_rise_evenly_are_series(read, kept):
    lines = read({"date": days("%Y-%m-%d"), **kept, "v": [n * 7 % 11 for n in range(N)]})
    assert [line.about.title for line in lines] == [*kept, "v"]


def test_a_table_with_nothing_else_gives_what_it_has(read):
    lines = read({"date": days("%Y-%m-%d"), "id": range(N), "station": [7] * N})
    assert [line.about.title for line in lines] == ["id", "station"]
    assert not lines[0].about.note


def test_rows_that_are_counted_without_a_name_leave_the_count_out(read):
    (line,) = read({"": range(N), "v": [n * 7 % 11 for n in range(N)]})
    assert line.about.title == "v"
    assert "never change: column 1." in line.about.note


@pytest.mark.parametrize(
    ("pattern", "before", "after", "hours"),
    [
        ("%Y-%m-%dT%H:%M:%S", "+01:00", "+02:00", 1),
        ("%Y-%m-%d %H:%M", "-0500", "-0400", 1),
        ("%d.%m.%Y %H:%M:%S", " +01", " +00", -1),
        ("%Y-%m-%d %H:%M:%S.250", "Z", "+02:00", 2),
    ],
)
def test_a_change_of_clocks_leaves_no_gap_and_no_hour_twice(read, pattern, before, after, hours):
    """Times of several offsets from UTC are taken at the first one."""
    steps = [timedelta(hours=n) for n in range(N)]
    times = [f"{START + step:{pattern}}{before}" for step in steps[:20]]
    times += [f"{START + step + timedelta(hours=hours):{pattern}}{after}" for step in steps[20:]]
    (line,) = read({"time": times, "v": range(N)})
    assert line.values.tolist() == list(range(N))
    assert line.about.clock.at(N - 1) - line.about.clock.at(0) == steps[-1]
    assert line.about.clock.at(0).hour == 0
    assert not line.about.note
