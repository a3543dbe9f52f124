"""Turns a table whose columns are times, as those of the World Bank, into one whose rows are."""

from collections.abc import Sequence
from typing import Final

from studio.core.text import N_

from .series_head import Head, Row, named

MAX_WIDE: Final = 4096
"""So many columns of times are read."""
_NUMBERED: Final = N_("Each row is a series here, as the columns are only numbered.")


def turned(head: Head, rows: Sequence[Row], n_rows: int) -> tuple[list[str], list[Row], tuple[str, ...]]:
    """Names and rows of the turned table, and sentences on what was done; `n_rows`: how many the file has."""
    first = head.first_date or 0
    kept = [row for row in rows if any(cell.strip() for cell in row[first:])]
    names = ["", *_names_of([row[:first] for row in kept])]
    found = [
        [when, *(row[place] if place < len(row) else "" for row in kept)]
        for place, when in enumerate(head.names[first:], first)
    ]
    notes = [N_("Each row is a series here, as the columns are times.") if any(head.names[first:]) else _NUMBERED]
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
