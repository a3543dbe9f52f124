"""Brings times that are written with several offsets from UTC, as before and after a change of clocks, to one."""

import re
from collections.abc import Generator, Sequence
from typing import Final

import numpy as np

from .series_cells import AT_ONCE, spread
from .series_date_order import Floats

_OFFSET: Final = re.compile(r":\d\d[^-+]*(?:(Z)|([+-])(\d\d):?(\d\d)?)\s*", re.IGNORECASE)
_LOOKED_AT: Final = 400
_LONGEST: Final = 64


def reading_at_one_offset(cells: Sequence[str], seconds: Floats) -> Generator[None, None, Floats]:
    """Times (N,) as read from cells, as clocks at the offset of the first one that has any show them. Yields often."""
    if not any(_offset(cell) is not None for cell in spread(cells, _LOOKED_AT)):
        return seconds
    offsets = np.empty(len(cells))
    for place, cell in enumerate(cells):
        offset = _offset(cell)
        offsets[place] = np.nan if offset is None else offset
        if place % AT_ONCE == AT_ONCE - 1:
            yield
    told = offsets[np.isfinite(offsets)]
    return seconds if not len(told) else seconds - np.where(np.isfinite(offsets), offsets - told[0], 0.0)


def _offset(cell: str) -> float | None:
    """The offset behind a time of day, in seconds; None where there is none."""
    found = _OFFSET.search(cell) if len(cell) <= _LONGEST else None
    if found is None or found.end() < len(cell):
        return None
    size = 3600.0 * int(found[3] or 0) + 60.0 * int(found[4] or 0)
    return -size if found[2] == "-" else size
