"""A field from above: columns of cells at their place, whichever axis points up."""

import numpy as np
import pytest

from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.field.take.plan import floor_plan


def grid(*full):
    """Cells of 1 in a box from 0 to 8, full at (x, y, z)."""
    cells = np.zeros((1, 8, 8, 8), np.uint8)
    for x, y, z in full:
        cells[0, z, y, x] = 1
    return OccupancyGrid(cells, np.zeros(3, np.float32), np.full(3, 8, np.float32))


def test_columns_stand_where_they_are_and_tell_how_high_they_reach():
    plan = floor_plan(grid((2, 3, 0), (2, 3, 5), (5, 6, 1)), "z")
    assert (plan.left, plan.right, plan.near, plan.far) == (1, 7, 2, 8)
    assert plan.heights.shape == (6, 6)
    found = {tuple(place): plan.heights[tuple(place)] for place in np.argwhere(np.isfinite(plan.heights)).tolist()}
    assert found == {(4, 1): 6, (1, 4): 2}  # the far side first
    assert plan.place((2.5, 3.5, 0)) == pytest.approx((1.5 / 6, 4.5 / 6))


def test_where_y_points_up_what_is_near_has_a_large_z():
    plan = floor_plan(grid((2, 5, 3)), "y")
    assert plan.heights[1, 1] == 6
    assert (plan.far, plan.near) == (2, 5)
    assert plan.place((2.5, 0, 3.5)) == pytest.approx((0.5, 0.5))
    assert plan.place((2.5, 0, 4.5))[1] > 0.5


def test_nothing_is_all_of_the_grid():
    plan = floor_plan(grid(), "z")
    assert plan.is_empty
    assert plan.heights.shape == (8, 8)
