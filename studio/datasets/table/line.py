"""A series: its values in the order of time, when they were measured, and what else is known of it."""

import calendar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_, grouped, translate

StepUnit = Literal["second", "minute", "day", "weekday", "month", "year", "number"]
UNITS: Final = ("second", "minute", "day", "weekday", "month", "year", "number")
DAY_S: Final = 86_400.0
MAX_HORIZON: Final = 192
"""So many values ahead a series is forecast."""
WEEKDAYS: Final = 5
"""Monday to Friday, on which markets and offices are open."""
_MONTHS: Final = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
_DAY: Final = N_("{day} {month} {year}")
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
Floats = npt.NDArray[np.float64]
MAX_VALUES: Final = 20_000
MIN_VALUES: Final = 2
MAX_PERIOD: Final = 1000
MAX_TEXT: Final = 400
LARGEST: Final = 1e15
"""Values are smaller than this."""


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
            raise UserError(N_("This is not a date: “{text}”.").format(text=str(self.start)[:30])) from error
        if self.unit not in UNITS or type(self.count) is not int or not 1 <= self.count <= 1_000_000:
            raise UserError(N_("The steps of this series are impossible."))

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
            return grouped(place + 1)
        if self.unit == "year":
            return str(when.year)
        if self.unit == "month":
            words = "{month} {year}" if when.year > _MOST_COUNTED_YEARS else N_("{month}, year {year}")
            return translate(words).format(month=translate(_MONTHS[when.month - 1]), year=when.year)
        day = translate(_DAY).format(day=when.day, month=translate(_MONTHS[when.month - 1]), year=when.year)
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

    def steps(self, n: int) -> str:
        """What so many steps are called, untranslated: “half-hours”, “year”, “values”."""
        one, many = _WORDS.get((self.unit, self.count), (N_("value"), N_("values")))
        return one if n == 1 else many

    def words(self, n: int) -> str:
        """So many steps: “48 half-hours”, “1 year”, “5 values”."""
        return f"{grouped(n)} {translate(self.steps(n))}"


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


@dataclass(frozen=True)
class SeriesInfo:
    """What is known of a series beside its values.

    Attributes:
        name: of one that came along; "" for a person's own. title, unit: in words.
        period, long_period: after how many values it comes round; the second is 0 where there is none.
        horizon: how many values are usually forecast.
        note: what was done to the table that it is from, a sentence or none.
    """

    name: str
    title: str
    unit: str = ""
    period: int = 1
    long_period: int = 0
    horizon: int = 24
    clock: Clock = field(default_factory=Clock)
    note: str = ""

    def __post_init__(self) -> None:
        texts = (self.name, self.title, self.unit, self.note)
        whole = (self.period, self.long_period, self.horizon)
        has_texts = all(isinstance(one, str) and len(one) <= MAX_TEXT for one in texts)
        is_sound = has_texts and all(type(one) is int for one in whole)
        if not is_sound or not 1 <= self.period <= MAX_PERIOD or not 0 <= self.long_period <= 10 * MAX_PERIOD:
            raise _unfit()
        if not 1 <= self.horizon <= MAX_HORIZON:
            raise _unfit()


@dataclass(frozen=True, eq=False)
class SeriesLine:
    """A series: its values (N,), in the order of time, and what is known of it."""

    values: Floats
    about: SeriesInfo


def checked_values(values: Floats) -> Floats:
    """The same; raises UserError where a series cannot be forecast from them."""
    if values.ndim != 1 or not MIN_VALUES <= len(values) <= MAX_VALUES:
        raise UserError(N_("A series needs at least two values, and at most {n:,}.").format(n=MAX_VALUES))
    if not np.isfinite(values).all() or np.abs(values).max() >= LARGEST:
        raise UserError(N_("This series contains values that are not numbers, or are far too large."))
    return values


def _unfit() -> UserError:
    return UserError(N_("This series cannot be continued: it was made by another model, or is damaged."))
