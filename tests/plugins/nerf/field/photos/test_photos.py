"""Photos: rays against projections, sizes, backgrounds, straightening."""

import math
from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.field.photos.photos import straightened
from plugins.nerf.shared.camera.camera import camera_from_matrix
from plugins.nerf.shared.camera.lens import bent, bent_fisheye
from tests.plugins.nerf.field.made_scene import DISTANCE, FOV_RAD, ball, photos_of_ball

PLAIN = (0.0578421, -0.0805099, 0, 0, -0.000980296, 0.00015575)
FISHEYE = (0.05, -0.01, 0.002, 0, 0, 0)


@pytest.fixture(scope="module")
def photos():
    return photos_of_ball(6, 40)


def some_pixels(photos, n=200):
    random = np.random.default_rng(5)
    return photos.draw(random, n)


def test_a_point_on_a_ray_is_projected_to_the_middle_of_its_pixel(photos):
    photo, columns, rows = some_pixels(photos)
    origins, directions = photos.rays(photo, columns, rows)
    for number in range(len(photos)):
        mine = photo == number
        camera = camera_from_matrix(photos.camera_to_world[number], FOV_RAD, DISTANCE)
        pixels, _ = camera.project(origins[mine] + 3.7 * directions[mine], photos.width, photos.height)
        assert np.abs(pixels - np.stack([columns, rows], -1)[mine] - 0.5).max() < 0.01


@pytest.mark.parametrize(("lens", "is_fisheye"), [(PLAIN, False), (FISHEYE, True)])
def test_rays_of_a_bent_photo_are_projected_back_to_their_pixels(photos, lens, is_fisheye):
    curved = replace(
        photos,
        lens=np.tile(np.array(lens, np.float32), (len(photos), 1)),
        is_fisheye=np.full(len(photos), is_fisheye),
    )
    photo, columns, rows = some_pixels(curved)
    origins, directions = curved.rays(photo, columns, rows)
    points = origins + 2.5 * directions
    to_camera = np.linalg.inv(curved.camera_to_world[photo].astype(np.float64))
    local = np.einsum("rij,rj->ri", to_camera, np.c_[points, np.ones(len(points))])[:, :3] * (1, -1, -1)
    numbers = np.array(lens, np.float64)
    place = bent_fisheye(local, numbers) if is_fisheye else bent(local[:, :2] / local[:, 2:], numbers)
    fx, fy, cx, cy = curved.intrinsics[0]
    assert np.abs(place * (fx, fy) + (cx, cy) - np.stack([columns, rows], -1) - 0.5).max() < 0.01


def test_the_grid_of_a_photo_has_the_same_rays(photos):
    shifted = replace(photos, intrinsics=photos.intrinsics + np.array([1, 3, 2.5, -4], np.float32))
    grid = shifted.ray_grid(2)
    columns, rows = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    number = np.full(columns.size, 2)
    origins, directions = shifted.rays(number, columns.ravel(), rows.ravel())
    assert np.abs(grid.directions().reshape(-1, 3) - directions).max() < 1e-6
    assert (origins == grid.origin).all()


@pytest.mark.parametrize("factor", [1, 4])
def test_pixels_are_as_wide_as_the_way_to_the_next_one(photos, factor):
    small = photos.reduced(factor)
    columns, rows = (one.ravel() for one in np.meshgrid(np.arange(small.width), np.arange(small.height)))
    number = np.full(len(rows), 2)
    _, directions = small.rays(number, columns, rows)
    spreads = small.spreads(number, directions)
    assert np.abs(directions @ small.ray_grid(2).spread - spreads).max() < 1e-6
    focal = small.intrinsics[2, 0]
    middle = np.argmax(spreads)
    assert spreads[middle] == pytest.approx(1 / focal, rel=5e-3)
    thin = photos.thinned(4)
    assert thin.ray_grid(2).spread @ directions[middle] == pytest.approx(spreads[middle] / factor, rel=0.01)


def test_a_reduced_photo_sees_the_same_through_larger_pixels(photos):
    half = photos.reduced(2)
    assert half.pixels.shape == (6, 20, 20, 4)
    blocks = photos.pixels[:, :40, :40].reshape(6, 20, 2, 20, 2, 4).astype(float).mean((2, 4))
    assert np.abs(half.pixels - blocks).max() <= 0.5
    corner, middle = np.array([[2.0, 6.0]]), np.array([0])
    _, large = photos.rays_through(middle, corner)
    _, small = half.rays_through(middle, corner / 2)
    assert np.abs(large - small).max() < 1e-6


def test_a_reduced_photo_leaves_over_what_does_not_fit(photos):
    third = photos.reduced(3)
    assert third.pixels.shape == (6, 13, 13, 4)
    _, large = photos.rays_through(np.array([1]), np.array([[9.0, 9.0]]))
    _, small = third.rays_through(np.array([1]), np.array([[3.0, 3.0]]))
    assert np.abs(large - small).max() < 1e-6


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
def test_a_thinned_photo_has_some_of_the_same_rays(photos, factor):
    few = photos.thinned(factor)
    rows, columns = (one.ravel() for one in np.indices((few.height, few.width)))
    number = np.full(len(rows), 4)
    _, directions = few.rays(number, columns, rows)
    first = factor // 2
    _, expected = photos.rays(number, columns * factor + first, rows * factor + first)
    assert np.abs(directions - expected).max() < 1e-6
    assert (few.pixels[4, rows, columns] == photos.pixels[4, rows * factor + first, columns * factor + first]).all()


def test_backgrounds():
    photos = photos_of_ball(1, 4, 0)
    photos.pixels[0, 0, 0] = (255, 0, 0, 255)
    photos.pixels[0, 0, 1] = (64, 32, 0, 128)
    photos.pixels[0, 0, 2] = 0
    on_blue = photos.on((0, 0, 255), 0)
    assert on_blue[0, :3].tolist() == [[255, 0, 0], [64, 32, 127], [0, 0, 255]]
    target = photos.target(np.zeros(3, int), np.arange(3), np.zeros(3, int), 1.0)
    assert target == pytest.approx(np.array([[255, 0, 0], [191, 159, 127], [255, 255, 255]]) / 255)


def test_ignored_pixels_are_never_drawn():
    photos = photos_of_ball(3, 8, 0)
    ignored = np.random.default_rng(0).random((3, 8, 8)) < 0.7
    masked = replace(photos, ignored=ignored)
    photo, columns, rows = masked.draw(np.random.default_rng(1), 2000)
    assert not ignored[photo, rows, columns].any()
    assert len(np.unique((photo * 8 + rows) * 8 + columns)) == (~ignored).sum()


def test_the_parts_and_what_belongs_to_them():
    photos = photos_of_ball(7, 8, 3)
    assert len(photos.part("train")) == 4
    assert photos.part("val").names == ("4.png", "5.png", "6.png")
    assert photos.fov_y_rad(0) == pytest.approx(FOV_RAD)


def test_a_straightened_photo_is_what_a_pinhole_sees():
    straight_ones = photos_of_ball(2, 128, 0)
    lens = np.tile(np.array([-0.2, 0.05, 0, 0, 0.003, 0.002], np.float32), (2, 1))
    curved = replace(straight_ones, lens=lens)
    curved.pixels[:] = ball(curved)
    again = straightened(curved)
    assert again.is_pinhole
    expected = photos_of_ball(2, 128, 0).pixels.astype(float)
    assert again.ignored is not None
    shown = ~again.ignored
    difference = np.abs(again.pixels.astype(float) - expected)[shown]
    assert shown.mean() > 0.9
    assert difference.mean() < 1.0
    assert math.isclose(float(again.intrinsics[0, 0]), float(curved.intrinsics[0, 0]))


def test_a_straightened_fisheye_is_what_a_pinhole_sees():
    straight_ones = photos_of_ball(2, 128, 0)
    curved = replace(straight_ones, lens=np.tile(np.array(FISHEYE, np.float32), (2, 1)), is_fisheye=np.ones(2, bool))
    curved.pixels[:] = ball(curved)
    again = straightened(curved)
    assert again.ignored is not None
    difference = np.abs(again.pixels.astype(float) - photos_of_ball(2, 128, 0).pixels)[~again.ignored]
    assert difference.mean() < 1.5  # at the ball's sharp edge; elsewhere the colours are the same
    assert np.median(difference[difference > 0]) <= 1
