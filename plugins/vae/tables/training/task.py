"""A table ready to be learnt: its cells in numbers, which are known, and which of these are held out to measure by.

Shape letters: N rows, C columns that are learnt, D numbers of a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.api.table import MixedColumn
from studio.core.seed import generator

from ..gaps import hidden_cells
from ..model.layout import Flags, Floats, Layout, layout_of

CHECK_SHARE: Final = 0.1
LEAST_TO_CHECK: Final = 150
"""Known cells, below which none are held out: there would be nothing to learn from or to measure by."""


@dataclass(frozen=True, eq=False)
class TableTask:
    """Attributes:
    cells: (N, D) in units, 0 where nothing is known.
    known: (N, C) what may be learnt. checked: (N, C) those of them that are held out at first.
    """

    layout: Layout
    cells: Floats
    known: Flags
    checked: Flags

    @property
    def learnt(self) -> Flags:
        """(N, C) what is learnt while some is held out."""
        return self.known & ~self.checked

    @property
    def wanted(self) -> Flags:
        """(N,) rows in which something is missing or held out."""
        return np.asarray(~self.learnt.all(1), np.bool_)


def task_of(columns: Sequence[MixedColumn], is_known: Flags, seed: int) -> TableTask:
    """The task that a table gives of which these cells (N, all columns) are known."""
    layout = layout_of(columns, is_known)
    places = [span.place for span in layout.spans]
    known = np.ascontiguousarray(is_known[:, places])
    checked = np.zeros_like(known)
    if known.sum() >= LEAST_TO_CHECK:
        checked = hidden_cells([columns[place] for place in places], known, CHECK_SHARE, "random", _other(seed))
    return TableTask(layout, layout.encoded(columns, is_known[:, places]), known, checked)


def _other(seed: int) -> int:
    """A seed for what is held out, so that it is not what a person has hidden."""
    return int(generator(seed, "held out").integers(2**31 - 1))
