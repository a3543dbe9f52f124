"""How a table stands in numbers: each column in units of its own, categories one-hot, gaps as zeros. No torch.

Shape letters: N rows, C columns, D numbers of a row (one for a column of numbers, one for each word of the others).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.table import MixedColumn

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
_LEAST_SCALE: Final = 1e-12


@dataclass(frozen=True)
class Span:
    """Where a column stands among the numbers of a row; numbers are (value - centre) / scale.

    Attributes:
        place: of the column in the table. is_number: else each number is that of a word.
    """

    place: int
    start: int
    stop: int
    is_number: bool
    centre: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns that are learnt, in the order of the table."""

    spans: tuple[Span, ...]

    @cached_property
    def width(self) -> int:
        """D."""
        return self.spans[-1].stop if self.spans else 0

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Which of the columns hold numbers, by their place among the learnt ones."""
        return tuple(at for at, span in enumerate(self.spans) if span.is_number)

    @cached_property
    def owners(self) -> Floats:
        """(C, D) 1 where a number belongs to a column."""
        found = np.zeros((len(self.spans), self.width), np.float32)
        for at, span in enumerate(self.spans):
            found[at, span.start : span.stop] = 1
        return found

    def encoded(self, columns: Sequence[MixedColumn], is_known: Flags) -> Floats:
        """(N, D): the known cells of columns in their units, 0 elsewhere; `is_known` is (N, C)."""
        cells = np.zeros((len(is_known), self.width), np.float32)
        for at, span in enumerate(self.spans):
            known, values = is_known[:, at], columns[span.place].values
            if span.is_number:
                cells[known, span.start] = (values[known] - span.centre) / span.scale
            else:
                cells[np.flatnonzero(known), span.start + values[known].astype(np.int64)] = 1
        return cells


def layout_of(columns: Sequence[MixedColumn], is_known: Flags) -> Layout:
    """The layout of the columns that can be learnt, in units of their known cells (N, all columns)."""
    spans: list[Span] = []
    for place, column in enumerate(columns):
        start = spans[-1].stop if spans else 0
        if column.is_number:
            known = column.values[is_known[:, place]]
            centre, scale = (float(known.mean()), float(known.std())) if len(known) else (0.0, 1.0)
            is_flat = scale <= _LEAST_SCALE * max(abs(centre), 1.0)
            spans.append(Span(place, start, start + 1, True, centre, 1.0 if is_flat else scale))
        elif not column.is_kept:
            spans.append(Span(place, start, start + len(column.words), False))
    return Layout(tuple(spans))
