"""The endless carpet of seeds: every whole place is a seed, all between are blends of the four around; no torch.

As in the viewer of StyleGAN3, a step to the right is the next seed and a step down the hundredth next one.
"""

import math
from dataclasses import dataclass
from typing import Final

from studio.core.seed import MAX_SEED

SEEDS_A_ROW: Final = 100


@dataclass(frozen=True)
class PlaneCorner:
    """One of the seeds around a place, and its share of the blend."""

    seed: int
    share: float


def plane_corners(seed: int, x: float, y: float) -> tuple[PlaneCorner, ...]:
    """The seeds around the place (x, y), counted from `seed` at (0, 0), with shares that add up to 1; at most four."""
    left, top = math.floor(x), math.floor(y)
    across, down = x - left, y - top
    shares = {
        (0, 0): (1 - across) * (1 - down),
        (1, 0): across * (1 - down),
        (0, 1): (1 - across) * down,
        (1, 1): across * down,
    }
    found = [
        PlaneCorner(plane_seed(seed, left + dx, top + dy), share) for (dx, dy), share in shares.items() if share > 0
    ]
    return tuple(sorted(found, key=lambda corner: -corner.share))


def plane_seed(seed: int, column: int, row: int) -> int:
    """The seed so many steps to the right and down."""
    return (seed + column + SEEDS_A_ROW * row) % (MAX_SEED + 1)
