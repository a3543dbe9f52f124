"""Finds the columns of a table that say when its rows were, and reads them once for all its series."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.container.source import printable
from studio.core.text import N_, plural

from .series_cells import is_gap, number, some_known, spread
from .series_date_kinds import LOOKED_AT, Kind, kinds_of, reading_dates
from .series_date_names import says_time
from .series_date_order import Floats, reading_seconds
from .series_dates import year_first
from .series_time_parts import reading_joined, time_of_day

_DAY_S: Final = 86_400
_MOST_SHOWN: Final = 30


@dataclass(frozen=True, eq=False)
class Times:
    """When each row of a table was.

    Attributes:
        seconds: (N,) since the beginning of the year 1, not a number where that was not understood; None where rows
            are only numbered.
        places: the columns that said so. notes: sentences on how they were read.
    """

    seconds: Floats | None
    places: tuple[int, ...]
    notes: tuple[str, ...]


def finding_times(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Generator[None, None, Times]:
    """When the rows of a table were, by its columns of cells; yields often."""
    found = yield from _in_one_column(names, columns, 0)
    found = found or (yield from _in_one_column(names, columns, 1))
    found = found or (yield from _joined(names, columns))
    found = found or (yield from _in_one_column(names, columns, 2))
    if found is None:
        return Times(None, (), tuple(_not_understood(names, columns)))
    return _with_time_of_day(names, columns, found)


def is_going_back(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Generator[None, None, bool]:
    """Whether rows go back in time, by the first and the last of them."""
    times = yield from finding_times(names, columns)
    return times.seconds is not None and bool(times.seconds[0] > times.seconds[-1])


def _in_one_column(
    names: Sequence[str], columns: Sequence[Sequence[str]], rank: int
) -> Generator[None, None, Times | None]:
    """Dates of a rank; those that look like any number only where numbers are left beside them."""
    found = []
    for place, cells in enumerate(columns):
        found += [(place, kind) for kind in kinds_of(cells) if kind.rank == rank]
        yield
    found = [one for one in found if not one[1].is_number or _has_numbers(columns, one[0])]
    found.sort(key=lambda one: (not says_time(names[one[0]]), one[0]))
    return (yield from _first_that_holds(names, columns, found))


def _has_numbers(columns: Sequence[Sequence[str]], but: int) -> bool:
    return any(_is_number(cells) for place, cells in enumerate(columns) if place != but)


def _first_that_holds(
    names: Sequence[str], columns: Sequence[Sequence[str]], candidates: Sequence[tuple[int, Kind]]
) -> Generator[None, None, Times | None]:
    for place, kind in candidates:
        seconds, guess = yield from reading_dates(columns[place], kind)
        yield
        known = seconds[np.isfinite(seconds)]
        tells_apart = len(np.unique(known)) > 1 or len(known) == 1
        if kind.holds(names[place], seconds) and (tells_apart or time_of_day(names, columns, (place,)) is not None):
            notes = (guess, _unread(columns[place], seconds))
            return Times(seconds, (place,), tuple(note for note in notes if note))
    return None


def _joined(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Generator[None, None, Times | None]:
    joined = yield from reading_joined(names, columns)
    yield
    if joined is None:
        return None
    seconds = yield from reading_seconds(joined.cells, year_first)
    note = _unread(columns[joined.places[0]], seconds)
    return Times(seconds, joined.places, (note,) if note else ())


def _with_time_of_day(names: Sequence[str], columns: Sequence[Sequence[str]], times: Times) -> Times:
    """The same with the time of day in another column, where there is one and days repeat themselves."""
    assert times.seconds is not None
    known = times.seconds[np.isfinite(times.seconds)]
    if len(np.unique(known)) == len(known) or (known % _DAY_S).any():
        return times
    found = time_of_day(names, columns, times.places)
    if found is None:
        return times
    of_day, place = found
    return Times(times.seconds + of_day, (*times.places, place), times.notes)


def _unread(cells: Sequence[str], seconds: Floats) -> str:
    """How many rows have a time that was not understood; "" where there are none."""
    unread = [cells[row].strip() for row in np.flatnonzero(np.isnan(seconds)).tolist() if not is_gap(cells[row])]
    one = N_("{n} row was left out, as its time “{text}” was not understood.")
    more = N_("{n} rows were left out, as times such as “{text}” were not understood.")
    return plural(one, more, len(unread)).replace("{text}", printable(unread[0])[:_MOST_SHOWN]) if unread else ""


def _is_number(cells: Sequence[str]) -> bool:
    known = some_known(cells, LOOKED_AT)
    n = sum(number(cell, False) is not None or number(cell, True) is not None for cell in known)
    return n >= 2 and 2 * n >= len(known)


def _not_understood(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """What is said where a column looks as if it said when rows were: its cells have figures, and all differ."""
    for place in sorted(range(len(columns)), key=lambda place: not says_time(names[place])):
        known = [cell for cell in columns[place] if not is_gap(cell)]
        has_figures = all(any(char.isdecimal() for char in cell) for cell in spread(known, LOOKED_AT))
        if len(known) > 2 and has_figures and len(set(known)) == len(known) and not _is_number(known):
            named = N_("The times in “{name}” were not understood; rows were taken in the order of the file.")
            unnamed = N_("The times were not understood; rows were taken in the order of the file.")
            yield named.format(name=names[place]) if names[place] else unnamed
            return
