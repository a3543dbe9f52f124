"""Reads one date: figures between marks, figures alone, or with words of English and four other languages."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
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
_EPOCH: Final = datetime(1970, 1, 1)
_YEARS: Final = range(1, 3000)
_LIKELY_YEARS: Final = range(1500, 2200)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?Z?)?")
_YEAR_AND_TWO: Final = re.compile(r"(\d{4})\.?(\d{2})|(\d{1,2})\.(\d{4})")
_SINCE: Final = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{13})|(\d{16})|(\d{19})")


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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MONTHS: Final = (
    _words("january januar janvier enero gennaio"),
    _words("february februar fevrier febrero febbraio"),
    _words("march marz maerz mrz mars marzo"),
    _words("april avril abril aprile"),
    _words("may mai mayo maggio"),
    _words("june juni juin junio giugno"),
    _words("july juli juillet julio luglio"),
    _words("august aout agosto"),
    _words("september septembre septiembre setiembre settembre"),
    _words("october oktober octobre octubre ottobre"),
    _words("november novembre noviembre"),
    _words("december dezember decembre diciembre dicembre"),
)
_WEEKDAYS: Final = _words(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes "
    "sabado domingo lunedi martedi mercoledi giovedi venerdi sabato domenica"
)
_FILLING: Final = _words("of the st nd rd th den der le er de del")
_NAME_PIECES: Final = re.compile(r"[^\W\d_]+")
_TIME_NAMES: Final = _words(
    "year years yr date dates time times day days month months week weeks quarter period when timestamp datetime epoch "
    "unix ts t jahr jahre datum zeit tag monat woche kw quartal annee annees an jour mois semaine heure fecha ano anno "
    "dia mes semana periodo data giorno mese"
)
_TIME_ENDINGS: Final = ("datum", "zeit", "jahr", "monat", "date", "stamp", "woche")
_WEEK_NAMES: Final = _words("week weeks woche kw kalenderwoche semaine semana settimana yearweek")


def folded(word: str) -> str:
    """A word in small letters, without accents."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


@lru_cache(4096)
def month_named(word: str) -> int | None:
    """The month of a word, from 1, whole or cut after three letters or more; None where it is none, or could be two."""
    plain = folded(word)
    found = [n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(plain) for name in names)]
    return found[0] if len(found) == 1 and len(plain) >= 3 else None


@lru_cache(4096)
def may_be_passed_over(word: str) -> bool:
    """Whether a word beside a month only fills: a weekday, or one such as “of”."""
    plain = folded(word)
    return plain in _FILLING or (len(plain) >= 2 and any(day.startswith(plain) for day in _WEEKDAYS))


def says_time(name: str) -> bool:
    """Whether the name of a column says that times stand in it."""
    return any(piece in _TIME_NAMES or piece.endswith(_TIME_ENDINGS) for piece in _pieces(name))


def says_week(name: str) -> bool:
    """Whether the name of a column says that weeks stand in it."""
    return any(piece in _WEEK_NAMES for piece in _pieces(name))


def _pieces(name: str) -> list[str]:
    return [folded(piece) for piece in _NAME_PIECES.findall(name)]


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
