"""What named directions change of everything that a judge reads in what is drawn, as values.

Shapes: K directions, A measures.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
N_DEVIATIONS = 2.0


@dataclass(frozen=True, eq=False)
class SideEffects:
    """What moving places from one unit below to one unit above does.

    Attributes:
        directions, measures: the names of what is moved and of what is read.
        changes: (K, A), in percent of what there can be of each measure; the mean over places.
        errors: (K, A), the standard error of that mean.
        n_places: how many random places were moved.
    """

    directions: tuple[str, ...]
    measures: tuple[str, ...]
    changes: Array
    errors: Array
    n_places: int

    def own(self, index: int) -> int | None:
        """The measure that a direction is named after."""
        name = self.directions[index]
        return self.measures.index(name) if name in self.measures else None

    def strongest(self, index: int) -> tuple[int, bool]:
        """The other measure that a direction changes most, and whether by more than chance (two standard errors)."""
        sizes = np.abs(self.changes[index])
        own = self.own(index)
        sizes[[] if own is None else [own]] = -1.0
        other = int(sizes.argmax())
        return other, bool(sizes[other] > N_DEVIATIONS * self.errors[index, other])
