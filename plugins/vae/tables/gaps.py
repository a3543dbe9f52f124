"""Which cells of a table are known, and which of these are hidden to try out how well they are filled in; no torch.

Shape letters: N rows, A columns of the table.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from studio.api.table import MixedColumn
from studio.core.seed import generator

from .model.layout import Flags

LEAST_KNOWN: Final = 2
"""So many cells of a column stay known."""


def known_cells(columns: Sequence[MixedColumn], n_rows: int) -> Flags:
    """(N, A): where something stands; nowhere in columns that are kept as they are."""
    found = np.zeros((n_rows, len(columns)), np.bool_)
    for place, column in enumerate(columns):
        if not column.is_kept:
            found[:, place] = np.isfinite(column.values)
    return found


def hidden_cells(columns: Sequence[MixedColumn], is_known: Flags, share: float, by: str, seed: int) -> Flags:
    """(N, A): known cells that are hidden, about `share` of them.

    By "largest", a number is hidden the more likely the larger it is: twice as often as the mean the largest, the
    smallest never. Cells of categories are hidden at random either way.
    """
    chance = generator(seed, "hidden", by)
    hidden = np.zeros_like(is_known)
    for place, column in enumerate(columns):
        known = np.flatnonzero(is_known[:, place])
        likely = np.full(len(known), share)
        if by == "largest" and column.is_number:
            ranks = np.empty(len(known))
            ranks[np.argsort(column.values[known], kind="stable")] = np.arange(len(known)) + 0.5
            likely = 2 * share * ranks / max(len(known), 1)
        chosen = known[chance.random(len(known)) < likely]
        hidden[chosen[: max(len(known) - LEAST_KNOWN, 0)], place] = True
    return hidden
