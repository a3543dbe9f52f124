"""Lays values of any times onto even steps: what is missing is bridged, what falls together is averaged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import N_, plural

from .series_clock import DAY_S, WEEKDAYS, Clock, StepUnit
from .series_state import MAX_VALUES

Floats = npt.NDArray[np.float64]
MINUTE_S: Final = 60.0
_SHORTEST_S: Final = 0.75
"""Steps are at least so long, or the calendar has no name for them."""
_ALIKE: Final = 0.02
"""Steps of one length differ by so much of it at most."""
_LENGTHS_S: Final[dict[StepUnit, float]] = {"second": 1.0, "minute": MINUTE_S, "day": DAY_S}
_TWO_WEEKENDS_S: Final = 11 * DAY_S
_EVEN: Final = 0.3
"""Steps may be off by so much of their length, or they are called irregular."""
_MOST_MISSING: Final = 0.6
_ORIGIN: Final = datetime(1, 1, 1)


@dataclass(frozen=True, eq=False)
class Even:
    """Values at even steps, and sentences on what was done for that."""

    values: Floats
    clock: Clock
    notes: tuple[str, ...]


def by_number(values: Floats) -> Even:
    """Values without times: one after the other; NaN where one is missing."""
    return _bridged(values, Clock(), [])


def by_time(times: Sequence[datetime], values: Floats) -> Even:
    """Values (N,), NaN where one is missing, of times in any order."""
    return by_seconds(np.array([(time - _ORIGIN).total_seconds() for time in times]), values)


def by_seconds(seconds: Floats, values: Floats) -> Even:
    """Values (N,), NaN where one is missing, of times (N,) in seconds since the year 1, in any order.

    Raises:
        UserError: there are fewer than three times or values, or most steps have none.
    """
    order = np.argsort(seconds, kind="stable")
    seconds, values = seconds[order], values[order]
    notes = []
    apart, where = np.unique(seconds, return_inverse=True)
    if len(apart) < len(seconds):
        n, one = len(seconds) - len(apart), N_("{n} value of the same time as another was averaged with it.")
        notes.append(plural(one, N_("{n} values of the same time were averaged."), n))
        values = _averaged(where, values, len(apart))
    if len(apart) < 3:
        raise UserError(N_("This table holds fewer than three times."), N_("A forecast needs more values."))
    if float(np.median(np.diff(apart))) < _SHORTEST_S:
        return _bridged(values, Clock(), [*notes, N_("Steps are shorter than a second: values are only numbered.")])
    count, unit = step_of(apart)
    if unit == "weekday":
        notes.append(N_("No time falls on a weekend: the steps are weekdays."))
    start = _ORIGIN + timedelta(milliseconds=round(1000 * float(apart[0])))  # a float holds no more of so many seconds
    places = places_of(apart, start, count, unit)
    off = np.abs(places - np.rint(places))
    if float((off > _EVEN).mean()) > 0.1:
        notes.append(N_("The steps are irregular: values were moved to even ones."))
    return _laid_out(np.rint(places).astype(np.int64), values, Clock(start.isoformat(), count, unit), notes)


def _laid_out(places: npt.NDArray[np.int64], values: Floats, clock: Clock, notes: list[str]) -> Even:
    first = max(int(places[-1]) - MAX_VALUES + 1, 0)
    if first:
        notes.append(N_("Only the newest {n:,} steps are used.").format(n=MAX_VALUES))
    kept = places >= first
    apart, where = np.unique(places[kept] - first, return_inverse=True)
    grid = np.full(int(apart[-1]) + 1, np.nan)
    grid[apart] = _averaged(where, values[kept], len(apart))
    return _bridged(grid, later(clock, first), notes)


def later(clock: Clock, n_steps: int) -> Clock:
    """The clock of the values from some step on."""
    when = clock.at(n_steps)
    return clock if when is None else Clock(when.isoformat(), clock.count, clock.unit)


def step_of(seconds: Floats) -> tuple[int, StepUnit]:
    """How far times (N,), in order and all different, are apart."""
    step = float(np.median(np.diff(seconds)))
    days = step / DAY_S
    if 359 <= days <= 372 or days > 372:
        return max(round(days / 365.25), 1), "year"
    if 27 <= days <= 358:
        return max(round(days / 30.44), 1), "month"
    if days >= 0.99:
        count = max(round(days), 1)
        return count, "weekday" if count == 1 and _spares_weekends(seconds) else "day"
    return _part_of_day(seconds, step)


def _spares_weekends(seconds: Floats) -> bool:
    """Whether times (N,) of days pass over each weekend, of at least two."""
    return float(seconds[-1] - seconds[0]) > _TWO_WEEKENDS_S and bool((_weekdays(seconds) < WEEKDAYS).all())


def _weekdays(seconds: Floats) -> Floats:
    """0 for a Monday, as the first day of the year 1 was one, to below 7, with the part of the day that has gone."""
    return np.asarray(seconds / DAY_S % 7)


def _part_of_day(seconds: Floats, step: float) -> tuple[int, StepUnit]:
    """Whole minutes, or seconds where most steps are as long as one that is no whole minute."""
    minutes, steps = step / MINUTE_S, np.diff(seconds)
    is_even = float((np.abs(steps - step) <= _ALIKE * step).mean()) > 0.5
    if minutes < 0.75 or (is_even and abs(minutes - round(minutes)) > _ALIKE * minutes):
        return round(step), "second"
    return round(minutes), "minute"


def places_of(seconds: Floats, start: datetime, count: int, unit: StepUnit) -> Floats:
    """Where times lie, in steps from the first one."""
    if unit == "weekday":
        weekdays = _weekdays(seconds)
        places = (seconds / DAY_S - weekdays) / 7 * WEEKDAYS + weekdays
        return np.asarray((places - places[0]) / count)
    if unit in _LENGTHS_S:
        return np.asarray((seconds - seconds[0]) / (count * _LENGTHS_S[unit]))
    months = []
    for second in seconds:
        time = _ORIGIN + timedelta(seconds=float(second))
        months.append((time.year - start.year) * 12 + time.month - start.month + (time.day - start.day) / 31)
    return np.asarray(np.array(months) / (count * (12 if unit == "year" else 1)))


def _averaged(where: npt.NDArray[np.int64], values: Floats, n: int) -> Floats:
    known = np.isfinite(values)
    sums = np.bincount(where[known], values[known], n)
    counts = np.bincount(where[known], minlength=n)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _bridged(values: Floats, clock: Clock, notes: list[str]) -> Even:
    """A straight line over each gap (NaN); those at the ends are left out."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 3:
        raise UserError(N_("This column holds fewer than three numbers."), N_("A forecast needs more values."))
    first, end = max(int(known[0]), int(known[-1]) + 1 - MAX_VALUES), int(known[-1]) + 1
    inside = known[known >= first]
    n_missing = end - first - len(inside)
    if n_missing > _MOST_MISSING * (end - first):
        raise UserError(
            N_("Most steps of this series have no value."), N_("Give it in even steps, such as one row for each day.")
        )
    if first > known[0]:
        notes.append(N_("Only the newest {n:,} steps are used.").format(n=MAX_VALUES))
    filled = np.interp(np.arange(first, end), inside, values[inside])
    n_cut = int(known[0]) + len(values) - end
    return Even(filled, later(clock, first), (*notes, *_gaps_told(n_missing, n_cut)))


def _gaps_told(n_bridged: int, n_cut: int) -> Iterator[str]:
    """What was done with gaps within a series, and with those at its ends."""
    if n_bridged:
        one = N_("{n} missing value was bridged by a straight line.")
        yield plural(one, N_("{n} missing values were bridged by straight lines."), n_bridged)
    if n_cut:
        one = N_("{n} step without a value, at an end, was left out.")
        yield plural(one, N_("{n} steps without a value, at the ends, were left out."), n_cut)
