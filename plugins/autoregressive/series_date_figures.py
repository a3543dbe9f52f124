"""Reads dates that look like any number: 1998, 202401, 20240301, 2024030112, and seconds since 1970."""

import re
from datetime import datetime, timedelta
from typing import Final

from .series_date_words import week_of
from .series_dates import date, later

_EPOCH: Final = datetime(1970, 1, 1)
_YEARS: Final = range(1, 3000)
_LIKELY_YEARS: Final = range(1500, 2200)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?Z?)?")
_YEAR_AND_TWO: Final = re.compile(r"(\d{4})\.?(\d{2})|(\d{1,2})\.(\d{4})")
_SINCE: Final = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{13})|(\d{16})|(\d{19})")


def year(text: str) -> datetime | None:
    """The first day of a year between 1 and 2999."""
    text = text.removesuffix(".0")
    return date(int(text)) if len(text) == 4 and text.isdecimal() and int(text) in _YEARS else None


def year_and_month(text: str) -> datetime | None:
    """The first day of a month: 202401, 2024.01, 01.2024."""
    found = _YEAR_AND_TWO.fullmatch(text.removesuffix(".0"))
    if found is None:
        return None
    when = date(int(found[1] or found[4]), int(found[2] or found[3]))
    return when if when and when.year in _LIKELY_YEARS else None


def year_and_week(text: str) -> datetime | None:
    """The Monday of a week: 202405."""
    text = text.removesuffix(".0")
    is_such = len(text) == 6 and text.isdecimal() and int(text[:4]) in _LIKELY_YEARS
    return week_of(int(text[:4]), int(text[4:])) if is_such else None


def compact(text: str) -> datetime | None:
    """A day, or an hour, minute or second of one, without marks between: 20240301, 2024030112, 20240301T1230."""
    found = _COMPACT.fullmatch(text.removesuffix(".0"))
    if found is None or int(found[1]) not in _LIKELY_YEARS:
        return None
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    when = date(*(int(part) for part in found.group(1, 2, 3)))
    return later(when, 3600 * hour + 60 * minute + second) if when and hour <= 24 and minute < 60 else None


def since_1970(text: str) -> datetime | None:
    """Seconds, or thousandths, millionths or billionths of them, since 1970, by how many figures there are."""
    found = _SINCE.fullmatch(text)
    if found is None:
        return None
    place = found.lastindex or 1
    whole = float(text) if place == 1 else int(found[place]) / 1000 ** (place - 1)
    return _EPOCH + timedelta(seconds=whole) if 1e8 <= whole < 1e10 else None
