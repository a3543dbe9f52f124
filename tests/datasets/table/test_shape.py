"""Tables of other shapes: what stands above the rows, long tables of several series, wide ones with a column a year."""

from datetime import datetime, timedelta

import pytest

from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.datasets.table import reader
from studio.datasets.table import rows as series_rows
from studio.datasets.table.line import Clock
from studio.datasets.table.mixed import reading_mixed
from studio.datasets.table.reader import reading_table

N = 30
DAYS = [f"{datetime(2023, 1, 1) + timedelta(days=n):%Y-%m-%d}" for n in range(N)]
ROWS = "".join(f"{day},{n}\n" for n, day in enumerate(DAYS))


@pytest.fixture
def read(tmp_path):
    """The series in a table of this text."""

    def lines(text):
        path = tmp_path / "My sales.csv"
        path.write_text(text, encoding="utf-8")
        return result_of(reading_table(path))

    return lines


# What stands above the rows


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("date,temp\n", "temp"),
        ("# Made by LabTool 3.2\n# Sensor: A, B\ndate,temp\n", "temp"),
        ("# time,flux\n", "flux"),
        ("Report of the station\nMade 2024-03-01, office\n\ndate,temp\n", "temp"),
        ("date,temp\n,[°C]\n", "temp"),
        ("EUROPEAN CLIMATE, 2024\nFREE\n\n DATE, TG\n", "TG"),
        ("date,temp\n\n", "temp"),
        ("", "My sales"),
        ('date,"Sales\n(in kEUR)"\n', "Sales (in kEUR)"),
        ('date,"a\x1b[31mb\u202ec"\n', "a\ufffd[31mb\ufffdc"),
        ("time,5 %\n", "5 %"),
        ("sep=,\ndate,temp\n", "temp"),
    ],
)
def test_what_stands_above_the_rows(read, above, title):
    (line,) = read(above + ROWS)
    assert line.about.title == title
    assert line.values.tolist() == list(range(N))


def test_a_told_separator_is_believed(read):
    (line,) = read("sep=;\nTag;Wert\n" + "".join(f"{day};{n},5\n" for n, day in enumerate(DAYS)))
    assert (line.about.title, line.values[0]) == ("Wert", 0.5)


def test_a_first_row_with_a_word_for_its_value_is_a_row(read):
    (line,) = read("date,temp\n" + ROWS.replace(",0\n", ",abc\n", 1))
    assert line.about.title == "temp"
    assert "1 cell, “abc”, could not be read" in line.about.note


def test_rows_that_are_longer_than_the_names_are_told(read):
    assert "split them" in read("date,v\n" + ROWS.replace("\n", ",5\n"))[0].about.note
    assert "split them" not in read("date,v\n" + ROWS.replace("\n", ",,\n"))[0].about.note


# Columns kept apart by spaces

STATION = """Oxford
Location: 4509E 2072N, Lat 51.761 Lon -1.262, 63 metres amsl
Estimated data is marked with a * after the value.
Missing data (more than 2 days missing in month) is marked by  ---.
   yyyy  mm   tmax    rain
              degC      mm
"""


def test_columns_kept_apart_by_spaces(read):
    rows = [f"   {1853 + n // 12}  {n % 12 + 1:2d}  {n / 2:5.1f}   {n:5d}" for n in range(N)]
    rows[4], rows[6] = "   1853   5    2.0*    ---", "   1853   7    3.0       6  Provisional"
    lines = read(STATION + "\n".join(rows))
    assert [line.about.title for line in lines] == ["tmax", "rain"]
    assert lines[0].about.clock == Clock("1853-01-01T00:00:00", 1, "month")
    assert [line.values.tolist() for line in lines] == [[n / 2 for n in range(N)], list(range(N))]
    assert lines[0].about.note == "The sign after 1 number, “2.0*”, was dropped."
    assert lines[1].about.note == "1 missing value was filled in by a straight line."


def test_days_and_times_of_day_kept_apart_by_spaces_are_joined(read):
    (line,) = read("".join(f"{DAYS[n // 24]} {n % 24:02d}:00   {n}\n" for n in range(N)))
    assert line.about.clock == Clock("2023-01-01T00:00:00", 60, "minute")


@pytest.mark.parametrize(("sales", "wanted"), [("{n},5", 0.5), ("1,{n:03d}", 1000), ("{n}.5", 0.5)])
def test_commas_in_numbers_keep_no_columns_apart_where_runs_of_spaces_do(read, sales, wanted):
    rows = [f"{DAYS[n]}   {sales.format(n=n)}   {n:5d}\n" for n in range(N)]
    lines = read("Date        Sales, net    Costs\n" + "".join(rows))
    assert [line.about.title for line in lines] == ["Sales, net", "Costs"]
    assert [line.values.tolist() for line in lines] == [[n + wanted for n in range(N)], list(range(N))]


@pytest.mark.parametrize("text", ["1 234\n" * 9 + "5 678\n", "  1 234\n" * 9 + "  5 678\n"])
def test_spaces_between_thousands_keep_nothing_apart(read, text):
    (line,) = read(text)
    assert line.values.tolist() == [1234] * 9 + [5678]
    (line,) = read(text.replace("4\n", "4 000\n").replace("8\n", "8 000\n"))
    assert line.values.tolist() == [1_234_000] * 9 + [5_678_000]


def test_single_spaces_keep_columns_apart_where_every_line_has_as_many(read):
    rows = "".join(f"{n} {n / 2:.1f} {7 * n % 5}\n" for n in range(1, N))
    first, second, third = read('size "twice as small" rest\n' + rows)
    assert second.about.title == "twice as small"
    assert first.values.tolist() == list(range(1, N))
    assert third.values.tolist() == [7 * n % 5 for n in range(1, N)]


def test_rows_that_have_names_without_a_title_shift_no_column(tmp_path):
    path = tmp_path / "from_r.txt"
    path.write_text(
        '"size" "kind" "mass"\n' + "".join(f'"{n}" {n / 2} {n % 3} {n * n}\n' for n in range(1, 40)), "utf-8"
    )
    table = result_of(reading_mixed(path))
    assert [column.name for column in table.columns] == ["row", "size", "kind", "mass"]
    assert table.columns[1].values.tolist() == [n / 2 for n in range(1, 40)]


JMULTI = """/*quarterly, seasonally adjusted, West German
investment, income, in billions of DM, 1960Q1-1982Q4;
*/

<1960 Q1>
{names}
"""


@pytest.mark.parametrize("names", ["invest     income", " Dp             R"])
def test_remarks_above_a_table_are_passed_over(read, names):
    lines = read(JMULTI.format(names=names) + "".join(f" {n}.5       {7 * n % 5}\n" for n in range(N)))
    assert [line.about.title for line in lines] == names.split()
    assert lines[0].values.tolist() == [n + 0.5 for n in range(N)]
    assert lines[1].values.tolist() == [7 * n % 5 for n in range(N)]


def test_a_remark_without_an_end_takes_no_rows_away(read):
    (line,) = read("/* a\n" + "".join(f"{n}.5\n" for n in range(N)))
    assert len(line.values) == N


@pytest.mark.parametrize("mark", ["% a, b", "** Weekly averages **", "# a"])
def test_marked_lines_above_a_table_are_passed_over(read, mark):
    first, second = read(f"{mark}\n" * 3 + "warm,cold\n" + "".join(f"{3 * n % 7}.5,{7 * n % 5}\n" for n in range(N)))
    assert [first.about.title, second.about.title] == ["warm", "cold"]


def test_two_columns_of_numbers_between_single_spaces_are_two(read):
    lines = read("".join(f"-0.00{n + 100} 0.{n % 9}83\n" for n in range(N)))
    assert [len(line.values) for line in lines] == [N, N]
    assert lines[1].values[1] == pytest.approx(0.183)


def test_words_with_single_spaces_stay_together_between_runs_of_them(tmp_path):
    path = tmp_path / "divorce.dat"
    schools = ("12-15 years", "< 12 years", "16+ years")
    rows = "".join(
        f"  {n:5d}   {schools[n % 3]:>11}   {'No' if n % 4 else 'Yes':>5}   {n / 3:8.3f}\n" for n in range(40)
    )
    path.write_text("     id        heduc   mixed     years\n" + rows, "utf-8")
    table = result_of(reading_mixed(path))
    assert [column.name for column in table.columns] == ["id", "heduc", "mixed", "years"]
    assert set(table.columns[1].words) == set(schools)
    assert table.columns[3].values[6] == 2.0


def test_sentences_with_two_spaces_are_no_table(read):
    with pytest.raises(UserError):
        read("It was a day.  It was a night.\n" * 20)


# Rows without names


@pytest.mark.parametrize(
    ("dates", "clock"),
    [
        (
            [f"{1749 + n // 12};{n % 12 + 1:02d};{1749 + (n + 0.5) / 12:.3f}" for n in range(N)],
            Clock("1749-01-01T00:00:00", 1, "month"),
        ),
        ([f"{1749 + n // 12};{n % 12 + 1:02d};15" for n in range(N)], Clock("1749-01-01T00:00:00", 1, "month")),
        (
            [f"{datetime(1818, 1, 1) + timedelta(days=n):%Y;%m;%d};{1818 + (n + 0.5) / 365:.3f}" for n in range(N)],
            Clock("1818-01-01T00:00:00", 1, "day"),
        ),
        (
            [f"{datetime(1818, 1, 1) + timedelta(weeks=n):%Y;%m;%d}" for n in range(N)],
            Clock("1818-01-01T00:00:00", 7, "day"),
        ),
    ],
)
def test_year_month_and_day_without_names(read, dates, clock):
    lines = read("".join(f"{date};{n * 7 % 11}.5;{n % 3}.5\n" for n, date in enumerate(dates)))
    assert [line.about.clock for line in lines] == [clock, clock]
    assert lines[0].values.tolist() == [n * 7 % 11 + 0.5 for n in range(N)]


@pytest.mark.parametrize(
    "rows",
    [
        [(1990 + n, n * 5 % 12 + 1, n) for n in range(N)],
        [(1990, n % 12 + 1, n) for n in range(N)],
        [(1990 + n // 12, n % 12, n) for n in range(N)],
        [(1990 + n, n % 12 + 1, n % 28 + 1, n) for n in range(N)],
    ],
)
def test_numbers_without_names_that_are_no_parts_of_a_date(read, rows):
    lines = read("".join(f"{','.join(map(str, row))}\n" for row in rows))
    assert lines[0].about.clock.unit in ("number", "year")


# Several rhythms


@pytest.mark.parametrize(
    ("rhythms", "n_taken", "clock"),
    [
        (("year", "quarter", "month"), 96, Clock("1996-01-01T00:00:00", 1, "month")),
        (("month", "year"), 96, Clock("1996-01-01T00:00:00", 1, "month")),
        (("year", "quarter"), 32, Clock("1996-01-01T00:00:00", 3, "month")),
    ],
)
def test_years_quarters_and_months_in_one_column(read, rhythms, n_taken, clock):
    """Those of which there are most are taken; what is above them are no rows."""
    rows = {
        "year": [f"{1996 + n},{100 + n}" for n in range(8)],
        "quarter": [f"{1996 + n // 4} Q{n % 4 + 1},{200 + n}" for n in range(32)],
        "month": [f"{datetime(1996 + n // 12, n % 12 + 1, 1):%Y %b},{300 + n}".upper() for n in range(96)],
    }
    above = '"Title","Sales"\n"CDID","J5EK"\n"Unit","Index"\n"Release date","21-06-2024"\n"Notes",""\n'
    (line,) = read(above + "\n".join(row for rhythm in rhythms for row in rows[rhythm]))
    assert (line.about.title, line.about.clock, len(line.values)) == ("Sales", clock, n_taken)
    first = 300 if "month" in rhythms else 200
    assert line.values.tolist() == [first + n for n in range(n_taken)]
    assert line.about.note.startswith(f"Only the {n_taken} rows that cover a")
    assert "understood" not in line.about.note


# Long tables


def long(*keys):
    """Rows of days for each of these keys, one after the other."""
    return "".join(f"{day},{key},{n + 100 * k}\n" for k, key in enumerate(keys) for n, day in enumerate(DAYS))


@pytest.mark.parametrize(
    ("names", "keys", "titles"),
    [
        ("date,store,v", ("1", "2", "3"), ["v · store 1", "v · store 2", "v · store 3"]),
        (
            "date,store,item,v",
            ("1,1", "1,2", "2,1", "2,2"),
            ["v · store 1 · item 1", "v · store 1 · item 2", "v · store 2 · item 1", "v · store 2 · item 2"],
        ),
        ("date,region,product,v", ("N,x", "N,y", "S,x", "S,y"), ["v · N · x", "v · N · y", "v · S · x", "v · S · y"]),
        (
            "date,region,shop,v",
            ("N,7", "S,7", "N,8", "S,8"),
            ["v · N · shop 7", "v · S · shop 7", "v · N · shop 8", "v · S · shop 8"],
        ),
        ("date,code,v", ("x\u202ey", "z"), ["v · x\ufffdy", "v · z"]),
    ],
)
def test_words_and_numbers_tell_series_apart(read, names, keys, titles):
    lines = read(f"{names}\n{long(*keys)}")
    assert [line.about.title for line in lines] == titles
    for k, line in enumerate(lines):
        assert line.values.tolist() == [n + 100 * k for n in range(N)]
        assert "averaged" not in line.about.note


def test_all_rows_decide_what_tells_series_apart(read):
    days = [f"{datetime(2020, 1, 1) + timedelta(days=n):%Y-%m-%d}" for n in range(600)]
    rows = [f"{day},{word},{n}" for word in ("a", "b") for n, day in enumerate(days)]
    assert [line.about.title for line in read("\n".join(["day,kind,v", *rows]))] == ["v · a", "v · b"]


def test_values_are_no_keys(read):
    """Whole numbers that repeat themselves tell nothing apart, and the same day twice is averaged."""
    lines = read("date,n,v\n" + "".join(f"{day},{n % 7},{n}\n" for _ in range(2) for n, day in enumerate(DAYS)))
    assert [line.about.title for line in lines] == ["n", "v"]
    assert "30 values had the same time as others and were averaged." in lines[0].about.note


def test_few_times_that_come_twice_do_not_cut_a_series(read):
    rows = [f"{day},{'odd' if n % 2 else 'even'},{n}\n" for n, day in enumerate(DAYS)]
    (line,) = read("".join(["date,kind,v\n", *rows, rows[-1]]))
    assert "1 value had the same time as another and was averaged with it." in line.about.note


def test_more_series_than_are_read_are_told(read, monkeypatch):
    monkeypatch.setattr(reader, "MAX_SERIES", 24)
    lines = read("date,place,v\n" + long(*(f"C{n}" for n in range(30))))
    assert len(lines) == 24
    assert lines[2].about.title == "v · C2"
    assert "Only the first 24 of 30 series were read." in lines[0].about.note


def test_columns_beyond_the_bound_are_told(read, monkeypatch):
    monkeypatch.setattr(series_rows, "MAX_COLUMNS", 4)
    lines = read("date,a,b,c,d,e\n" + "".join(f"{day},{n},{n},{n},{n},{n}\n" for n, day in enumerate(DAYS)))
    assert len(lines) == 3
    assert "Only the first 4 of 6 columns were read." in lines[0].about.note


def test_a_note_ends_with_a_whole_sentence(read, monkeypatch):
    monkeypatch.setattr(reader, "MAX_SERIES", 24)
    monkeypatch.setattr(reader, "MAX_TEXT", 45)
    note = read("date,place,v\n" + long(*(f"C{n}" for n in range(30))).replace(",5\n", ",x\n"))[0].about.note
    assert note == "Only the first 24 of 30 series were read."


# Wide tables


@pytest.mark.parametrize(
    "names",
    [
        "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec",
        ",".join(map(str, range(1, 13))),
        "Jan.,Feb.,März,April,Mai,Juni,Juli,Aug.,Sept.,Okt.,Nov.,Dez.",
        "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre",
    ],
)
def test_months_as_columns_are_one_series(read, names):
    """Columns of means behind them are no months, and asterisks stand for what is missing."""
    rows = [[f"{(12 * n + month) / 100:.2f}" for month in range(12)] for n in range(10)]
    rows[9][7:], rows[3][4] = ["***"] * 5, "***"
    text = "".join(f"{2000 + n},{','.join(row)},.5,***\n" for n, row in enumerate(rows))
    (line,) = read(f"Land-Ocean: Global Means\nYear,{names},J-D,DJF\n{text}")
    assert line.about.title == "My sales"
    assert line.about.clock == Clock("2000-01-01T00:00:00", 1, "month")
    assert line.values == pytest.approx([n / 100 for n in range(115)])
    assert line.about.note.startswith("Each row was read as a year and its columns as the months in order.")
    assert "1 missing value was filled in" in line.about.note


def test_months_as_columns_of_several_places_stay_columns(read):
    months = ",".join(map(str, range(1, 13)))
    rows = "".join(f"{2000 + n % 5}{',7.5' * 12}\n" for n in range(20))
    assert "Each row was read as a year" not in read(f"Year,{months}\n{rows}")[0].about.note


def test_years_as_columns_are_turned(read):
    years = range(1960, 2030)
    names = ",".join(f'"{year}"' for year in years)
    rows = "".join(f"C{k},K{k},Pop,{','.join(str(100 * k + n) for n in range(len(years)))}\n" for k in range(3))
    lines = read(f'"Data Source","World",\n\n"Country","Code","Indicator",{names}\n{rows}')
    assert [line.about.title for line in lines] == ["C0", "C1", "C2"]
    assert lines[1].about.clock == Clock("1960-01-01T00:00:00", 1, "year")
    assert lines[1].values.tolist() == [100 + n for n in range(len(years))]
    assert "Each row is a series here" in lines[0].about.note


def test_days_as_columns_are_turned(read):
    lines = read("Province,Country,1/22/20,1/23/20,1/24/20,1/25/20,1/26/20\n,Chad,1,2,3,4,5\nX,Chad,5,6,7,8,9\n")
    assert [line.about.title for line in lines] == ["My sales", "X"]
    assert lines[1].about.clock == Clock("2020-01-22T00:00:00", 1, "day")
    assert lines[1].values.tolist() == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"V{n}" for n in range(1, 42)], ["Y{k}"]),
        (["id", "shop", *(f"d_{n}" for n in range(1, 41))], ["A{k}", "CA_1"]),
        (["name", *map(str, range(40))], ["w{k}"]),
    ],
)
def test_rows_below_numbered_columns_are_series(read, names, words):
    rows = [[*(word.format(k=k) for word in words), *(str(100 * k + n) for n in range(40))] for k in range(4)]
    rows[2][-6:] = [""] * 6
    lines = read("\n".join(",".join(f'"{cell}"' for cell in row) for row in [names, *rows]))
    assert [line.about.title for line in lines] == [words[0].format(k=k) for k in range(4)]
    assert [len(line.values) for line in lines] == [40, 40, 34, 40]
    assert lines[3].values.tolist() == [300 + n for n in range(40)]
    assert lines[0].about.clock == Clock()
    assert lines[0].about.note == "Each row is a series here, as the columns are only numbered."


@pytest.mark.parametrize(
    ("names", "n_rows"),
    [
        ([f"V{n}" for n in range(1, 29)], 40),
        (["V1", "V2", *(f"V{n}" for n in range(1, 8))], 4),
        ([f"V{n}" for n in range(1, 8)], 4),
    ],
)
def test_other_numbered_columns_are_series(read, names, n_rows):
    rows = [[f"w{k}", *(str(k + n) for n in range(len(names) - 1))] for k in range(n_rows)]
    lines = read("\n".join(",".join(row) for row in [names, *rows]))
    assert lines[0].about.title == "V2"
    assert len(lines[0].values) == n_rows


def test_weeks_as_columns_are_times(read):
    lines = read(f"place,{','.join(f'2023-W{n:02d}' for n in range(1, 20))}\na{',5' * 19}\nb{',6' * 19}\n")
    assert lines[1].about.clock == Clock("2023-01-02T00:00:00", 7, "day")


def test_rows_of_rising_numbers_are_no_years(read):
    (line, *others) = read("".join(f"w{n},{1990 + n},{1991 + n},{1992 + n},{1993 + n},{1994 + n}\n" for n in range(8)))
    assert len(line.values) == 8
    assert len(others) == 3  # the first one says when
