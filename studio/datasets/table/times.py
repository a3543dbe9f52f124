"""Finds the columns of a table that say when its rows were, one or several, and reads them once for all its series."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.container.source import printable
from studio.core.translation import N_, plural
from studio.datasets.table.date_columns import (
    LOOKED_AT,
    Floats,
    Kind,
    is_even,
    kinds_of,
    reading_dates,
    reading_seconds,
)
from studio.datasets.table.dates import date, folded, month_named, says_time, seconds_of_day, year, year_first
from studio.datasets.table.numbers import AT_ONCE, is_gap, number, some_known, spread

_YEARS: Final = (1500, 2199)
_MONTHS: Final = (1, 12)
_DAYS: Final = (1, 31)
_LEAST_ROWS: Final = 13
"""Months have come round at least once."""
_NEXT: Final = 0.9
_LENGTH_OF_DAY_S: Final = 86_400.0
_LONGEST_DAYS: Final = 31
_NAMES: Final = {
    "year": "year yr yyyy jahr annee ano an anno",
    "quarter": "quarter qtr q quartal trimestre",
    "month": "month mnth mon mo mm monat mois mes mese",
    "day": "day dd dom tag jour dia giorno",
    "hour": "hour hr hh std stunde heure hora ora",
}
_PARTS: Final = {name: part for part, names in _NAMES.items() for name in names.split()}
_RANGES: Final = {"quarter": (1, 4), "month": (1, 12), "day": (1, 31), "hour": (0, 24)}
_SHARE: Final = 0.9
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400
_MOST_SHOWN: Final = 30


def unnamed_parts(names: Sequence[str], columns: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The places of year and month, or year, month and day, by the first rows; none where columns have names.

    Months follow each other, or all three are the days of a calendar in even steps.
    """
    if any(names) or len(columns) < 3 or len(columns[0]) < _LEAST_ROWS:
        return ()
    years, months, days = (_whole(cells[:LOOKED_AT]) for cells in columns[:3])
    if not (_are_within(years, _YEARS) and _are_within(months, _MONTHS) and (np.diff(years) >= 0).all()):
        return ()
    steps = np.diff(12 * years + months)
    if (steps > 0).all() and (steps == 1).mean() >= _NEXT:
        return (0, 1)
    return (0, 1, 2) if len(columns) > 3 and _are_within(days, _DAYS) and _are_days(years, months, days) else ()


def _whole(cells: Sequence[str]) -> Floats:
    found = [number(cell, False) for cell in cells]
    return np.array([np.nan if one is None or one % 1 else one for one in found])


def _are_within(values: Floats, bounds: tuple[int, int]) -> bool:
    return bool(((values >= bounds[0]) & (values <= bounds[1])).all())


def _are_days(years: Floats, months: Floats, days: Floats) -> bool:
    found = [date(*map(int, parts)) for parts in zip(years, months, days, strict=True)]
    if None in found:
        return False
    seconds = np.array([day.toordinal() * _LENGTH_OF_DAY_S for day in found if day is not None])
    return is_even(seconds) and float(np.median(np.diff(seconds))) <= _LONGEST_DAYS * _LENGTH_OF_DAY_S


@dataclass(frozen=True)
class Joined:
    """Cells such as 2024-03 or 2024-03-01 made of several columns, and which ones."""

    cells: list[str]
    places: tuple[int, ...]


def part_named(name: str) -> str | None:
    """Which part of a date the name of a column says it holds, None where it says none."""
    return _PARTS.get(folded(name.strip()).rstrip("."))


def reading_joined(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Generator[None, None, Joined | None]:
    """One column of dates out of year, month or quarter, and day; None where there are no such columns. Yields often.

    They are found by their names, or where none has a name by the values of the first ones.
    """
    places = dict(zip(("year", "month", "day"), unnamed_parts(names, columns), strict=False)) or _places(names, columns)
    smaller = places.get("month", places.get("quarter"))
    if "year" not in places or smaller is None:
        return None
    used = [places["year"], smaller, *([places["day"]] if "day" in places and "month" in places else [])]
    step, cells = 1 if "month" in places else 3, []
    for row, parts in enumerate(zip(*(columns[place] for place in used), strict=True), 1):
        cells.append(_joined(parts, step))
        if row % AT_ONCE == 0:
            yield
    return Joined(cells, tuple(used))


def _joined(parts: Sequence[str], step: int) -> str:
    month = _month(parts[1], step)
    if month is None or year(parts[0].strip()) is None:
        return ""
    day = number(parts[2], False) if len(parts) > 2 else None
    return f"{parts[0].strip()[:4]}-{month}" + (f"-{day:.0f}" if day is not None else "")


def _month(cell: str, step: int) -> int | None:
    """The first month of a part of a year, as a number or a name; `step`: how many months such a part has."""
    found = number(cell.strip().upper().strip("QT"), False)
    if found is None:
        return month_named(cell.strip().rstrip("."))
    return int(found - 1) * step + 1 if found == int(found) and 1 <= found <= 12 / step else None


def _places(names: Sequence[str], columns: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where the parts of dates stand, by name; a column of names of months needs none, nor does the year beside it."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        part = part_named(name)
        if part and part not in found and _holds(part, columns[place]):
            found[part] = place
    worded = next((place for place, cells in enumerate(columns) if _holds("name of a month", cells)), None)
    if worded is not None and "month" not in found:
        found["month"] = worded
        unnamed = (place for place, name in enumerate(names) if not name and _holds("year", columns[place]))
        found.setdefault("year", next(unnamed, -1))
    return {part: place for part, place in found.items() if place >= 0}


def _holds(part: str, cells: Sequence[str]) -> bool:
    known = some_known(cells, LOOKED_AT)
    n = sum(_is_part(part, cell) for cell in known)
    return bool(known) and n >= _SHARE * len(known)


def _is_part(part: str, cell: str) -> bool:
    if part == "year":
        return year(cell) is not None
    if part == "name of a month":
        return cell.rstrip(".").isalpha() and month_named(cell.rstrip(".")) is not None
    if part in ("month", "quarter"):
        return _month(cell, 1 if part == "month" else 3) is not None
    found, (low, high) = number(cell, False), _RANGES[part]
    return found is not None and found == int(found) and low <= found <= high


def time_of_day(
    names: Sequence[str], columns: Sequence[Sequence[str]], but: Sequence[int]
) -> tuple[Floats, int] | None:
    """How long after midnight each row was, (N,) in seconds, and the column that says so; None where none does."""
    for place, cells in enumerate(columns):
        known = some_known(cells, LOOKED_AT)
        n = sum(seconds_of_day(cell) is not None for cell in known)
        if place not in but and known and n >= _SHARE * len(known):
            return np.array([_or_nan(seconds_of_day(cell.strip())) for cell in cells]), place
    for place, name in enumerate(names):
        if place not in but and part_named(name) == "hour" and _holds("hour", columns[place]):
            return np.array([_or_nan(number(cell, False)) for cell in columns[place]]) * _HOUR_S, place
    return None


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


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
    found = found or (yield from _times_joined(names, columns))
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


def _times_joined(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Generator[None, None, Times | None]:
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
    forms = (
        N_("{n} row was left out, as its time “{text}” could not be understood."),
        N_("{n} rows were left out, as times such as “{text}” could not be understood."),
    )
    return plural(*forms, len(unread)).replace("{text}", printable(unread[0])[:_MOST_SHOWN]) if unread else ""


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
            named = N_("The times in “{name}” could not be understood, so rows are in the order of the file.")
            unnamed = N_("The times could not be understood, so rows are in the order of the file.")
            yield named.format(name=names[place]) if names[place] else unnamed
            return
