"""Reads dates that are figures between marks: 2024-03-01, 1.3.24, 3/1/2024, 03/2024, with a time behind them or not.

Whether 1/2/2024 is in January or in February no cell says alone; `series_date_order` looks at a whole column for that.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

Reader = Callable[[str], datetime | None]
"""From the text of a cell, without spaces around it, to its time; None where it is none."""
_ZONE: Final = r"(?:Z|(?:UTC|GMT)?\s?[+-]\d{2}(?::?\d{2})?|[A-Z]{2,5}|\[?[A-Z]+/[A-Z_/]+\]?)"
_TIME: Final = re.compile(
    r"(\d{1,2})(?:[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:([ap])\.?\s?m\.?)?\s*" + _ZONE + "?", re.IGNORECASE
)
_DAY_AND_TIME: Final = re.compile(rf"(.+?)(?:(?<=\d)T(?=\d)|[\s,_]+)({_TIME.pattern})", re.IGNORECASE)
_MERIDIEM: Final = re.compile(r"\d\s*[ap]\.?\s?m\.?", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|[-/](\d{1,2}))")
_YEAR_FIRST_CJK: Final = re.compile(r"(\d{4})[年년]\s?(\d{1,2})[月월](?:\s?(\d{1,2})[日일])?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2\s?(\d{4}|\d{2})")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[/-](\d{4})")


def seconds_of_day(text: str) -> float | None:
    """How long after midnight a time of day is, from 0 to 86,400; None where the text is none.

    Behind it only a part of a second, AM or PM, and a zone may stand; the zone is not counted in.
    """
    found = _TIME.fullmatch(text)
    if found is None or not (found[2] or found[5]):
        return None
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if found[5] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[5] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return None
    return hour * 3600.0 + minute * 60 + second + float(f"0.{found[4] or 0}")


def timed(day: Reader) -> Reader:
    """A reader of days that also takes a time of day behind them."""

    def read(text: str) -> datetime | None:
        if ":" not in text and not _MERIDIEM.search(text):
            return day(text)
        found = _DAY_AND_TIME.fullmatch(text)
        seconds = seconds_of_day(found[2]) if found else None
        when = day(found[1]) if found and seconds is not None else None
        return later(when, seconds or 0.0) if when else None

    return read


def later(when: datetime, seconds: float) -> datetime | None:
    """A time so many seconds later; None where that is beyond the calendar."""
    try:
        return when + timedelta(seconds=seconds)
    except OverflowError:
        return None


def date(year: int, month: int = 1, day: int = 1) -> datetime | None:
    """A day of the calendar, or None where there is no such day."""
    try:
        return datetime(year, month, day)
    except ValueError:
        return None


def full_year(text: str) -> int:
    """The year that two or four figures mean: 70 to 99 are in the century before."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return date(int(found[1]), int(found[3] or found[5]), int(found[4] or 1))
    found = _YEAR_FIRST_CJK.fullmatch(text)
    return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None


def _day_first(text: str) -> datetime | None:
    found = _YEAR_LAST.fullmatch(text)
    return date(full_year(found[4]), int(found[3]), int(found[1])) if found else None


def _month_first(text: str) -> datetime | None:
    found = _YEAR_LAST.fullmatch(text)
    return date(full_year(found[4]), int(found[1]), int(found[3])) if found else None


def month_and_year(text: str) -> datetime | None:
    """The first day of a month as in 03/2024."""
    found = _MONTH_YEAR.fullmatch(text)
    return date(int(found[2]), int(found[1])) if found else None


year_first: Final = timed(_year_first)
day_first: Final = timed(_day_first)
month_first: Final = timed(_month_first)
