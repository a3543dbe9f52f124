"""Pyramids of photos, the nearest of them, and the camera that took one."""

import math

import numpy as np
import pytest

from plugins.nerf.shared.camera.camera import Camera, look_at
from plugins.nerf.shared.camera.frustum import (
    nearest_photo,
    photo_camera,
    projected_pyramids,
    pyramid_length,
    pyramids,
    stepped,
)

WIDTH, HEIGHT = 640, 480
RING = [look_at((3 * math.cos(a), 3 * math.sin(a), 1.0), (0, 0, 0), 0.7) for a in np.arange(12) * math.pi / 6]
MATRICES = np.stack([camera.camera_to_world() for camera in RING])


def intrinsics(camera: Camera, width: int, height: int) -> list[float]:
    focal = camera.focal(height)
    return [focal, focal, width / 2, height / 2]


def test_a_pyramid_ends_at_the_corners_of_its_own_picture() -> None:
    size = (200, 100)
    corners = pyramids(MATRICES, [intrinsics(camera, *size) for camera in RING], size, 0.5)
    for camera, pyramid in zip(RING, corners, strict=True):
        assert pyramid[0] == pytest.approx(camera.eye, abs=1e-5)
        pixels, depth = camera.project(pyramid[1:], *size)
        assert pixels == pytest.approx(np.array([[0, 0], [200, 0], [200, 100], [0, 100]]), abs=0.01)
        assert depth == pytest.approx([0.5] * 4, abs=1e-4)


def test_a_shifted_axis_shifts_the_pyramid() -> None:
    corners = pyramids(np.eye(4)[None], [[100, 50, 20, 30]], (80, 60), 2.0)[0]
    assert corners[1] == pytest.approx([-0.4, 1.2, -2])
    assert corners[3] == pytest.approx([1.2, -1.2, -2])


def test_pyramids_behind_the_viewer_are_hidden_whole() -> None:
    corners = pyramids(MATRICES, [intrinsics(camera, 100, 100) for camera in RING], (100, 100), 0.3)
    pixels, depths = projected_pyramids(look_at((0.0, -1.0, 0.0), (0.0, 0.0, 0.0), 0.7), corners, WIDTH, HEIGHT)
    is_shown = np.isfinite(pixels).reshape(12, -1)
    assert (is_shown.all(1) == is_shown.any(1)).all()
    assert is_shown.all(1).tolist() == [camera.eye[1] > -1 for camera in RING]
    assert depths[3] == pytest.approx(4, abs=0.3)


def test_their_length_follows_the_neighbours() -> None:
    eyes = MATRICES[:, :3, 3]
    gap = 2 * 3 * math.sin(math.pi / 12)
    assert pyramid_length(eyes, 10.0) == pytest.approx(0.4 * gap, rel=1e-4)
    assert pyramid_length(eyes, 1.0) == pytest.approx(0.3)
    assert pyramid_length(eyes[:1], 1.0) == pytest.approx(0.3)
    assert pyramid_length(np.zeros((5, 3)), 1.0) == pytest.approx(0.03)


def test_the_nearest_photo_is_the_one_that_one_stands_at() -> None:
    for index, camera in enumerate(RING):
        found = nearest_photo(camera, MATRICES)
        assert found is not None
        assert found.index == index
        assert found.is_same
    between = look_at((3 * math.cos(0.2), 3 * math.sin(0.2), 1.0), (0, 0, 0), 0.7)
    found = nearest_photo(between, MATRICES)
    assert found is not None
    assert found.index == 0
    assert not found.is_same
    assert found.distance == pytest.approx(2 * 3 * math.sin(0.1) / between.distance, rel=1e-4)
    assert nearest_photo(between, np.zeros((0, 4, 4))) is None


def test_who_looks_away_from_a_photo_does_not_stand_at_it() -> None:
    eye = RING[0].eye
    away = look_at(eye, 2 * eye, 0.7)
    found = nearest_photo(away, MATRICES[:1])
    assert found is not None
    assert found.distance < 1e-6
    assert not found.is_same


def test_a_camera_of_a_photo_shows_all_of_it() -> None:
    matrix = MATRICES[2]
    same = photo_camera(matrix, 0.7, 1.0, 1.5, np.zeros(3), 1.0)
    assert same.fov_y_rad == pytest.approx(0.7)
    assert same.camera_to_world() == pytest.approx(matrix, abs=1e-5)
    assert same.pivot == pytest.approx([0, 0, 0], abs=1e-5)
    narrow = photo_camera(matrix, 0.7, 2.0, 1.0, np.zeros(3), 1.0)
    assert math.tan(narrow.fov_y_rad / 2) == pytest.approx(2 * math.tan(0.35))


def test_an_extreme_shape_of_the_view_still_gives_a_camera() -> None:
    camera = photo_camera(MATRICES[2], 2.0, 4.0, 0.05, np.zeros(3), 1.0)
    assert camera.fov_y_rad == pytest.approx(math.radians(170))


def test_a_photo_that_looks_away_from_the_scene_gets_a_pivot_ahead() -> None:
    matrix = look_at((2, 0, 0), (4, 0, 0), 0.7).camera_to_world()
    assert photo_camera(matrix, 0.7, 1.0, 1.0, np.zeros(3), 2.0).distance == pytest.approx(0.2)


def test_steps_go_round() -> None:
    assert [stepped(0, -1, 5), stepped(4, 1, 5), stepped(-1, 1, 5), stepped(2, 1, 5)] == [4, 0, 0, 3]
