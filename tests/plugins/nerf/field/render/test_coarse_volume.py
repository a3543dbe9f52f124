"""Drawing without kernels: the numbers of the real field, the picture of a ball, and no numba."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.field.model.numpy_field import NumpyField
from plugins.nerf.field.render.coarse_volume import RESOLUTIONS, CoarseScene, CoarseVolume, draw_coarse
from plugins.nerf.field.render.hash_field import HashField
from tests.plugins.nerf.field.analytic import Ball, rays_from
from tests.plugins.nerf.field.made_field import make_config, make_occupancy, make_weights

EYE = (2.0, -2.5, 1.0)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"interpolation": "smooth"},
        {"colour_range": "hdr"},
        {"n_features": 4},
        {"n_density_layers": 2},
        {"is_mip": True},
    ],
)
def test_the_field_gives_the_numbers_of_the_compiled_one(changes) -> None:
    config = make_config(**changes)
    weights, occupancy = make_weights(config), make_occupancy(config)
    random = np.random.default_rng(1)
    positions = random.uniform(-1.2, 1.2, (500, 3)).astype(np.float32)
    ways = random.normal(size=(500, 3)).astype(np.float32)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    density, colour = NumpyField(config, weights, occupancy, width=0.2).density_colour(positions, ways)
    compiled = HashField(config, weights, occupancy, width=0.2)
    wanted_density, wanted_colour = compiled.density_colour(positions, ways)
    inside = wanted_density > 0
    assert 0.4 < inside.mean() < 0.8  # some of the places lie outside the box
    np.testing.assert_allclose(density, wanted_density, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(colour[inside], wanted_colour[inside], rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def ball() -> CoarseScene:
    scene = CoarseScene(Ball(density=60.0), np.array(EYE, np.float32))
    assert list(scene.refine())[-1] == 1.0
    return scene


def test_a_ball_is_drawn_where_it_is(ball) -> None:
    rays = rays_from(EYE, 96, 80)
    found = ball.draw(rays, with_normals=True)
    near, far = Ball().crossings(rays.origin, rays.directions())
    depth = np.nan_to_num(near)
    cell = 1.2 / RESOLUTIONS[-1]
    surely_in, surely_out = np.nan_to_num(far - near) > 8 * cell, np.isnan(near)
    assert found.opacity[surely_in].min() > 0.98
    assert (found.opacity[surely_out] > 0.5).mean() < 0.02  # cells stick out a little
    assert np.abs(found.depth - depth)[surely_in].mean() < 1.5 * cell
    hit = rays.origin + rays.directions() * depth[..., None]
    normal = hit / np.linalg.norm(hit, axis=-1, keepdims=True)
    assert (normal * found.normal).sum(axis=-1)[surely_in].mean() > 0.97
    colour = 0.5 + 0.5 * hit / 0.6
    assert np.abs(found.colour - colour)[surely_in].mean() < 0.04


def test_opacity_and_weights_of_a_thin_ball_are_those_of_the_way_through_it() -> None:
    thin = Ball(density=1.5)
    scene = CoarseScene(thin, np.array(EYE, np.float32))
    list(scene.refine())
    rays = rays_from(EYE, 96, 80)
    found = scene.draw(rays)
    near, far = thin.crossings(rays.origin, rays.directions())
    wanted = 1 - np.exp(-1.5 * np.nan_to_num(far - near))
    assert np.abs(found.opacity - wanted).max() < 0.12
    assert np.abs(found.opacity - wanted).mean() < 0.01


def test_the_first_picture_needs_no_refinement(ball) -> None:
    first = CoarseScene(Ball(), np.array(EYE, np.float32))
    rays = rays_from(EYE, 64, 64)
    coarse = first.draw(rays)
    assert np.abs(coarse.opacity - ball.draw(rays).opacity).mean() < 0.05


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_depth_is_that_of_the_middles_of_cells_by_their_weights(opacity) -> None:
    size, cell = 8, 0.25
    seen = np.pad(np.full((size, size, size, 4), np.float32(opacity)), [(9, 9)] * 3 + [(0, 0)])
    rays = rays_from((3.0, 0.0, 0.0001), 5, 5)
    found = draw_coarse(CoarseVolume(np.full(3, -1, np.float32), cell, seen), rays)
    weights = opacity * (1 - opacity) ** np.arange(size)
    wanted = 2 + cell * (weights * (np.arange(size) + 0.5)).sum() / weights.sum()
    assert found.depth[2, 2] == pytest.approx(wanted, abs=1e-3)
    assert found.opacity[2, 2] == pytest.approx(weights.sum(), abs=1e-3)


def test_near_cuts_the_scene_open(ball) -> None:
    rays = rays_from(EYE, 64, 64, near=float(np.linalg.norm(EYE)))
    found = ball.draw(rays)
    middle = found.depth[32, 32]
    assert middle == pytest.approx(np.linalg.norm(EYE), abs=2 * 1.2 / RESOLUTIONS[-1])


def test_a_camera_that_looks_away_sees_nothing(ball) -> None:
    rays = rays_from(EYE, 16, 16)
    away = type(rays)(rays.origin, -rays.to_direction, 16, 16)
    assert not ball.draw(away).opacity.any()


def test_an_empty_scene_is_an_empty_picture() -> None:
    ball = Ball()
    ball.occupancy = OccupancyGrid(np.zeros((1, 8, 8, 8), np.uint8), ball.occupancy.low, ball.occupancy.high)
    found = CoarseScene(ball, np.array(EYE, np.float32)).draw(rays_from(EYE, 16, 16), with_normals=True)
    assert not found.opacity.any()
    assert not found.normal.any()


def test_outer_cascades_are_drawn_too() -> None:
    ball = Ball(radius=0.3, middle=(1.5, 0.0, 0.0))
    cells = np.zeros((2, 16, 16, 16), np.uint8)
    cells[1, 4:12, 4:12, 10:] = 1  # a cell of the second cascade is 0.25 wide
    ball.occupancy = OccupancyGrid(cells, np.full(3, -1, np.float32), np.full(3, 1, np.float32))
    rays = rays_from((6.0, 0.0, 0.0001), 33, 33, focal=3.0)
    found = CoarseScene(ball, rays.origin).draw(rays)
    assert found.depth[16, 16] == pytest.approx(6 - 1.8, abs=0.1)


def test_work_comes_in_small_pieces() -> None:
    config = make_config(n_levels=8)
    field = NumpyField(config, make_weights(config), Ball().occupancy)
    scene = CoarseScene(field, np.array(EYE, np.float32))
    longest, last = 0.0, time.thread_time()
    shares = []
    for share in scene.refine():
        now = time.thread_time()
        longest, last = max(longest, now - last), now
        shares.append(share)
    assert shares == sorted(shares)
    assert longest < 0.5


def test_nothing_of_it_loads_numba() -> None:
    code = (
        "import sys; from plugins.nerf.field.render.coarse_volume import CoarseScene; "
        "from plugins.nerf.field.model.numpy_field import NumpyField;"
        "print('numba' in sys.modules, 'torch' in sys.modules)"
    )
    root = Path(__file__).parents[5]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
