"""Reads dates with words or letters in them: 9 Feb 2023, janvier 2020, Mon, 02 Jan 2023, 2023Q1, 1960M01, 2023-W05.

Months may be English, German, French, Spanish or Italian.
"""

import datetime as dt
import re
from datetime import datetime
from typing import Final

from .series_date_names import may_be_passed_over, month_named
from .series_dates import date, full_year

_PIECES: Final = re.compile(r"\d+|[^\W\d_]+")
_MARKS: Final = re.compile(r"[\w\s.,/'’-]+")
_QUARTER: Final = re.compile(
    r"(?P<year>\d{4})[ -]?[QT](?P<n>[1-4])|[QT](?P<n2>[1-4])[ /.'-]*(?P<year2>\d{4}|\d{2})|"
    r"(?P<n3>[1-4])\.?\s?(?:[QT]|Quartal|Quarter)[ /.'-]*(?P<year3>\d{4}|\d{2})",
    re.IGNORECASE,
)
_MONTH: Final = re.compile(r"(\d{4})[ -]?M(\d{1,2})", re.IGNORECASE)
_COUNTED: Final = re.compile(r"([1-9]\d?)-(0[1-9]|1[0-2])")
_WEEK: Final = re.compile(r"(\d{4})[ -]?K?W(\d{1,2})(?:-?([1-7]))?", re.IGNORECASE)
_WEEK_FIRST: Final = re.compile(r"K?W\s?(\d{1,2})[ /.-]+(\d{4})", re.IGNORECASE)


def worded(text: str) -> datetime | None:
    """A day or a month with its name and a year of four figures, or of two behind a day."""
    month, figures = _month_and_figures(text)
    if month is None or not 1 <= len(figures) <= 2:
        return None
    if len(figures) == 1:
        return date(int(figures[0]), month) if len(figures[0]) == 4 else None
    day, year = figures if len(figures[0]) < 3 else reversed(figures)
    return date(full_year(year), month, int(day)) if len(day) < 3 and len(year) in (2, 4) else None


def short_month(text: str) -> datetime | None:
    """A month with a year of two figures behind its name: Jan-23, which might as well be a day of January."""
    month, figures = _month_and_figures(text)
    is_short = month is not None and [len(one) for one in figures] == [2] and text.endswith(figures[0])
    return date(full_year(figures[0]), month or 1) if is_short else None


def _month_and_figures(text: str) -> tuple[int | None, list[str]]:
    pieces = _PIECES.findall(text) if _MARKS.fullmatch(text) else []
    words = [piece for piece in pieces if not piece[0].isdecimal()]
    months = [word for word in words if month_named(word)]
    rest = [word for word in words if word not in months[-1:]]
    if not months or not all(map(may_be_passed_over, rest)):
        return None, []
    return month_named(months[-1]), [piece for piece in pieces if piece[0].isdecimal()]


def quarter(text: str) -> datetime | None:
    """The first day of a quarter: 2023Q1, Q1 2023, Q1/23, 1Q23, T1 2023."""
    found = _QUARTER.fullmatch(text)
    if found is None:
        return None
    year, n = found["year"] or found["year2"] or found["year3"], found["n"] or found["n2"] or found["n3"]
    return date(full_year(year), 3 * int(n) - 2)


def numbered_month(text: str) -> datetime | None:
    """The first day of a month: 1960M01."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2])) if found else None


def month_of_counted_year(text: str) -> datetime | None:
    """The first day of a month of a year that is only counted: 1-01 is the first month of the first year."""
    found = _COUNTED.fullmatch(text)
    return date(int(found[1]), int(found[2])) if found else None


def week(text: str) -> datetime | None:
    """The Monday of a week by ISO 8601, or the day named behind it: 2023-W05, 2023-W05-3, KW 5/2023."""
    found = _WEEK.fullmatch(text)
    if found:
        return week_of(int(found[1]), int(found[2]), int(found[3] or 1))
    found = _WEEK_FIRST.fullmatch(text)
    return week_of(int(found[2]), int(found[1])) if found else None


def week_of(year: int, number: int, day: int = 1) -> datetime | None:
    """A day of a week by ISO 8601, Monday first; None where there is none."""
    try:
        return datetime.combine(dt.date.fromisocalendar(year, number, day), dt.time())
    except ValueError:
        return None
