"""Finds the columns of a long table that tell its series apart: words or numbers that say whose value a row holds."""

import itertools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .series_head import named
from .series_numbers import Numbers
from .series_times import Times

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
    candidates = [one for place, cells in enumerate(columns) if place not in times.places
                  and (one := _column(place, cells, numbers.get(place)))]  # fmt: skip
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


def _coded(values: npt.NDArray) -> tuple[int, Places]:
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
