"""Finds rows that are series where columns are only numbered, V1, V2, ... or d_1, d_2, ..., as in competitions."""

import re
from collections.abc import Sequence
from typing import Final

from .series_cells import is_gap
from .series_head import Head, Row, is_value, named

_NUMBERED: Final = re.compile(r"(.*?)(\d{1,6})")
_LEAST: Final = 8
"""So many numbered columns there are at least."""
_MOST_OTHERS: Final = 16


def numbered_head(rows: Sequence[Row]) -> Head | None:
    """The head of a table whose rows are series, by its first ones; None where columns may be series as well.

    Numbered columns are more than the rows looked at, and before them stand only words, which tell the rows apart.
    """
    filled = [place for place, row in enumerate(rows) if any(map(str.strip, row))]
    if len(filled) < 2:
        return None
    names, below = _without_ends(rows[filled[0]]), [rows[place] for place in filled[1:]]
    n_numbered, first = len(names) - _first_numbered(names), _n_words(below)
    n = len(names) - first
    is_such = first > 0 and n_numbered >= n >= _LEAST and n > len(below) and _are_values(below, first)
    return Head([*map(named, names[:first]), *[""] * n], filled[0] + 1, first) if is_such else None


def _without_ends(row: Row) -> list[str]:
    """The cells of a row up to the last that is not empty."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _first_numbered(names: Sequence[str]) -> int:
    """Where the names begin that are numbered one after the other up to the last; their end where none are."""
    found = [_NUMBERED.fullmatch(name) for name in names]
    at = len(names)
    while at > 0 and (one := found[at - 1]) and (at == len(names) or _follow(one, found[at])):
        at -= 1
    return at


def _follow(one: re.Match[str], next_: re.Match[str] | None) -> bool:
    return next_ is not None and one[1] == next_[1] and int(one[2]) + 1 == int(next_[2])


def _n_words(rows: Sequence[Row]) -> int:
    """In how many first columns nothing but words stand; 0 where these are too many."""
    width = min(map(len, rows))
    return next((at for at in range(min(width, _MOST_OTHERS)) if any(is_value(row[at]) for row in rows)), 0)


def _are_values(rows: Sequence[Row], first: int) -> bool:
    cells = [cell for row in rows for cell in row[first : first + _LEAST]]
    return sum(is_gap(cell) or is_value(cell) for cell in cells) >= 0.9 * len(cells)
