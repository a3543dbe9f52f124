"""Whether the day or the month stands first in dates such as 1/2/2024, by all cells of a column together."""

import re
from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.text import N_

from .series_cells import AT_ONCE
from .series_dates import Reader

Floats = npt.NDArray[np.float64]
_ORIGIN: Final = datetime(1, 1, 1)
_POINTED: Final = re.compile(r"\d{1,2}\.\d{1,2}\.")


def reading_seconds(cells: Sequence[str], reader: Reader) -> Generator[None, None, Floats]:
    """(N,) how long after the beginning of the year 1 each time is; not a number where a cell is none. Yields often."""
    known: dict[str, float] = {}
    found = np.empty(len(cells))
    for place, cell in enumerate(cells):
        if cell not in known:
            when = reader(cell.strip())
            known[cell] = np.nan if when is None else (when - _ORIGIN).total_seconds()
        found[place] = known[cell]
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    return found


def is_day_first(cells: Sequence[str], days: Floats, months: Floats) -> tuple[bool, str]:
    """Whether the day is first in these cells, and a sentence where that was a guess, else "".

    `days` (N,) are the times with the day first, `months` those with the month first. The order that reads more of them
    wins; where both read as many, the one whose times run one way and in more even steps. With points between, the day
    is first unless more cells say otherwise.
    """
    n_days, n_months = (int(np.isfinite(one).sum()) for one in (days, months))
    if n_days != n_months:
        return n_days > n_months, ""
    open_ = next((cell.strip() for cell, day, month in zip(cells, days, months, strict=True) if day != month), "")
    if np.array_equal(days, months, equal_nan=True) or _POINTED.match(open_):
        return True, ""
    if _evenness(months) > _evenness(days):
        return False, N_("Dates such as “{text}” were read with the month first.").format(text=open_[:30])
    return True, N_("Dates such as “{text}” were read with the day first.").format(text=open_[:30])


def runs_one_way(seconds: Floats) -> bool:
    """Whether times (N,) never turn back, up or down, and are not all the same; what is no number is passed over."""
    steps = np.diff(seconds[np.isfinite(seconds)])
    return bool(len(steps) and steps.any() and ((steps >= 0).all() or (steps <= 0).all()))


def _evenness(seconds: Floats) -> tuple[bool, float, float]:
    """The larger, the more likely these times are: they run one way, without holes, in steps of one length."""
    apart = np.unique(seconds[np.isfinite(seconds)])
    if len(apart) < 3:
        return runs_one_way(seconds), 0.0, 0.0
    steps = np.diff(apart)
    filled = len(steps) / float((apart[-1] - apart[0]) / np.median(steps))
    return runs_one_way(seconds), round(min(filled, 1 / filled), 1), -float(steps.std() / steps.mean())
