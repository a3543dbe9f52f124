"""After how many values a series comes round: by the calendar where that shows in the values, else by them alone."""

from typing import Final

import numpy as np
import numpy.typing as npt

from .series_clock import DAY_S, WEEKDAYS, Clock

Floats = npt.NDArray[np.float64]
_LEAST_ALIKE: Final = 0.25
"""Correlation with the season before, from which on a series is said to come round."""
_MOST_LOOKED_AT: Final = 4000
MAX_FOUND: Final = 400
WEEKDAYS_OF_YEAR: Final = 261
USUAL_HORIZON, MOST_USUAL = 24, 48


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
