"""Lays values of any times onto even steps, and finds after how many of them they come round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_, plural
from studio.datasets.table.line import DAY_S, MAX_VALUES, WEEKDAYS, Clock, StepUnit

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
_LEAST_ALIKE: Final = 0.25
"""Correlation with the season before, from which on a series is said to come round."""
_MOST_LOOKED_AT: Final = 4000
MAX_FOUND: Final = 400
WEEKDAYS_OF_YEAR: Final = 261
USUAL_HORIZON, MOST_USUAL = 24, 48


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
        same = (
            N_("{n} value had the same time as another and was averaged with it."),
            N_("{n} values had the same time as others and were averaged."),
        )
        notes.append(plural(*same, len(seconds) - len(apart)))
        values = _averaged(where, values, len(apart))
    if len(apart) < 3:
        raise UserError(N_("This table has fewer than three different times."), N_("A forecast needs more values."))
    if float(np.median(np.diff(apart))) < _SHORTEST_S:
        return _bridged(
            values, Clock(), [*notes, N_("The steps are shorter than a second, so values are only numbered.")]
        )
    count, unit = step_of(apart)
    if unit == "weekday":
        notes.append(N_("No time falls on a weekend, so the steps are weekdays."))
    start = _ORIGIN + timedelta(milliseconds=round(1000 * float(apart[0])))  # a float holds no more of so many seconds
    places = places_of(apart, start, count, unit)
    off = np.abs(places - np.rint(places))
    if float((off > _EVEN).mean()) > 0.1:
        notes.append(N_("The steps are uneven, so values were moved to even ones."))
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
        raise UserError(N_("This column has fewer than three numbers."), N_("A forecast needs more values."))
    first, end = max(int(known[0]), int(known[-1]) + 1 - MAX_VALUES), int(known[-1]) + 1
    inside = known[known >= first]
    n_missing = end - first - len(inside)
    if n_missing > _MOST_MISSING * (end - first):
        raise UserError(
            N_("Most steps of this series have no value."), N_("Use even steps, such as one row for each day.")
        )
    if first > known[0]:
        notes.append(N_("Only the newest {n:,} steps are used.").format(n=MAX_VALUES))
    filled = np.interp(np.arange(first, end), inside, values[inside])
    n_cut = int(known[0]) + len(values) - end
    return Even(filled, later(clock, first), (*notes, *_gaps_told(n_missing, n_cut)))


def _gaps_told(n_bridged: int, n_cut: int) -> Iterator[str]:
    """What was done with gaps within a series, and with those at its ends."""
    if n_bridged:
        filled = (
            N_("{n} missing value was filled in by a straight line."),
            N_("{n} missing values were filled in by straight lines."),
        )
        yield plural(*filled, n_bridged)
    if n_cut:
        cut = (
            N_("{n} step without a value, at one end, was left out."),
            N_("{n} steps without a value, at the ends, were left out."),
        )
        yield plural(*cut, n_cut)


def seasons(values: Floats, clock: Clock) -> tuple[int, int]:
    """The period and the long period of values (N,); 1 and 0 where there are none."""
    wanted = [one for one in calendar_periods(clock) if 2 * one <= len(values) and one <= MAX_FOUND]
    alike = correlations(values)
    seen = [one for one in wanted if one < len(alike) and alike[one] > _LEAST_ALIKE]
    if seen:
        period = seen[0]
    elif wanted and wanted[0] >= len(alike):
        period = wanted[0]
    else:
        period = peak(alike)
    step = clock.step_seconds()
    is_week = step is not None and period * step == DAY_S and 21 * period <= len(values)
    return period, 7 * period if is_week else 0


def calendar_periods(clock: Clock) -> list[int]:
    """What may come round by the calendar: days, weeks, years."""
    step = clock.step_seconds()
    if step is not None:
        day = DAY_S / step
        return [round(day)] if day >= 2 and day == round(day) else []
    if clock.unit == "day":
        return {1: [7, 365], 7: [52]}.get(clock.count, [])
    if clock.unit == "weekday":
        return [WEEKDAYS, WEEKDAYS_OF_YEAR]
    if clock.unit == "month":
        return [12 // clock.count] if 12 % clock.count == 0 and clock.count < 12 else []
    return []


def correlations(values: Floats) -> Floats:
    """How alike values are to those k before, k from 0 on, without their trend."""
    values = values[-_MOST_LOOKED_AT:]
    n, places = len(values), np.arange(len(values))
    slope = np.polyfit(places, values, 1) if n > 2 else np.zeros(2)
    left = values - np.polyval(slope, places)
    whole = float((left**2).sum())
    if whole <= 1e-12 * max(float((values**2).sum()), 1e-300):
        return np.zeros(min(n // 3, MAX_FOUND) + 1)
    spectrum = np.fft.rfft(left, 2 * n)
    return np.asarray(np.fft.irfft(np.abs(spectrum) ** 2)[: min(n // 3, MAX_FOUND) + 1] / whole)


def peak(alike: Floats) -> int:
    """The first high point of correlations behind their first low one; 1 where there is none."""
    falling = np.flatnonzero(alike < 0)
    if not len(falling):
        return 1
    behind = alike[falling[0] :]
    best = int(behind.argmax())
    return int(falling[0]) + best if behind[best] > _LEAST_ALIKE else 1


def usual_horizon(n_values: int, period: int) -> int:
    """How far a series is forecast if nobody says otherwise: about a season, at most a quarter of what is known."""
    wanted = 2 * period if period < USUAL_HORIZON / 2 else period
    wanted = USUAL_HORIZON if period == 1 else wanted
    return max(1, min(wanted, MOST_USUAL, n_values // 4))
