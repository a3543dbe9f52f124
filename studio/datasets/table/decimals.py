"""Finds the columns of a table that may hold numbers, and whether a comma or a point is before their decimals."""

import re
from collections.abc import Generator, Sequence
from typing import Final

from studio.datasets.table.date_columns import LOOKED_AT
from studio.datasets.table.numbers import Decimals, Signs, decimals_of, number, signs_in, some_known
from studio.datasets.table.rows import Table
from studio.datasets.table.times import Times

_POINTED: Final = re.compile(r"\d{1,2}\.(?:\d{1,2}\.)?\d{2,4}")


def finding_decimals(
    table: Table, columns: Sequence[Sequence[str]], times: Times
) -> Generator[None, None, dict[int, Decimals]]:
    """How each column that may hold numbers is read, by its place; yields after each."""
    signs: dict[int, Signs] = {}
    for place, cells in enumerate(columns):
        if place not in times.places and _may_be_numbers(cells):
            signs[place] = Signs() if place in table.typed else signs_in(cells)
        yield
    marked = [one for one in signs.values() if one.has_marks]
    all_ = sum(marked, Signs())
    pointed = any(_POINTED.match(cells[-1].strip()) for cells in (columns[place] for place in times.places))
    typed = Decimals(False)
    return {
        place: typed if place in table.typed else decimals_of(one, all_, table.separator, pointed)
        for place, one in signs.items()
    }


def _may_be_numbers(cells: Sequence[str]) -> bool:
    """Whether at least half of some cells are numbers, with commas or points before their decimals."""
    known = some_known(cells, LOOKED_AT)
    n = max(sum(number(cell, has_comma) is not None for cell in known) for has_comma in (False, True))
    return bool(known) and 2 * n >= len(known)
