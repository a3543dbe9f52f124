"""Pictures of everything around: against rays that are followed one by one, for any camera."""

import math
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.shared.band import Steps
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.camera.ray import RayGrid, Rendering
from plugins.nerf.shared.panorama import PanoramaSteps, cube_around, directions_around, panorama_size
from tests.plugins.nerf.field.analytic import Ball

UP = (0.0, 0.0, 1.0)
CAMERA = look_at((0.3, -0.2, 0.1), (2.0, 1.0, 0.9), 0.8)


def smooth(rays: RayGrid, first: int, last: int) -> Rendering:
    """A sky whose colour is its direction."""
    ways = rays.directions()[first:last]
    ones = np.ones(ways.shape[:2], np.float32)
    return Rendering(ways * 0.5 + 0.5, ones, ones * 3, ways, ones.astype(np.uint16) * 7)


def steps(rays: RayGrid) -> Steps:
    return Steps(smooth, rays, is_coarse_first=False)


def whole(panorama: PanoramaSteps) -> Any:
    *pauses, found = panorama.to_end()
    assert set(pauses) == {None}
    return found


@pytest.mark.parametrize("up", [UP, (0.0, 1.0, 0.0)])
def test_the_middle_is_ahead_the_horizon_level_and_left_is_left(up: tuple[float, float, float]) -> None:
    ways = directions_around(CAMERA, up, 400)
    upward = np.array(up)
    ahead = CAMERA.forward - (CAMERA.forward @ upward) * upward
    ahead /= np.linalg.norm(ahead)
    middle = ways[99:101, 199:201].mean((0, 1))
    assert middle @ ahead > 0.999
    heights = np.sin((0.5 - (np.arange(200) + 0.5) / 200) * math.pi)
    assert np.abs(ways @ upward - heights[:, None]).max() < 1e-6
    assert ways[100, 300] @ np.cross(ahead, upward) > 0.99
    np.testing.assert_allclose(np.linalg.norm(ways, axis=-1), 1, atol=1e-6)


def test_every_pixel_shows_what_lies_in_its_direction() -> None:
    found = whole(PanoramaSteps(CAMERA, UP, 200, 0.0, steps))
    assert found.colour.shape == (100, 200, 3)
    np.testing.assert_allclose(found.colour, directions_around(CAMERA, UP, 200) * 0.5 + 0.5, atol=2e-3)
    assert (found.opacity == 1).all()
    assert (found.n_samples == 7).all()


def test_a_ball_stands_where_its_rays_meet_it() -> None:
    camera, ball = look_at((1.5, 0.4, 0.2), (0, 0, 0), 0.8), Ball()
    panorama = PanoramaSteps(
        camera,
        UP,
        240,
        0.0,
        lambda rays: Steps(lambda grid, a, b: draw_exact(ball, grid, (a, b)), rays, is_coarse_first=False),
    )
    found = whole(panorama)
    near, _ = ball.crossings(camera.eye, directions_around(camera, UP, 240))
    is_hit = near > 0
    assert ((found.opacity > 0.5) == is_hit).mean() > 0.995
    inside = is_hit & (found.opacity > 0.999)
    assert np.median(np.abs(found.depth[inside] - near[inside])) < 0.02


def test_it_comes_about_side_by_side_and_to_the_same_bits() -> None:
    panorama = PanoramaSteps(CAMERA, UP, 64, 0.0, steps)
    pictures = [found.colour.copy() for found in panorama.from_step(0)]
    assert len(pictures) == len(panorama) == 6
    assert len(list(panorama.from_step(4))) == 2
    assert np.array_equal(pictures[-1], whole(panorama).colour)
    assert (np.diff([np.any(one != 0, -1).sum() for one in pictures]) > 0).all()


@pytest.mark.parametrize("way", [(0, 0, -2.0), (0, 0, 2.0)])
def test_a_camera_that_looks_straight_down_or_up_has_a_horizon_too(way: tuple[float, float, float]) -> None:
    camera = look_at((0, 0, 0), way, 0.8)
    ahead = directions_around(camera, UP, 64)[15:17, 31:33].mean((0, 1))
    assert ahead @ (-np.sign(way[2]) * camera.axes[:, 1]) > 0.99


def test_it_is_twice_as_wide_as_high() -> None:
    assert [panorama_size(width) for width in (1, 64, 65)] == [(2, 1), (64, 32), (64, 32)]
    assert len(cube_around(CAMERA, UP, 64, 0.5)) == 6
