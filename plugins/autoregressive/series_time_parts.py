"""Times that stand in two columns or more: date and time of day, year and month, year, month and day."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .series_cells import AT_ONCE, number, some_known
from .series_date_figures import year
from .series_date_kinds import LOOKED_AT
from .series_date_names import folded, month_named
from .series_date_order import Floats
from .series_dates import seconds_of_day
from .series_time_unnamed import unnamed_parts

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
