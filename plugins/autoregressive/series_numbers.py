"""Reads a column of numbers, and says of the cells that are none."""

import re
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable
from studio.core.text import N_, plural

from .series_cells import AT_ONCE, MARKS, is_gap, measured
from .series_nines import missing_nines
from .series_state import LARGEST

Floats = npt.NDArray[np.float64]
_PLAIN: Final = {False: re.compile(r"-?\d+(?:\.\d+)?"), True: re.compile(r"-?\d+(?:,\d+)?")}
_SCALES: Final = {"": 1.0, "K": 1e3, "k": 1e3, "M": 1e6, "Mio": 1e6, "Mio.": 1e6, "B": 1e9, "Mrd": 1e9, "Mrd.": 1e9}
_SHARE: Final = 0.7
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column, read.

    Attributes:
        values: (N,), not a number where a cell is a gap or was not understood.
        is_number: whether most cells that are no gaps are numbers.
        strange: the rows of cells that are neither gap nor number. large: those of numbers beyond what can be forecast.
        nines: those of numbers such as -999, which say that a value is missing. marked: those with a mark behind them.
        cells: as they stand in the table.
    """

    values: Floats
    is_number: bool
    strange: npt.NDArray[np.int64]
    large: npt.NDArray[np.int64]
    nines: npt.NDArray[np.int64]
    marked: npt.NDArray[np.int64]
    cells: Sequence[str]

    def notes(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """Sentences on the cells in some rows that give no value."""
        one = N_("{n} cell, “{text}”, was not understood as a number.")
        more = N_("{n} cells such as “{text}” were not understood as numbers.")
        large = N_("{n} number was too large and left out.")
        larger = N_("{n} numbers were too large and left out.")
        nine = N_("{n} value of {text} was taken as missing.")
        nines = N_("{n} values of {text} were taken as missing.")
        mark = N_("The mark behind {n} number, “{text}”, was dropped.")
        marks = N_("The marks behind {n} numbers such as “{text}” were dropped.")
        found = [(within(rows, self.strange), one, more), (within(rows, self.large), large, larger),
                 (within(rows, self.nines), nine, nines), (within(rows, self.marked), mark, marks)]  # fmt: skip
        return [self._said(one, more, places) for places, one, more in found if len(places)]

    def _said(self, one: str, more: str, rows: npt.NDArray[np.int64]) -> str:
        example = printable(self.cells[int(rows[0])].strip())[:_MOST_SHOWN]
        return plural(one, more, len(rows)).replace("{text}", example)


def within(rows: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of the places, in order, are among some rows."""
    return places[np.isin(places, rows)] if len(places) else places


def reading_numbers(cells: Sequence[str], has_comma: bool) -> Generator[None, None, Numbers]:
    """The numbers in a column of cells; `has_comma`: a comma is before their decimals. Yields often."""
    values, strange, marked = np.full(len(cells), np.nan), [], []
    units: dict[int, str] = {}
    plain = _PLAIN[has_comma].fullmatch
    for row, cell in enumerate(cells):
        if plain(cell):
            values[row] = float(cell.replace(",", "."))
        elif found := measured(cell, has_comma):
            values[row], units[row] = found
            if cell.rstrip()[-1] in MARKS:
                marked.append(row)
        elif not is_gap(cell):
            strange.append(row)
        if row % AT_ONCE == AT_ONCE - 1:
            yield
    strange += _of_one_unit(values, units)
    large, nines = np.flatnonzero(np.abs(values) >= LARGEST), missing_nines(values)
    values[nines] = np.nan
    n_known = int(np.isfinite(values).sum())
    values[large] = np.nan
    is_number = n_known >= 2 and n_known >= _SHARE * (n_known + len(strange))
    wrong, dropped = (np.array(sorted(rows), np.int64) for rows in (strange, marked))
    return Numbers(values, is_number, wrong, large, nines, dropped, cells)


def _of_one_unit(values: Floats, units: dict[int, str]) -> list[int]:
    """Bring values to the unit that most have; returns the rows where that is not possible, and empties them."""
    counts = Counter(unit for unit in units.values() if unit)
    if not counts:
        return []
    n_bare = int(np.isfinite(values).sum()) - counts.total()
    if set(counts) <= set(_SCALES) and (len(counts) > 1 or n_bare):
        for row, unit in units.items():
            values[row] *= _SCALES[unit]
        return []
    most = counts.most_common(1)[0][0]
    strange = [row for row, unit in units.items() if unit not in ("", most)]
    if most == "%" and n_bare:
        bare = [row for row in np.flatnonzero(values).tolist() if not units.get(row) and np.isfinite(values[row])]
        strange += bare if n_bare <= counts["%"] else [row for row, unit in units.items() if unit == "%"]
    values[strange] = np.nan
    return strange
