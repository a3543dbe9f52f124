"""A camera's geometry: conventions of other programs, projection, rays and saved states."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.shared.camera import rotation as quaternion
from plugins.nerf.shared.camera.camera import (
    RULES,
    Camera,
    camera_from_matrix,
    camera_from_position,
    look_at,
    ngp_from_opengl,
    opencv_from_opengl,
    opengl_from_ngp,
    opengl_from_opencv,
    rays_of,
)
from studio.core.error import UserError
from studio.core.path.position import WAYS

parts = st.floats(-3, 3, width=32)
directions = st.tuples(parts, parts, parts, parts).filter(lambda q: math.hypot(*q) > 0.1)
cameras = st.builds(
    lambda rotation, pivot, distance, fov: Camera(
        np.array(rotation, np.float32), np.array(pivot, np.float32), distance, math.radians(fov)
    ),
    directions,
    st.tuples(parts, parts, parts),
    st.floats(0.1, 20),
    st.floats(5, 120),
)
# What Blender's exporter writes for a camera 4 units in front of the scene, 1 up, tilted down to its middle.
FRONT = look_at((0.0, -4.0, 1.0), (0.0, 0.0, 0.0), math.radians(40))


def test_the_axes_of_a_level_camera() -> None:
    slope = math.atan2(1, 4)
    right, up, back = FRONT.axes.T
    assert right == pytest.approx([1, 0, 0], abs=1e-6)
    assert up == pytest.approx([0, math.sin(slope), math.cos(slope)], abs=1e-6)
    assert back == pytest.approx([0, -math.cos(slope), math.sin(slope)], abs=1e-6)
    assert FRONT.eye == pytest.approx([0, -4, 1], abs=1e-6)
    assert FRONT.forward == pytest.approx(-back, abs=1e-6)


def test_a_known_point_is_projected_to_a_hundredth_of_a_pixel() -> None:
    camera = look_at((0.0, -4.0, 0.0), (0.0, 0.0, 0.0), 2 * math.atan(200 / 555.5))
    pixels, depth = camera.project([[0.5, 1.0, 0.25], [0.0, 0.0, 0.0]], 800, 400)
    assert pixels[0] == pytest.approx([400 + 555.5 * 0.5 / 5, 200 - 555.5 * 0.25 / 5], abs=0.01)
    assert pixels[1] == pytest.approx([400, 200], abs=0.01)
    assert depth == pytest.approx([5, 4], abs=1e-5)


def test_points_behind_the_camera_have_no_pixel() -> None:
    pixels, depth = FRONT.project([[0.0, -9.0, 0.0]], 100, 100)
    assert np.isnan(pixels).all()
    assert depth[0] < 0


@settings(deadline=None)
@given(cameras, st.integers(8, 40), st.integers(8, 40), st.floats(0.1, 9))
def test_rays_go_through_what_is_projected_onto_their_pixel(
    camera: Camera, width: int, height: int, far: float
) -> None:
    rays = camera.ray_grid(width, height)
    points = rays.origin + far * rays.directions()
    pixels, _ = camera.project(points.reshape(-1, 3), width, height)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    assert np.abs(pixels[:, 0] - x.ravel()).max() < 0.01
    assert np.abs(pixels[:, 1] - y.ravel()).max() < 0.01


def test_rays_of_a_lens_whose_axis_is_not_in_the_middle() -> None:
    rays = rays_of(FRONT.camera_to_world(), (50.0, 60.0), (30.5, 20.5), (64, 48), near=0.2)
    axis = rays.directions()[20, 30]
    assert axis == pytest.approx(FRONT.forward, abs=1e-6)
    right, up, back = FRONT.axes.T
    expected = 10 / 50 * right - 12 / 60 * up - back
    assert rays.directions()[32, 40] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)
    assert (rays.width, rays.height, rays.near) == (64, 48, 0.2)


def test_a_shifted_axis_through_the_cameras_own_grid() -> None:
    rays = FRONT.ray_grid(64, 48, principal=(10.5, 5.5))
    assert rays.directions()[5, 10] == pytest.approx(FRONT.forward, abs=1e-6)


@settings(deadline=None)
@given(cameras)
def test_matrices_of_all_conventions_come_back(camera: Camera) -> None:
    matrix = camera.camera_to_world()
    assert opengl_from_opencv(opencv_from_opengl(matrix)) == pytest.approx(matrix)
    offset = (0.5, 0.25, 0.75)
    assert opengl_from_ngp(ngp_from_opengl(matrix, 0.4, offset), 0.4, offset) == pytest.approx(matrix, abs=1e-5)
    again = camera_from_matrix(matrix, camera.fov_y_rad, camera.distance)
    assert again.camera_to_world() == pytest.approx(matrix, abs=1e-5)
    assert again.pivot == pytest.approx(camera.pivot, abs=1e-4)


def test_opencv_looks_along_z_with_y_down() -> None:
    matrix = opencv_from_opengl(FRONT.camera_to_world())
    assert matrix[:3, 2] == pytest.approx(FRONT.forward, abs=1e-6)
    assert matrix[:3, 1] == pytest.approx(-FRONT.axes[:, 1], abs=1e-6)
    assert matrix[:3, 3] == pytest.approx(FRONT.eye, abs=1e-6)


def test_instant_ngp_has_other_axes_in_a_unit_cube() -> None:
    matrix = ngp_from_opengl(FRONT.camera_to_world())
    x, y, z = FRONT.eye.astype(float)
    assert matrix[:, 3] == pytest.approx([0.33 * y + 0.5, 0.33 * z + 0.5, 0.33 * x + 0.5], abs=1e-6)
    forward = FRONT.forward
    assert matrix[:, 2] == pytest.approx([forward[1], forward[2], forward[0]], abs=1e-6)
    assert np.linalg.det(matrix[:, :3]) == pytest.approx(1)


@settings(deadline=None)
@given(cameras)
def test_a_position_comes_back(camera: Camera) -> None:
    again = camera_from_position(camera.position())
    assert set(camera.position()) == set(RULES)
    assert again.camera_to_world() == pytest.approx(camera.camera_to_world(), abs=1e-5)
    assert again.fov_y_rad == pytest.approx(camera.fov_y_rad)
    assert again.distance == pytest.approx(camera.distance)
    assert all(array.dtype == np.float32 for array in camera.position().values())


@settings(deadline=None)
@given(cameras, cameras, st.floats(0, 1))
def test_between_two_cameras_there_is_a_camera(a: Camera, b: Camera, time: float) -> None:
    pairs = {name: (array, b.position()[name]) for name, array in a.position().items()}
    between = camera_from_position({name: WAYS[RULES[name]](*pair, time) for name, pair in pairs.items()})
    axes = between.axes
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-6)
    assert min(a.distance, b.distance) - 1e-4 <= between.distance <= max(a.distance, b.distance) + 1e-4
    assert np.linalg.norm(between.eye - between.pivot) == pytest.approx(between.distance, rel=1e-4, abs=1e-5)


@settings(deadline=None)
@given(directions)
def test_a_quaternion_is_its_matrix(values: tuple[float, ...]) -> None:
    matrix = quaternion.matrix_of(values)
    assert np.linalg.det(matrix) == pytest.approx(1)
    found = quaternion.quaternion_of(matrix)
    assert abs(found @ quaternion.unit(values)) == pytest.approx(1)
    assert quaternion.matrix_of(quaternion.product(values, found)) == pytest.approx(matrix @ matrix)


def test_a_turn_about_z_is_counter_clockwise() -> None:
    assert quaternion.matrix_of(quaternion.about((0, 0, 2), math.pi / 2)) @ [1, 0, 0] == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("up", [(0, 0, 1), (0, 1, 0)])
@settings(deadline=None)
@given(st.tuples(parts, parts, parts).filter(lambda p: math.hypot(*p) > 0.1))
def test_look_at_is_level_and_keeps_eye_and_pivot(up: tuple[int, ...], eye: tuple[float, ...]) -> None:
    camera = look_at(eye, (0.0, 0.0, 0.0), 1.0, up)
    assert camera.eye == pytest.approx(eye, abs=1e-5)
    assert camera.axes[:, 0] @ up == pytest.approx(0, abs=1e-6)
    assert camera.axes[:, 1] @ up > -1e-6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation", [0, 0, 0, 0]),
        ("rotation", [1, 0, 0]),
        ("rotation", [math.nan, 0, 0, 1]),
        ("pivot", [0, math.inf, 0]),
        ("pivot", [0, 2e6, 0]),
        ("pivot", "abc"),
        ("pivot", None),
        ("pivot", [[0], [0, 0]]),
        ("distance", [0]),
        ("distance", [-1]),
        ("distance", []),
        ("fov", [math.radians(0.5)]),
        ("fov", [math.radians(171)]),
        ("fov", [math.nan]),
        ("fov", {"a": 1}),
    ],
)
def test_unsound_saved_states_are_refused(name: str, value: Any) -> None:
    with pytest.raises(UserError):
        camera_from_position({**FRONT.position(), name: value})


def test_a_state_that_lacks_something_is_refused() -> None:
    for name in RULES:
        with pytest.raises(UserError):
            camera_from_position({key: array for key, array in FRONT.position().items() if key != name})


@pytest.mark.parametrize(
    "matrix",
    [np.eye(2), np.zeros((4, 4)), np.diag([1, 1, -1, 1]), np.full((3, 4), np.nan)],
    ids=["small", "zero", "mirrored", "nan"],
)
def test_matrices_that_are_no_camera_are_refused(matrix: Any) -> None:
    with pytest.raises(UserError):
        camera_from_matrix(matrix, 1.0, 2.0)


def test_a_matrix_that_scales_is_read_as_its_rotation() -> None:
    matrix = FRONT.camera_to_world().copy()
    matrix[:3, :3] *= 1.7
    assert camera_from_matrix(matrix, 1.0, 2.0).axes == pytest.approx(FRONT.axes, abs=1e-6)


def test_nobody_can_look_from_a_point_at_itself() -> None:
    with pytest.raises(UserError):
        look_at((1, 2, 3), (1, 2, 3), 1.0)
