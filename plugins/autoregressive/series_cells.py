"""Reads what stands in a cell of a table: numbers as people write them, and dates of many kinds."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

_GAP_WORDS: Final = frozenset({"", "-", "–", "na", "n/a", "nan", "null", "none", "?", ".", "#n/a", "missing"})
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}
_YEARS: Final = range(1, 3000)
_EPOCH: Final = datetime(1970, 1, 1)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?.*)?$")
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?.*)?$"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
_QUARTER: Final = re.compile(r"(\d{4})[ -]?Q([1-4])$", re.IGNORECASE)
_WORDED: Final = re.compile(r"(?:(\d{1,2})[. -]+)?([A-Za-zä]{3,9})[., -]+(\d{4})$")
Reader = Callable[[str], datetime | None]


def is_gap(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in _GAP_WORDS


def number(cell: str, has_comma: bool) -> float | None:
    """The number in a cell, or None; `has_comma`: a comma is before the decimals, points stand between thousands."""
    text = cell.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("−", "-").strip("€$£%'")
    text = text.replace(".", "").replace(",", ".") if has_comma else text.replace(",", "")
    if not text or not text.isascii() or "_" in text or text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e15 else None


def has_decimal_commas(cells: Sequence[str]) -> bool:
    """Whether commas are before the decimals in these cells, which is so where any of them can mean nothing else."""
    comma = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+|0,\d+)")
    point = re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{3})+\.\d+|0\.\d+)")
    stripped = [cell.strip().strip("€$£% ") for cell in cells]
    return sum(map(bool, map(comma.fullmatch, stripped))) > sum(map(bool, map(point.fullmatch, stripped)))


def date_reader(cells: Sequence[str]) -> Reader | None:
    """What reads nearly all of these cells as dates, or None where they are none."""
    cells = [cell.strip() for cell in cells if not is_gap(cell)]
    if not cells:
        return None
    for reader in _READERS:
        dates = [reader(cell) for cell in cells]
        if sum(date is not None for date in dates) >= 0.9 * len(cells):
            return reader
    return None


def _date(year: int, month: int, day: int, *time: str | None) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in (*time, None, None, None)[:3])
    try:
        return datetime(year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None


def _year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.match(text) or _COMPACT.match(text)
    return _date(int(found[1]), int(found[2]), int(found[3] or 1), *found.groups()[3:]) if found else None


def _day_first(text: str) -> datetime | None:
    found = _DAY_FIRST.match(text)
    return _date(_full_year(found[4]), int(found[3]), int(found[1]), *found.groups()[4:]) if found else None


def _month_first(text: str) -> datetime | None:
    found = _DAY_FIRST.match(text)
    return _date(_full_year(found[4]), int(found[1]), int(found[3]), *found.groups()[4:]) if found else None


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _quarter(text: str) -> datetime | None:
    found = _QUARTER.match(text)
    return _date(int(found[1]), 3 * int(found[2]) - 2, 1) if found else None


def _worded(text: str) -> datetime | None:
    found = _WORDED.match(text)
    month = _MONTHS.get(found[2][:3].lower()) if found else None
    return _date(int(found[3]), month, int(found[1] or 1)) if found and month else None


def _year(text: str) -> datetime | None:
    text = text.removesuffix(".0")
    return _date(int(text), 1, 1) if len(text) == 4 and text.isdecimal() and int(text) in _YEARS else None


def _seconds(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, of times between 2001 and 2286."""
    text = text.partition(".")[0]
    if not text.isascii() or not text.isdecimal() or len(text) not in (10, 13):
        return None
    return _EPOCH + timedelta(seconds=int(text) / (1000 if len(text) == 13 else 1))


_READERS: Final[tuple[Reader, ...]] = (_year_first, _day_first, _month_first, _quarter, _worded, _seconds, _year)
