"""A picture in bands is the picture at once; means of pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.nerf.shared.band import Steps, bands_of, drawn_in_bands, empty_rendering, mean_rendering
from plugins.nerf.shared.camera.ray import RayGrid


def rays(width=7, height=10):
    matrix = np.array([[0.1, 0, -0.3], [0, 0.1, -0.5], [0, 0, 1]], np.float32)
    return RayGrid(np.zeros(3, np.float32), matrix, width, height)


@given(st.integers(1, 400), st.integers(1, 90), st.integers(1, 20_000))
def test_every_row_is_drawn_once_and_the_middle_first(width, height, n_rays):
    bands = bands_of(rays(width, height), n_rays)
    assert sorted(row for first, last in bands for row in range(first, last)) == list(range(height))
    away = [abs(first + last - height) for first, last in bands]
    assert away == sorted(away)


def test_rows_of_rays_are_the_rows_of_the_picture():
    whole = rays().directions()
    assert rays().rows(3, 8).directions() == pytest.approx(whole[3:8], abs=1e-6)


def test_other_pixels_see_the_same_view():
    middle = rays().sized(1, 1).directions()[0, 0]
    assert middle == pytest.approx(rays(7, 10).directions((0.5, 0.0))[5, 3], abs=1e-6)


@pytest.mark.long("computes for long")
def test_bands_make_the_picture_with_a_pause_after_each():
    def draw(grid, first, last):
        found = empty_rendering(grid.width, last - first)
        found.colour[..., 1] = np.arange(first, last)[:, None]
        found.depth[:] = grid.rows(first, last).directions()[..., 0]
        return found

    grid = rays(300, 1000)
    *pauses, found = drawn_in_bands(draw, grid)
    assert pauses == [None] * len(bands_of(grid))
    assert found is not None
    assert found.colour[:, 0, 1].tolist() == list(range(1000))
    assert found.depth == pytest.approx(grid.directions()[..., 0], abs=1e-6)


def test_a_mean_counts_depth_only_where_something_is():
    one, other = empty_rendering(1, 1), empty_rendering(1, 1)
    one.colour[:], one.opacity[:], one.depth[:], one.normal[:], one.n_samples[:] = 0.5, 1, 3, (0, 0, 1), 10
    mean = mean_rendering([one, other])
    assert mean.colour[0, 0].tolist() == [0.25] * 3
    assert (mean.opacity[0, 0], mean.depth[0, 0], mean.n_samples[0, 0]) == (0.5, 3.0, 5)
    assert mean.normal[0, 0].tolist() == [0, 0, 1]


def column_of_rows(grid, first, last):
    found = empty_rendering(grid.width, last - first)
    found.depth[:] = grid.rows(first, last).directions()[..., 1]
    return found


@pytest.mark.long("computes for long")
def test_steps_end_in_the_picture_and_can_be_entered_anywhere():
    grid = rays(300, 1000)
    steps = Steps(column_of_rows, grid, is_coarse_first=True)
    pictures = [found.depth.copy() for found in steps.from_step(0)]
    assert len(pictures) == len(steps) > 3
    assert pictures[-1] == pytest.approx(grid.directions()[..., 1], abs=1e-6)
    assert np.abs(pictures[0] - pictures[-1]).max() < 0.2  # coarse, yet everywhere
    again = [found.depth.copy() for found in steps.from_step(2)]
    assert len(again) == len(steps) - 2
    assert all(np.array_equal(one, other) for one, other in zip(again, pictures[2:], strict=True))


def test_steps_without_a_coarse_one_fill_an_empty_picture():
    steps = Steps(column_of_rows, rays(300, 1000), is_coarse_first=False)
    first = next(steps.from_step(0)).depth
    assert (first[:100] == 0).all()
    assert (first[480:520] != 0).all()
