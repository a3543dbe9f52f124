"""How odd the rows of a table are, and which cells make them so, as frames hold it; no Qt, no torch.

Shape letters: N rows, A columns of the table, n rows scored so far.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.scene_codec import UNFIT_STATE
from studio.core.view import Series

from .model.layout import Flags, Floats
from .state import TableMoment

SCORES, NATS, NAMES = "scores", "nats", "names"
SURPRISE, FOREST = "surprise", "forest"
MARKED: Final = 2.0
MOST_MARKED: Final = 12.0
"""From so many nats beyond its column's usual on a cell is marked, and from so many on as strongly as it can be."""
ODD_SHARE: Final = 0.05
"""So many rows, the oddest, are to say why, be it by several cells together."""


@dataclass(frozen=True, eq=False)
class Oddness:
    """Attributes:
    scores: (n,) of the first n rows, by measure. nats: (N, A) of cells, 0 of those that say nothing.
    is_known: (N, A) the cells that are known.
    """

    scores: Mapping[str, Floats]
    nats: Floats
    is_known: Flags

    @property
    def n_scored(self) -> int:
        """n."""
        return len(self.scores[SURPRISE])

    @cached_property
    def beyond(self) -> Floats:
        """(N, A) by how many nats each cell is beyond the median of its column, 0 of cells that say nothing."""
        found, is_scored = np.zeros_like(self.nats), self.is_known.copy()
        is_scored[self.n_scored :] = False
        for place, rows in enumerate(is_scored.T):
            if rows.any():
                found[rows, place] = self.nats[rows, place] - np.median(self.nats[rows, place])
        return found

    @cached_property
    def together(self) -> Flags:
        """(N, A + 1) in the oddest rows without a marked cell, what makes them odd together; the last is their place.

        The fewest cells that, with the place of the row, hold half of what all of these are beyond their usual.
        """
        n, scores = self.n_scored, self.scores[SURPRISE]
        found = np.zeros((len(self.nats), self.nats.shape[1] + 1), np.bool_)
        places = scores - self.nats[:n].sum(1)
        excess = np.column_stack([self.beyond[:n], places - np.median(places)]).clip(min=0)
        order = np.argsort(-excess, axis=1, kind="stable")
        largest = np.take_along_axis(excess, order, 1)
        is_needed = (largest.cumsum(1) - largest < largest.sum(1, keepdims=True) / 2) & (largest > 0)
        is_odd = (scores > np.quantile(scores, 1 - ODD_SHARE)) & (self.beyond[:n] < MARKED).all(1)
        np.put_along_axis(found[:n], order, is_needed & is_odd[:, None], 1)
        return found

    def order(self, measure: str) -> npt.NDArray[np.int64]:
        """(N,) the rows, the oddest by a measure first, then those that are not scored yet."""
        scores = self.scores.get(measure, self.scores[SURPRISE])
        return np.concatenate([np.argsort(-scores, kind="stable"), np.arange(self.n_scored, len(self.nats))])


def oddness_of(frame: Frame, moment: TableMoment) -> Oddness | None:
    """What a frame says of the rows of its table; None of other frames. Raises UserError where it is unsound."""
    series, nats = frame.views.get(SCORES), (frame.state or {}).get(NATS)
    if not isinstance(series, Series) or nats is None:
        return None
    lengths = {len(scores) for scores in series.curves.values()}
    is_sound = SURPRISE in series.curves and len(lengths) == 1 and max(lengths) <= moment.table.n_rows
    if not is_sound or nats.shape != moment.is_known.shape or not np.isfinite(nats).all():
        raise UserError(UNFIT_STATE)
    return Oddness(series.curves, nats, moment.is_known)
