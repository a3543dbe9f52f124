"""How series lie in a table: told apart by words in columns, a row for each year, several rhythms in one."""

import itertools
import re
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_
from studio.datasets.table.date_columns import LOOKED_AT
from studio.datasets.table.dates import month_and_year, month_named, numbered_month, quarter, worded, year, year_first
from studio.datasets.table.head import named
from studio.datasets.table.numbers import AT_ONCE, Numbers, some_known
from studio.datasets.table.rows import Table
from studio.datasets.table.times import Times

Places = npt.NDArray[np.int64]
_MOST_COLUMNS: Final = 8
_LEAST_ROWS: Final = 3
_ALL: Final = 0.99
"""Keys are found where this share of rows, or more, shares its time with no other row of its series."""
_REPEATED: Final = 0.9
"""Where there are as many times as this share of rows, a table is one series."""
_BETTER: Final = 0.1
_BALANCED: Final = 1.5
"""So many times as many rows there would be at most if each time had all numbers of a key."""
_MOST_SHOWN: Final = 40
_LEAST_YEARS: Final = 2
_N_MONTHS: Final = 12
_LIKELY_YEARS: Final = range(1500, 2200)
_FIGURES: Final = re.compile(r"\d+")
_RHYTHMS: Final = (N_("year"), N_("quarter"), N_("month"))
_SHARE: Final = 0.5


@dataclass(frozen=True, eq=False)
class Keys:
    """Which columns tell series apart, the series of each row (N,), from 0, and what the series are called."""

    places: tuple[int, ...]
    of_row: Places
    labels: list[str]


@dataclass(frozen=True, eq=False)
class _Column:
    place: int
    is_number: bool
    of_row: Places
    words: list[str]


def finding_keys(
    names: Sequence[str],
    columns: Sequence[Sequence[str]],
    times: Times,
    numbers: Mapping[int, Numbers],
) -> Generator[None, None, Keys | None]:
    """The columns that tell the series of a table apart, or None where there is but one, or no times. Yields often.

    One or two columns of words are taken where no time is left twice, or far fewer are; numbers only where each time
    has all of them, since values may be whole numbers too.
    """
    if times.seconds is None:
        return None
    known = np.flatnonzero(np.isfinite(times.seconds))
    n_times, when = _coded(times.seconds[known])
    if n_times >= _REPEATED * len(known):
        return None
    candidates = [
        one
        for place, cells in enumerate(columns)
        if place not in times.places and (one := _column(place, cells, numbers.get(place)))
    ]
    yield
    best: tuple[_Column, ...] = ()
    most = n_times / len(known)
    for chosen in _combinations(candidates):
        share, n_keys = _share_apart(when, [one.of_row[known] for one in chosen])
        yield
        is_whole = not any(one.is_number for one in chosen) or n_times * n_keys <= _BALANCED * len(known)
        if share >= _ALL and is_whole:
            return _keys(names, chosen)
        if not any(one.is_number for one in chosen) and share > most + _BETTER:
            best, most = chosen, share
    return _keys(names, best) if best else None


def _column(place: int, cells: Sequence[str], numbers: Numbers | None) -> _Column | None:
    """A column that may be a key: words, or whole numbers, each of them in several rows."""
    is_number = numbers is not None and numbers.is_number
    if numbers is not None and is_number and not _are_whole(numbers.values):
        return None
    codes: dict[str, int] = {}
    of_row = np.array([codes.setdefault(cell.strip(), len(codes)) for cell in cells], np.int64)
    is_key = 1 < len(codes) <= len(cells) / _LEAST_ROWS
    return _Column(place, is_number, of_row, list(codes)) if is_key else None


def _are_whole(values: npt.NDArray[np.float64]) -> bool:
    return bool(np.isfinite(values).all() and (values == np.rint(values)).all())


def _combinations(columns: Sequence[_Column]) -> Generator[tuple[_Column, ...], None, None]:
    """Single columns and pairs of them, words before numbers."""
    words = [one for one in columns if not one.is_number][:_MOST_COLUMNS]
    numbers = sorted((one for one in columns if one.is_number), key=lambda one: len(one.words))[:_MOST_COLUMNS]
    ordered = [*words, *sorted(numbers, key=lambda one: one.place)]
    yield from itertools.combinations(ordered, 1)
    yield from itertools.combinations(ordered, 2)


def _coded(values: npt.NDArray[Any]) -> tuple[int, Places]:
    """How many different values there are, and a number for each of them (N,)."""
    apart, where = np.unique(values, return_inverse=True)
    return len(apart), where.astype(np.int64)


def _share_apart(when: Places, keys: Sequence[Places]) -> tuple[float, int]:
    """The share of rows that stand alone with their time and keys, and how many keys there are."""
    n_keys, key = _coded(_together(keys))
    return len(np.unique(when * n_keys + key)) / len(when), n_keys


def _together(keys: Sequence[Places]) -> Places:
    found = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        found = found * (int(key.max()) + 1) + key
    return found


def _keys(names: Sequence[str], chosen: Sequence[_Column]) -> Keys:
    """The series in the order in which they first stand in the table; numbers are called by their column too."""
    together = _together([one.of_row for one in chosen])
    _, first, where = np.unique(together, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    labels = [" · ".join(_label(names, one, int(first[at])) for one in chosen) for at in order.tolist()]
    return Keys(tuple(one.place for one in chosen), rank[where], labels)


def _label(names: Sequence[str], column: _Column, row: int) -> str:
    word = column.words[int(column.of_row[row])]
    return named(f"{names[column.place]} {word}" if column.is_number else word)[:_MOST_SHOWN].strip()


def with_rows_of_months(table: Table) -> Table:
    """The same table, or one with a row for each month where the columns of this one are the months of its years."""
    first = _first_month(table.names)
    years = [] if first is None else [_year(row) for row in table.rows]
    if first is None or len(years) < _LEAST_YEARS or not _is_one_way(years):
        return table
    places = range(first, first + _N_MONTHS)
    rows = [
        [f"{when}-{month:02d}", row[place] if place < len(row) else ""]
        for when, row in zip(years, table.rows, strict=True)
        if when is not None
        for month, place in enumerate(places, 1)
    ]
    typed = frozenset([1]) if table.typed.issuperset(places) else frozenset[int]()
    note = N_("Each row was read as a year and its columns as the months in order.")
    names, n_rows = [table.names[0], ""], _N_MONTHS * table.n_rows
    return replace(table, names=names, rows=rows, n_rows=n_rows, typed=typed, notes=(*table.notes, note))


def _first_month(names: Sequence[str]) -> int | None:
    """Where the months begin, by names or by numbers, all twelve behind the first column; None where they do not."""
    months = [_month(name.strip().rstrip(".")) for name in names]
    wanted = list(range(1, _N_MONTHS + 1))
    return next((at for at in range(1, len(names)) if months[at : at + _N_MONTHS] == wanted), None)


def _month(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdecimal() and len(name) < 3 else month_named(name)


def _year(row: Sequence[str]) -> int | None:
    found = year(row[0].strip()) if row else None
    return found.year if found and found.year in _LIKELY_YEARS else None


def _is_one_way(years: Sequence[int | None]) -> bool:
    """Whether nearly all rows have a year, and these only rise or only fall."""
    steps = np.diff([one for one in years if one is not None])
    return sum(one is None for one in years) <= 0.1 * len(years) and bool((steps > 0).all() or (steps < 0).all())


def reading_one_rhythm(table: Table) -> Generator[None, None, Table]:
    """The same table, or only the rows of that rhythm in its first column which most of them have. Yields often."""
    cells = [row[0].strip() if row else "" for row in table.rows]
    known = some_known(cells, LOOKED_AT)
    yield
    counts = _counts(known)
    if len(counts) < 2 or counts.total() < _SHARE * len(known):
        return table
    most = max(counts, key=lambda rhythm: (counts[rhythm], rhythm))
    rows, found = [], dict[str, int | None]()
    for place, cell in enumerate(cells):
        if cell not in found:
            found[cell] = _rhythm(cell)
        if found[cell] == most:
            rows.append(table.rows[place])
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    note = N_("Only the {n:,} rows that cover a {rhythm} were used, as others cover longer or shorter times.")
    told = note.format(n=len(rows), rhythm=_RHYTHMS[most])
    return replace(table, rows=rows, n_rows=table.n_rows - len(cells) + len(rows), notes=(*table.notes, told))


def _counts(cells: list[str]) -> Counter[int]:
    """How many of these cells are of each rhythm, if at least three are."""
    counts = Counter(rhythm for cell in cells if (rhythm := _rhythm(cell)) is not None)
    return Counter({rhythm: n for rhythm, n in counts.items() if n >= _LEAST_ROWS})


def _rhythm(cell: str) -> int | None:
    """The place among the rhythms of a year, a quarter or a month without a day; None for anything else."""
    if year(cell):
        return 0
    if quarter(cell):
        return 1
    n = len(_FIGURES.findall(cell))
    is_month = worded(cell) if n == 1 else n == 2 and (numbered_month(cell) or month_and_year(cell) or year_first(cell))
    return 2 if is_month else None
