"""The occupancy grid of a field that learns: never empty where there is something."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_cdt

from plugins.nerf.field.training.dense_layer import layout_of
from plugins.nerf.field.training.density_grid import (
    MAX_LEAP,
    N_EARLY,
    N_PARTS,
    RESOLUTION,
    DensityGrid,
    carved_cells,
    random_unit,
    training_space,
)
from plugins.nerf.field.training.hash_encoding import level_table
from plugins.nerf.field.training.training_pass import TrainedNetwork
from tests.plugins.nerf.field.made_field import make_config, make_weights
from tests.plugins.nerf.field.made_scene import RADIUS, photos_of_ball
from tests.plugins.nerf.field.plain_field import plain_field

LOW, HIGH = np.full(3, -1, np.float32), np.full(3, 1, np.float32)


def test_distances_are_chessboard_distances() -> None:
    random, n = np.random.default_rng(1), 22
    for share in (0.0, 0.0005, 0.02, 1.0):
        cells = (random.random((n, n, n)) < share).astype(np.uint8)
        distance = training_space(cells, LOW, HIGH, 0.1).distance[0]
        expected = distance_transform_cdt(1 - cells, "chessboard") if cells.any() else np.full(cells.shape, MAX_LEAP)
        np.testing.assert_array_equal(distance, np.minimum(expected, MAX_LEAP))


@pytest.mark.long("waits for compiled kernels")
def test_carving_keeps_all_of_the_ball_and_takes_most_of_the_rest() -> None:
    may_hold = carved_cells(photos_of_ball(24, 64), LOW, HIGH)
    middles = (np.indices(may_hold.shape)[::-1] + 0.5) / RESOLUTION * 2 - 1  # x, y, z
    radius = np.linalg.norm(middles, axis=0)
    assert may_hold[radius < RADIUS].all()
    assert not may_hold[0, 0, 0]
    assert may_hold.mean() < 0.6


@pytest.mark.long("computes for long")
def test_what_photos_cut_off_is_not_carved() -> None:
    photos, cut = photos_of_ball(24, 64), 18
    pixels = np.ascontiguousarray(photos.pixels[:, cut:-cut, cut:-cut])
    cropped = replace(photos, pixels=pixels, intrinsics=photos.intrinsics - np.array([0, 0, cut, cut], np.float32))
    middles = (np.indices((RESOLUTION,) * 3)[::-1] + 0.5) / RESOLUTION * 2 - 1
    assert carved_cells(cropped, LOW, HIGH)[np.linalg.norm(middles, axis=0) < RADIUS].all()


def test_nothing_is_carved_without_opacity() -> None:
    photos = photos_of_ball(4, 16)
    photos.pixels[..., 3] = 255
    assert carved_cells(photos, LOW, HIGH).all()


@pytest.mark.long("waits for compiled kernels")
def test_refreshing_never_drops_a_cell_that_holds_density() -> None:
    config, step = make_config(), 0.02
    layout, weights = layout_of(config), make_weights(config)
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    flat = layout.packed(weights)
    network = TrainedNetwork(
        weights.grid,
        config.scales,
        level_table(config.levels),
        False,
        flat,
        layout.transposed(flat),
        layout.layers,
        layout.n_density_layers,
        layout.geometry_row,
        config.n_geometry,
        layout.colour_row,
        low,
        (1 / (high - low)).astype(np.float32),
    )
    grid = DensityGrid(low, high, np.ones((RESOLUTION,) * 3, np.bool_), step)
    for number in range(1, N_EARLY + N_PARTS + 1):
        grid.refresh(network, layout.n_rows, number, seed=0)
    cells = np.random.default_rng(0).integers(0, RESOLUTION, (3000, 3))  # z, y, x
    middles = (cells[:, ::-1] + 0.5) / RESOLUTION * (high - low) + low
    density, _ = plain_field(middles.astype(np.float32), np.tile([0, 0, 1], (3000, 1)), weights, config)
    is_kept = grid.occupancy.cells[0][tuple(cells.T)] != 0
    # A cell's density varies a little within it: those well above the limit must be there.
    assert is_kept[density > 1.3 * grid.values.mean()].all()
    assert 0.02 < is_kept.mean() < 0.98
    np.testing.assert_array_equal(grid.space.distance[0] == 0, grid.occupancy.cells[0] != 0)


def test_random_numbers_fill_the_unit_evenly() -> None:
    numbers = np.array([random_unit(np.uint64(5), np.uint64(i)) for i in range(4000)])
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert abs(np.histogram(numbers, 8, (0, 1))[0] - 500).max() < 100
