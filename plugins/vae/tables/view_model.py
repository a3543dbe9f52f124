"""What there is to see of a table: the texts of its cells, and of filled ones how sure they are; no Qt, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.api.table import MixedColumn

from .oddness import MARKED, MOST_MARKED, Oddness
from .state import TableMoment


@dataclass(frozen=True)
class FilledCell:
    """A cell that was filled. Attributes: sure: 0 to 1. truth: what stood there where it was only hidden, else None."""

    column: MixedColumn
    value: float
    low: float
    high: float
    sure: float
    truth: float | None

    @property
    def is_within(self) -> bool:
        """Whether what stood there lies within the range, or is the word."""
        return self.truth is not None and self.low <= self.truth <= self.high


@dataclass(frozen=True, eq=False)
class TableView:
    """A moment to look at. Attributes: odd: what is known of how odd its rows are. measure: what they are sorted by."""

    moment: TableMoment
    odd: Oddness | None = None
    measure: str = ""

    @property
    def columns(self) -> Sequence[MixedColumn]:
        """Of the table."""
        return self.moment.table.columns

    @property
    def names(self) -> list[str]:
        """Of its columns."""
        return [column.name for column in self.columns]

    @property
    def n_rows(self) -> int:
        """N."""
        return self.moment.table.n_rows

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """(N,) the rows in the order in which they are shown, by their places in the table."""
        return np.arange(self.n_rows) if self.odd is None else self.odd.order(self.measure)

    def beyond(self, row: int, column: int) -> float:
        """By how many nats a marked cell is beyond its column's usual; 0 of others."""
        nats = 0.0 if self.odd is None else float(self.odd.beyond[row, column])
        return nats if nats >= MARKED or self.is_together(row, column) else 0.0

    def is_together(self, row: int, column: int) -> bool:
        """Whether a cell is not odd by itself, but with others makes its row odd."""
        return self.odd is not None and bool(self.odd.together[row, column])

    def is_apart(self, row: int) -> bool:
        """Whether a row is odd since it lies far from all others, whatever stands in its cells."""
        return self.odd is not None and bool(self.odd.together[row, -1])

    def mark(self, row: int, column: int) -> float:
        """How strongly a cell is marked, 0 to 1."""
        return min(self.beyond(row, column) / MOST_MARKED, 1.0)

    def marked(self, row: int) -> list[tuple[int, float]]:
        """The marked cells of a row, the oddest first: column and nats."""
        found = [(column, nats) for column in range(len(self.columns)) if (nats := self.beyond(row, column))]
        return sorted(found, key=lambda one: -one[1])

    @cached_property
    def _order(self) -> npt.NDArray[np.int64]:
        """(N, A) the place of each gap among those that are filled, -1 elsewhere."""
        gaps = self.moment.gaps
        found = np.full(gaps.shape, -1, np.int64)
        found[gaps] = np.arange(int(gaps.sum()))
        return found

    def filled(self, row: int, column: int) -> FilledCell | None:
        """What was filled in; None where nothing was, or not yet."""
        place = self._order[row, column]
        if place < 0 or place >= len(self.moment.filled):
            return None
        one = self.columns[column]
        truth = float(one.values[row])
        value, low, high, sure = self.moment.filled[place].tolist()
        return FilledCell(one, value, low, high, sure, truth if np.isfinite(truth) else None)

    def is_gap(self, row: int, column: int) -> bool:
        """Whether the model is not told what stands there."""
        return bool(self._order[row, column] >= 0)

    def sureness(self, row: int, column: int) -> float | None:
        """How sure a filled cell is, 0 to 1; None where none was filled."""
        cell = self.filled(row, column)
        return None if cell is None else cell.sure

    def text(self, row: int, column: int) -> str:
        """What stands in a cell, be it filled in; "" in a gap that is none yet."""
        one = self.columns[column]
        if one.is_kept:
            return one.cells[row]
        cell = self.filled(row, column)
        if cell is not None:
            return one.text(cell.value)
        return "" if self.is_gap(row, column) else one.text(float(one.values[row]))

    def values(self, place: int) -> npt.NDArray[np.float64]:
        """(N,) what is shown in a column of numbers or words: what is known, and what was filled in."""
        values, order = self.columns[place].values.copy(), self._order[:, place]
        values[order >= 0] = self.moment.filled[order[order >= 0], 0]
        return values

    def whole(self) -> list[list[float | int | str | None]]:
        """All columns with their gaps filled, as they are saved; whole numbers stay whole."""
        return [self._whole(place) for place in range(len(self.columns))]

    def _whole(self, place: int) -> list[float | int | str | None]:
        column = self.columns[place]
        if column.is_kept:
            return [cell or None for cell in column.cells]
        values, order = column.values.copy(), self._order[:, place]
        is_filled = (order >= 0) & (order < len(self.moment.filled)) & ~np.isfinite(values)
        values[is_filled] = self.moment.filled[order[is_filled], 0]
        if column.words:
            return [column.words[int(value)] if np.isfinite(value) else None for value in values]
        values[is_filled] = np.round(values[is_filled], column.n_decimals)
        is_whole = column.n_decimals == 0
        return [None if np.isnan(one) else int(one) if is_whole else one for one in values.tolist()]

    def ranges(self, place: int) -> list[list[float | int | str | None]]:
        """Of a column the lower and the upper end of each filled cell's range, None for cells that are known."""
        column, order = self.columns[place], self._order[:, place]
        is_filled = (order >= 0) & (order < len(self.moment.filled))
        ends = np.full((2, self.n_rows), np.nan)
        ends[:, is_filled] = np.round(self.moment.filled[order[is_filled], 1:3], column.n_decimals).T
        return [[None if np.isnan(one) else one for one in row] for row in ends.tolist()]

    @cached_property
    def hidden(self) -> list[tuple[int, int]]:
        """The filled cells of which it is known what stood there, (row, column) each."""
        known = np.zeros_like(self.moment.gaps)
        for place, column in enumerate(self.columns):
            if not column.is_kept:
                known[:, place] = np.isfinite(column.values)
        return [(int(row), int(place)) for row, place in np.argwhere(known & self.moment.gaps)]

    @property
    def n_filled(self) -> int:
        """How many cells are filled in."""
        return len(self.moment.filled)


def view_of(moment: TableMoment, odd: Oddness | None = None, measure: str = "") -> TableView:
    """What there is to see of a moment; where it is known how odd its rows are, sorted by a measure of that."""
    return TableView(moment, odd, measure)
