"""Finds where the rows of a table begin, what its columns are called, and whether each row is a series."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.container.source import printable
from studio.core.pausing import result_of
from studio.core.translation import N_
from studio.datasets.table.date_columns import is_date, is_even, kinds_of, reading_dates
from studio.datasets.table.numbers import is_gap, number, spread

MAX_NAME: Final = 60
_LOOKED_AT: Final = 60
_MOST_BEFORE: Final = 40
_LEAST_DATES: Final = 5
_YEARS: Final = range(1800, 2200)
Row = list[str]
_NUMBERED: Final = re.compile(r"(.*?)(\d{1,6})")
_LEAST: Final = 8
"""So many numbered columns there are at least."""
_MOST_OTHERS: Final = 16
MAX_WIDE: Final = 4096
"""So many columns of times are read."""
_ROWS_ARE_SERIES: Final = N_("Each row is a series here, as the columns are only numbered.")


@dataclass(frozen=True)
class Head:
    """What is above the rows of a table: `names` of its columns, and how many rows are passed over.

    `first_date` is the first column that is called by a time, where all behind it are too, or are only numbered and
    have no names; None elsewhere.
    """

    names: list[str]
    n_above: int
    first_date: int | None = None


def head_of(rows: Sequence[Row], comment: Sequence[str] = ()) -> Head:
    """What stands above the rows of a table, by its first ones, empty ones too.

    The cells of a `comment` above all are the names where there are no others and as many columns.
    """
    wide = _wide_head(rows)
    if wide is not None:
        return wide
    certain = _columns_of_values(rows)
    first = next((place for place, row in enumerate(rows[:_MOST_BEFORE]) if _is_within(row, certain)), 0)
    place = _place_of_names(rows[:first], max(map(len, rows[first:]), default=0)) if certain else _place_of_words(rows)
    if place is None:
        width = max((len(row) for row in rows), default=0)
        return Head([named(cell) for cell in comment] if len(comment) == width > 1 else [], first)
    below = (at for at in range(place + 1, first + 1) if any(_has_value(rows[at], column) for column in certain))
    return Head([named(cell) for cell in rows[place]], next(below, max(first, place + 1)))


def plain_head(rows: Sequence[Row], *comments: Sequence[str]) -> Head:
    """What stands above the rows of a table in which each row is a thing, by its first ones.

    The first row that has as many cells as most is that of the names, unless half of them are values.
    """
    n_cells = [sum(bool(cell.strip()) for cell in row) for row in rows]
    width = max(map(len, rows), default=0)
    usual = Counter(filter(None, n_cells)).most_common(1)
    least = min(usual[0][0] if usual else 1, width)
    place = next((place for place, n in enumerate(n_cells[:_MOST_BEFORE]) if n >= least), 0)
    cells = [cell for cell in rows[place] if cell.strip()]
    if 2 * sum(map(is_value, cells)) < len(cells):
        return Head([named(cell) for cell in rows[place]], place + 1)
    comment = comments[0] if comments and len(comments[0]) == width > 1 else ()
    return Head([named(cell) for cell in comment], place)


def named(text: str) -> str:
    """The name of a column or a row on one line, at most 60 characters long."""
    return printable(" ".join(text.split()))[:MAX_NAME].strip()


def is_value(cell: str) -> bool:
    """Whether a cell alone may be a number or a time."""
    return number(cell, False) is not None or number(cell, True) is not None or is_date(cell.strip())


def _columns_of_values(rows: Sequence[Row]) -> list[int]:
    """The columns that hold nothing but values and gaps further down."""
    filled = [row for row in rows[: 2 * _LOOKED_AT] if any(map(str.strip, row))]
    body = filled[len(filled) // 2 :]
    width = max((len(row) for row in body), default=0)
    columns = [[row[place] for row in body if place < len(row) and not is_gap(row[place])] for place in range(width)]
    return [place for place, cells in enumerate(columns) if cells and sum(map(is_value, cells)) >= 0.9 * len(cells)]


def _has_value(row: Row, place: int) -> bool:
    return place < len(row) and not is_gap(row[place]) and is_value(row[place])


def _is_within(row: Row, certain: Sequence[int]) -> bool:
    """Whether a row is one of the table: it has values, and no words where the others have values."""
    words = [place for place in certain if place < len(row) and not is_gap(row[place]) and not is_value(row[place])]
    return not words and any(_has_value(row, place) for place in certain)


def _place_of_names(above: Sequence[Row], width: int) -> int | None:
    """Which row above a table holds names: behind the last empty one, the first of those that have the most cells.

    Rows of more cells than the table has are sentences, where there are others of more than one.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in above]
    empty = [place for place, n in enumerate(filled) if n == 0 and any(filled[place:])]
    begin = empty[-1] + 1 if empty else 0
    fitting = [n for n in filled[begin:] if n <= width]
    n_most = max(fitting if max(fitting, default=0) > 1 else filled[begin:], default=0)
    return begin + filled[begin:].index(n_most) if n_most else None


def _place_of_words(rows: Sequence[Row]) -> int | None:
    """The first row with anything in it, if that is no value and there are others."""
    filled = [place for place, row in enumerate(rows) if any(map(str.strip, row))]
    has_words = len(filled) > 1 and not any(is_value(cell) for cell in rows[filled[0]] if cell.strip())
    return filled[0] if has_words else None


def _wide_head(rows: Sequence[Row]) -> Head | None:
    """A row of times, one for each column but some first ones with words, as in tables of the World Bank."""
    for place, row in enumerate(rows[:_MOST_BEFORE]):
        cells = [cell.strip().partition(" [YR")[0] for cell in row]  # 1990 [YR1990]
        while cells and not cells[-1]:
            cells.pop()
        if not any(map(is_date, spread(cells[len(cells) // 2 :], _LOOKED_AT))):
            continue
        starts = range(1, min(len(cells) - _LEAST_DATES, len(cells) // 2) + 1)
        first = next((at for at in starts if is_date(cells[at]) and _are_times(cells[at : at + _LEAST_DATES])), None)
        is_row = first is not None and _are_times(cells[first:])
        if first is not None and is_row and _are_words(rows, place, first):
            return Head([named(cell) for cell in cells], place + 1, first)
    return None


def _are_times(cells: Sequence[str]) -> bool:
    """Whether these are times in even steps, one after the other; years as they are likely."""
    if not all(cells):
        return False
    kinds = [kind for kind in kinds_of(cells) if kind.rank == 0 or _is_year(cells[0])]
    return any(is_even(result_of(reading_dates(cells, kind))[0]) for kind in kinds)


def _is_year(cell: str) -> bool:
    found = number(cell, False)
    return found is not None and int(found) in _YEARS


def _are_words(rows: Sequence[Row], place: int, first: int) -> bool:
    """Whether the next row begins with words, and has no times where this one has them."""
    below = next((row for row in rows[place + 1 :] if any(map(str.strip, row))), [])
    has_words = any(not is_gap(cell) and not is_value(cell) for cell in below[:first])
    return has_words and not _are_times([cell.strip() for cell in below[first:]])


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


def turned(head: Head, rows: Sequence[Row], n_rows: int) -> tuple[list[str], list[Row], tuple[str, ...]]:
    """Names and rows of the turned table, and sentences on what was done; `n_rows`: how many the file has."""
    first = head.first_date or 0
    kept = [row for row in rows if any(cell.strip() for cell in row[first:])]
    names = ["", *_names_of([row[:first] for row in kept])]
    found = [
        [when, *(row[place] if place < len(row) else "" for row in kept)]
        for place, when in enumerate(head.names[first:], first)
    ]
    notes = [
        N_("Each row is a series here, as the columns are times.") if any(head.names[first:]) else _ROWS_ARE_SERIES
    ]
    if n_rows > len(kept):
        notes.append(N_("Only the first {kept:,} of {n:,} rows were read.").format(kept=len(kept), n=n_rows))
    return names, found, tuple(notes)


def _names_of(rows: Sequence[Row]) -> list[str]:
    """What tells the rows apart: the first column whose cells all differ, else all that differ somewhere, joined."""
    columns = [[named(cell) for cell in cells] for cells in zip(*rows, strict=False)]
    for cells in columns:
        if all(cells) and len(set(cells)) == len(cells):
            return cells
    differing = [cells for cells in columns if len(set(cells)) > 1]
    return [named(" · ".join(filter(None, parts))) for parts in zip(*differing, strict=True)] or [""] * len(rows)
