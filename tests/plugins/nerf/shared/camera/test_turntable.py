"""Turntables are steady circles, and smooth paths are smooth for cameras."""

import math

import numpy as np
import pytest

from plugins.nerf.field.params import FieldParams
from plugins.nerf.shared.camera.camera import SIZES, Camera, camera_from_position, look_at
from plugins.nerf.shared.camera.rotation import angles_of
from plugins.nerf.shared.camera.viewpoint import completed, path_through, turntable
from studio.core.path.keyframe import KeyframePath, path_from_json, path_to_json

START = look_at((0.5, -4.0, 1.5), (0.5, 0.2, -0.1), math.radians(40))


def cameras_of(path: KeyframePath, n: int) -> list[Camera]:
    times = np.linspace(0, path.duration_s, n, endpoint=not path.is_loop)
    return [camera_from_position(path.position_at(float(time))) for time in times]


@pytest.mark.parametrize("up", [(0, 0, 1), (0, 1, 0)])
@pytest.mark.parametrize("n_keyframes", [3, 4, 8, 24])
def test_a_turntable_is_a_steady_circle(n_keyframes: int, up: tuple[int, ...]) -> None:
    path = turntable(START, 4.0, n_keyframes, up)
    assert path.is_loop
    assert path.duration_s == pytest.approx(4)
    angles = [angles_of(camera.rotation, up) for camera in cameras_of(path, 240)]
    azimuths = np.unwrap([value.azimuth for value in angles])
    assert np.diff(azimuths) == pytest.approx(-2 * math.pi / 240, rel=1e-3)
    assert np.ptp([value.elevation for value in angles]) < 1e-5
    assert np.ptp([value.roll for value in angles]) < 1e-5


def test_it_starts_where_the_camera_is_and_keeps_its_pivot() -> None:
    for camera in (path_cameras := cameras_of(turntable(START, 6.0), 50)):
        assert camera.pivot == pytest.approx(START.pivot, abs=1e-6)
        assert np.linalg.norm(camera.eye - START.pivot) == pytest.approx(START.distance, rel=1e-5)
    assert path_cameras[0].eye == pytest.approx(START.eye, abs=1e-5)
    sides = path_cameras[10].axes[:, 0] @ path_cameras[0].axes[:, 0]
    assert sides == pytest.approx(math.cos(2 * math.pi / 5), abs=1e-4)


def test_the_camera_goes_to_its_left() -> None:
    second = cameras_of(turntable(START, 4.0), 40)[1]
    assert (second.eye - START.eye) @ START.axes[:, 0] < 0


def test_too_few_keyframes_would_leave_the_way_open() -> None:
    with pytest.raises(ValueError, match="2"):
        turntable(START, 4.0, 2)


def test_a_smooth_path_has_no_kinks() -> None:
    eyes = [(0.0, -4.0, 1.0), (3.0, -2.0, 2.0), (3.5, 2.0, 0.5), (0.0, 2.0, 1.0)]
    fovs = (0.7, 0.5, 0.9, 0.7)
    path = path_through([look_at(eye, (0.0, 0.0, 0.2), fov) for eye, fov in zip(eyes, fovs, strict=True)])
    places = np.array([camera.eye for camera in cameras_of(path, 600)], np.float64)
    for index, eye in enumerate(eyes):
        near = np.linalg.norm(places - eye, axis=1).min()
        assert near < 0.02, index
    speeds = np.diff(places, axis=0)
    assert np.linalg.norm(np.diff(speeds, axis=0), axis=1).max() < 0.05 * np.linalg.norm(speeds, axis=1).max()


def test_half_a_turn_and_more_between_keyframes_takes_the_shorter_way() -> None:
    path = path_through([look_at((0, -4, 1), (0, 0, 0), 0.7), look_at((0.5, 4, 1), (0, 0, 0), 0.7)], 2.0)
    middle = camera_from_position(path.position_at(1.0))
    assert middle.eye[0] > 3  # round the side on which the second one stands
    assert middle.distance == pytest.approx(4.1, abs=0.05)


def test_a_camera_path_is_saved_and_read() -> None:
    path = turntable(START, 4.0)
    again = path_from_json(path_to_json(path), path.rules, {name: (size,) for name, size in SIZES.items()})
    for a, b in zip(cameras_of(path, 7), cameras_of(again, 7), strict=True):
        assert a.camera_to_world() == pytest.approx(b.camera_to_world(), abs=1e-6)


def test_where_places_have_a_time_a_turn_goes_through_all_of_it() -> None:
    around = turntable(START, 4.0, 8)
    params = FieldParams(light=2.5, time=0.3)
    path = completed(around, {**around.rules, "time": "linear", "light": "linear"}, params)
    assert {float(keyframe.position["light"][0]) for keyframe in path.keyframes} == {2.5}
    assert [float(keyframe.position["time"][0]) for keyframe in path.keyframes] == pytest.approx(np.linspace(0, 1, 9))
    assert path.duration_s == pytest.approx(around.duration_s)
    assert not path.is_loop
    assert completed(around, around.rules, params) is around
