"""Where a field has something, as a ball."""

import numpy as np

from ...shared.camera.viewpoint import Extent, extent_of
from .field import OccupancyGrid


def occupied_extent(occupancy: OccupancyGrid) -> Extent:
    """The part of the innermost grid where there may be something, or all of it where there is nothing."""
    full = np.argwhere(occupancy.cells[0])[:, ::-1]  # (N, 3): x, y, z
    if not len(full):
        return extent_of(occupancy.low, occupancy.high)
    cell = (occupancy.high - occupancy.low) / occupancy.resolution
    return extent_of(occupancy.low + full.min(0) * cell, occupancy.low + (full.max(0) + 1) * cell)
