"""What a person wants to move on a picture: pairs of points, and the region that may move; plain data, no torch.

All places are shares of the picture, 0 to 1 from left to right and from top to bottom.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Point: TypeAlias = tuple[float, float]
MASK_PX: Final = 64
BoolArray: TypeAlias = npt.NDArray[np.bool_]
MAX_PAIRS: Final = 12
HANDLES: Final = "handles"
"""Where the state of a frame has the places (N, 2) of the handles."""


@dataclass(frozen=True)
class Pair:
    """What lies at `handle` shall come to lie at `target`."""

    handle: Point
    target: Point


@dataclass(frozen=True, eq=False)
class Pulls:
    """All of them.

    Attributes:
        pairs: at most MAX_PAIRS.
        movable: (MASK_PX, MASK_PX); None where the whole picture may move.
    """

    pairs: tuple[Pair, ...] = ()
    movable: BoolArray | None = None

    def with_pair(self, pair: Pair) -> "Pulls":
        """The same and one more pair."""
        return replace(self, pairs=(*self.pairs, pair)[:MAX_PAIRS])

    def without(self, index: int) -> "Pulls":
        """The same without a pair."""
        return replace(self, pairs=self.pairs[:index] + self.pairs[index + 1 :])

    def with_dab(self, start: Point, end: Point, radius: float) -> "Pulls":
        """The same with a stroke of the brush from start to end; the radius is a share of the side."""
        rows, columns = (np.mgrid[:MASK_PX, :MASK_PX] + 0.5) / MASK_PX
        way = np.subtract(end, start)
        squared = float(way @ way)
        along = ((columns - start[0]) * way[0] + (rows - start[1]) * way[1]) / squared if squared else 0.0
        share = np.clip(along, 0, 1)
        is_near = np.hypot(columns - start[0] - share * way[0], rows - start[1] - share * way[1]) <= radius
        known = np.zeros((MASK_PX, MASK_PX), np.bool_) if self.movable is None else self.movable
        return replace(self, movable=known | is_near)

    def nearest(self, at: Point, reach: float) -> int | None:
        """The pair whose handle or target lies within `reach` of a place, the nearest; None for none."""
        found = [
            (min(np.hypot(at[0] - x, at[1] - y) for x, y in (pair.handle, pair.target)), index)
            for index, pair in enumerate(self.pairs)
        ]
        distance, index = min(found, default=(np.inf, 0))
        return index if distance <= reach else None
