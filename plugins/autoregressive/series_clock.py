"""When the values of a series were measured: calendar steps of seconds to years, or plain numbers."""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from studio.core.error import UserError
from studio.core.text import N_

StepUnit = Literal["second", "minute", "day", "weekday", "month", "year", "number"]
UNITS: Final = ("second", "minute", "day", "weekday", "month", "year", "number")
DAY_S: Final = 86_400.0
MAX_HORIZON: Final = 192
"""So many values ahead a series is forecast."""
WEEKDAYS: Final = 5
"""Monday to Friday, on which markets and offices are open."""
_MONTHS: Final = tuple(calendar.month_abbr)
_MOST_YEARS: Final = 9999
_MOST_COUNTED_YEARS: Final = 99
"""Years up to here are counted from the beginning of the series, not of the calendar."""
_WORDS: Final = {
    ("second", 1): (N_("second"), N_("seconds")),
    ("minute", 1): (N_("minute"), N_("minutes")),
    ("minute", 30): (N_("half-hour"), N_("half-hours")),
    ("minute", 60): (N_("hour"), N_("hours")),
    ("day", 1): (N_("day"), N_("days")),
    ("weekday", 1): (N_("weekday"), N_("weekdays")),
    ("day", 7): (N_("week"), N_("weeks")),
    ("month", 1): (N_("month"), N_("months")),
    ("month", 3): (N_("quarter"), N_("quarters")),
    ("year", 1): (N_("year"), N_("years")),
}


@dataclass(frozen=True)
class Clock:
    """The time of the first value, in ISO 8601, and how far values are apart: `count` of a unit."""

    start: str = "0001-01-01"
    count: int = 1
    unit: StepUnit = "number"

    def __post_init__(self) -> None:
        try:
            datetime.fromisoformat(self.start)
        except (ValueError, TypeError) as error:
            raise UserError(N_("This is no date: “{text}”.").format(text=str(self.start)[:30])) from error
        if self.unit not in UNITS or type(self.count) is not int or not 1 <= self.count <= 1_000_000:
            raise UserError(N_("The steps of this series are not possible."))

    def at(self, place: int) -> datetime | None:
        """The time of a value by its place; None where values are only numbered, or beyond the calendar."""
        start = datetime.fromisoformat(self.start)
        try:
            if self.unit == "second":
                return start + timedelta(seconds=self.count * place)
            if self.unit == "minute":
                return start + timedelta(minutes=self.count * place)
            if self.unit == "day":
                return start + timedelta(days=self.count * place)
            if self.unit == "weekday":
                return _weekdays_later(start, self.count * place)
            if self.unit == "number":
                return None
            return _months_later(start, self.count * place * (12 if self.unit == "year" else 1))
        except (OverflowError, ValueError):
            return None

    def text(self, place: int) -> str:
        """The time of a value as people write it, as exact as the steps are."""
        when = self.at(place)
        if when is None:
            return f"{place + 1:,}"
        if self.unit == "year":
            return str(when.year)
        if self.unit == "month":
            words = "{month} {year}" if when.year > _MOST_COUNTED_YEARS else N_("{month}, year {year}")
            return words.format(month=_MONTHS[when.month], year=when.year)
        day = f"{when.day} {_MONTHS[when.month]} {when.year}"
        time = {"second": f" {when:%H:%M:%S}", "minute": f" {when:%H:%M}"}.get(self.unit, "")
        return f"{day}{time}"

    def step_seconds(self) -> float | None:
        """How long a step is, if it is a part of a day; None elsewhere."""
        return {"second": 1.0, "minute": 60.0}[self.unit] * self.count if self.unit in ("second", "minute") else None

    def iso(self, place: int) -> str:
        """The time of a value for a table."""
        when = self.at(place)
        if when is None:
            return str(place + 1)
        if self.unit in ("second", "minute"):
            return when.isoformat(" ", "seconds" if self.unit == "second" else "minutes")
        return when.date().isoformat()

    def words(self, n: int) -> str:
        """So many steps: “48 half-hours”, “1 year”, “5 values”."""
        one, many = _WORDS.get((self.unit, self.count), (N_("value"), N_("values")))
        return f"{n:,} {one if n == 1 else many}"


def _months_later(start: datetime, n: int) -> datetime:
    months = start.year * 12 + start.month - 1 + n
    year, month = divmod(months, 12)
    if not 1 <= year <= _MOST_YEARS:
        raise ValueError("beyond the calendar")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _weekdays_later(start: datetime, n: int) -> datetime:
    """So many weekdays on; a start on a weekend counts as its Friday."""
    weeks, weekday = divmod(min(start.weekday(), WEEKDAYS - 1) + n, WEEKDAYS)
    return start + timedelta(days=7 * weeks + weekday - start.weekday())
