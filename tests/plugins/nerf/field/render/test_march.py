"""Rays through the occupancy grid: every occupied step is taken, none of the empty ones."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.field.render.march import CONE, Space, space_of, step_of
from plugins.nerf.field.render.ray_samples import ray_samples


def make_grid(seed: int, part: float, n: int = 8, n_cascades: int = 1) -> OccupancyGrid:
    cells = (np.random.default_rng(seed).random((n_cascades, n, n, n)) < part).astype(np.uint8)
    return OccupancyGrid(cells, np.array([-1, -1.5, -1], np.float32), np.array([1, 1.5, 2], np.float32))


def walk(space: Space, eye: np.ndarray, way: np.ndarray, near: float = 0.0) -> tuple[Any, Any]:
    """Distances and lengths of the steps of one ray."""
    none = np.empty(0, np.float32)
    start = np.float32(near)
    n = ray_samples(space, eye, way, start, np.empty((0, 3), np.float32), none, none)
    positions, t, length = np.empty((n, 3), np.float32), np.empty(n, np.float32), np.empty(n, np.float32)
    ray_samples(space, eye, way, start, positions, t, length)
    np.testing.assert_allclose(positions, eye + t[:, None] * way, atol=1e-6)
    return t, length


def random_ray(seed: int, distance: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    eye, aim = random.normal(size=3), random.uniform(-1, 1, 3)
    eye *= distance / np.linalg.norm(eye)
    return eye.astype(np.float32), ((aim - eye) / np.linalg.norm(aim - eye)).astype(np.float32)


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 1.0])
def test_distances_are_those_of_a_search_through_all_cells(part: float) -> None:
    grid = make_grid(3, part)
    found = space_of(grid, 0.1).distance[0]
    full, all_cells = np.argwhere(grid.cells[0]), np.argwhere(np.ones_like(grid.cells[0]))
    if len(full) == 0:
        assert (found == 255).all()
        return
    expected = np.abs(all_cells[:, None] - full).max(axis=-1).min(axis=1)
    np.testing.assert_array_equal(found.ravel(), expected)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.2, 0.7]), st.sampled_from([0.3, 4.0]))
def test_leaps_end_where_steps_would(seed: int, part: float, distance: float) -> None:
    """The samples are those of a walk that looks at every step, but for steps within rounding of a cell's face."""
    grid = make_grid(seed, part)
    eye, way = random_ray(seed, distance)
    step = 0.013
    t, length = walk(space_of(grid, step), eye, way)
    full = OccupancyGrid(np.ones_like(grid.cells), grid.low, grid.high)
    every, _ = walk(space_of(full, step), eye, way)
    places = (eye + every[:, None] * way - grid.low) / (grid.high - grid.low) * 8
    i, j, k = np.clip(places.astype(int), 0, 7).T
    expected = every[grid.cells[0, k, j, i] == 1]
    unsure = np.abs(places - np.round(places)).min(axis=1) < 1e-3
    certain = every[(grid.cells[0, k, j, i] == 1) & ~unsure]
    assert np.isin(np.round((certain - every[0]) / step), np.round((t - every[0]) / step)).all() if len(every) else True
    assert len(t) <= len(expected) + unsure.sum()
    assert (length == np.float32(step)).all()


def test_a_ray_begins_where_it_may_see() -> None:
    grid = make_grid(0, 1.0)
    eye, way = np.array([0, 0, -5], np.float32), np.array([0, 0, 1], np.float32)
    space = space_of(grid, 0.1)
    t, _ = walk(space, eye, way)
    assert t[0] == pytest.approx(4 + 0.05, abs=1e-5)
    assert t[-1] == pytest.approx(7 - 0.05, abs=1e-4)
    assert walk(space, eye, way, near=5.5)[0][0] == pytest.approx(5.5 + 0.05, abs=1e-5)
    inside, _ = walk(space, np.zeros(3, np.float32), way)
    assert inside[0] == pytest.approx(0.05, abs=1e-6)
    assert len(walk(space, eye, -way)[0]) == 0


def test_nested_grids_have_longer_steps_far_away_and_leave_nothing_out() -> None:
    """K cubes, each twice as large: steps t / 256, cells of the finest grid that holds a place."""
    n_cascades = 4
    cells = np.zeros((n_cascades, 16, 16, 16), np.uint8)
    cells[3, :, :, 15] = 1  # a wall at the far side of the largest cube, x in 3.5 .. 4
    cells[0, 8, 8, :] = 1  # a row of cells through the innermost, which reaches from -0.5 to 0.5
    grid = OccupancyGrid(cells, np.full(3, -0.5, np.float32), np.full(3, 0.5, np.float32))
    eye, way = np.array([-6, 0.02, 0.02], np.float32), np.array([1, 0, 0], np.float32)
    t, length = walk(space_of(grid, step_of(grid)), eye, way)
    x = eye[0] + t
    is_in_row, is_in_wall = np.abs(x) <= 0.5, x >= 3.5
    assert (is_in_row | is_in_wall).all()
    np.testing.assert_allclose(length, t * CONE, rtol=1e-5)
    for first, last in ((-0.5, 0.5), (3.5, 4.0)):
        inside = x[(x >= first) & (x <= last)]
        assert inside[0] - first < 2 * length.max()
        assert last - inside[-1] < 2 * length.max()
        assert np.diff(inside).max() < 1.01 * length.max()


def test_a_finer_grid_counts_in_the_coarser_ones() -> None:
    cells = np.zeros((2, 8, 8, 8), np.uint8)
    cells[0, 1, 2, 3] = 1
    grid = OccupancyGrid(cells, np.zeros(3, np.float32), np.ones(3, np.float32))
    outer = space_of(grid, 0.01).distance[1]
    assert outer[2 + 0, 2 + 1, 2 + 1] == 0
    assert (outer == 0).sum() == 1
