"""What is drawn of paths: bands that hold half and nine tenths of them, and their middle; no torch.

Shape letters: H steps ahead, P paths, Q quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
N_DRAWN: Final = 8
"""Paths that are drawn as lines."""


@dataclass(frozen=True, eq=False)
class Fan:
    """A forecast as far as it has grown.

    Attributes:
        quantiles: (5, K) of QUANTILES. lines: some paths, (L, K). horizon: how far it will grow, K ≤ H.
    """

    quantiles: Floats
    lines: Floats
    horizon: int

    @property
    def n_steps(self) -> int:
        """How many values there are."""
        return self.quantiles.shape[1]

    @property
    def median(self) -> Floats:
        """(K,) half of the paths lie above."""
        return np.asarray(self.quantiles[2])


def fan_of(paths: Floats, horizon: int) -> Fan:
    """The fan of paths (P, K)."""
    return Fan(np.quantile(paths, QUANTILES, axis=0), paths[:N_DRAWN].copy(), horizon)


def value_range(parts: Sequence[Floats]) -> tuple[float, float]:
    """The lowest and highest value of all parts, with some air; never empty."""
    known = np.concatenate([np.ravel(part) for part in parts if part.size] or [np.zeros(1)])
    low, high = float(known.min()), float(known.max())
    air = 0.06 * (high - low) or 0.06 * max(abs(high), 1.0)
    return low - air, high + air
