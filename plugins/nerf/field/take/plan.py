"""A field from above: how high each column of its cells is filled."""

from dataclasses import dataclass

import numpy as np

from ...shared.camera.ray import FloatArray
from ..model.field import OccupancyGrid


@dataclass(frozen=True, eq=False)
class FloorPlan:
    """Attributes:
    heights: float32 (H, W), seen from above, the far side first: where the uppermost full cell ends, in world units
        along the axis that points up; NaN where the column is empty.
    left, right, near, far: what the edges of it are in world units, along `across` and `along`.
    across, along: the axes of the world that go to the right, and away from the viewer or towards him.
    """

    heights: FloatArray
    left: float
    right: float
    near: float
    far: float
    across: int
    along: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not bool(np.isfinite(self.heights).any())

    def place(self, point: tuple[float, float, float]) -> tuple[float, float]:
        """Where a point of the world lies on it, from the left and from the far side, 0..1 within its edges."""
        x, y = point[self.across], point[self.along]
        return (x - self.left) / (self.right - self.left), (y - self.far) / (self.near - self.far)


def floor_plan(occupancy: OccupancyGrid, up: str) -> FloorPlan:
    """Look down on the innermost grid, along the axis "z" or "y" of the world, as far as something is in it."""
    full = occupancy.cells[0] != 0  # z, y, x
    low, high = occupancy.low.astype(np.float64), occupancy.high.astype(np.float64)
    across, along, height = (0, 1, 2) if up == "z" else (0, 2, 1)
    columns = full.transpose(2 - height, 2 - along, 2 - across)
    n = len(columns)
    top = n - columns[::-1].argmax(axis=0)
    size = (high - low)[height] / n
    heights = np.where(columns.any(axis=0), low[height] + top * size, np.nan).astype(np.float32)
    near, far = low[along], high[along]
    if up == "z":
        heights = heights[::-1]
    else:  # the axis that goes along points towards the viewer
        near, far = far, near
    return _trimmed(FloorPlan(heights, low[across], high[across], near, far, across, along))


def _trimmed(plan: FloorPlan) -> FloorPlan:
    """Without what is empty at the edges, but for one cell."""
    rows, columns = np.nonzero(np.isfinite(plan.heights))
    if not len(rows):
        return plan
    n_rows, n_columns = plan.heights.shape
    top, bottom = max(rows.min() - 1, 0), min(rows.max() + 2, n_rows)
    first, last = max(columns.min() - 1, 0), min(columns.max() + 2, n_columns)
    wide, deep = plan.right - plan.left, plan.near - plan.far
    return FloorPlan(
        np.ascontiguousarray(plan.heights[top:bottom, first:last]),
        float(plan.left + wide * first / n_columns),
        float(plan.left + wide * last / n_columns),
        float(plan.far + deep * bottom / n_rows),
        float(plan.far + deep * top / n_rows),
        plan.across,
        plan.along,
    )
