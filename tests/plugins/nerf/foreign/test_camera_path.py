"""Camera paths of instant-ngp and nerfstudio: read, written, and refused where they are hostile."""

import json
import math
from typing import Any

import numpy as np
import pytest

from plugins.nerf.foreign.camera_path import PathWorld, read_camera_path, write_nerfstudio_path, write_ngp_path
from plugins.nerf.shared.camera.camera import camera_from_position, look_at
from plugins.nerf.shared.camera.viewpoint import path_through, turntable
from studio.core.error import UserError

WORLD = PathWorld(False, 4.0, (320, 180))
NGP_WORLD = PathWorld(True, 1.5, (320, 180))
CAMERAS = [look_at(eye, (0.2, 0.1, 0.4), 0.7) for eye in ((3, 0, 1), (0, 3.5, 2), (-3, 0.5, 0.5))]
# Two keyframes of a file that instant-ngp's window wrote: it looks at the middle of its unit cube.
NGP_FILE: dict[str, Any] = {
    "loop": True,
    "path": [
        {
            "R": [0.9752712845802307, 0.02367633581161499, -0.13074590265750885, 0.17660845816135406],
            "T": [0.8360474109649658, 1.0097604990005493, 1.586057424545288],
            "aperture_size": 0.0,
            "fov": 50.625,
            "glow_mode": 0,
            "glow_y_cutoff": 0.0,
            "scale": 1.2396693229675293,
            "slice": 0.0,
        },
        {
            "R": [0.8581913709640503, 0.0871771052479744, -0.4814110994338989, 0.1554068773984909],
            "T": [1.5209990739822388, 1.0097604990005493, 1.071290373802185],
            "aperture_size": 0.0,
            "fov": 50.625,
            "scale": 1.2396693229675293,
            "slice": 0.0,
        },
    ],
    "time": 0.0,
}


def written(path, values):
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return path


def cameras_of(path):
    return [camera_from_position(one.position) for one in path.keyframes]


def assert_alike(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert np.allclose(one.camera_to_world(), other.camera_to_world(), atol=1e-4)
        assert one.fov_y_rad == pytest.approx(other.fov_y_rad, abs=1e-5)


@pytest.mark.parametrize("world", [WORLD, NGP_WORLD])
def test_instant_ngp_there_and_back(world, tmp_path) -> None:
    path = path_through(CAMERAS, 2.0, is_loop=True)
    write_ngp_path(tmp_path / "base_cam.json", path, world)
    found = read_camera_path(tmp_path / "base_cam.json", world)
    assert_alike(cameras_of(found), CAMERAS)
    assert [one.distance for one in cameras_of(found)] == pytest.approx([one.distance for one in CAMERAS])
    assert found.is_loop
    assert found.duration_s == pytest.approx(2.0 + 2.0 + 1.5)


def test_nerfstudio_there_and_back(tmp_path) -> None:
    path = turntable(CAMERAS[0], 2.0)
    write_nerfstudio_path(tmp_path / "camera_path.json", path, WORLD)
    found = read_camera_path(tmp_path / "camera_path.json", WORLD)
    assert found.is_loop
    assert len(found) == 60
    assert found.duration_s == pytest.approx(2.0)
    for time_s in (0.0, 0.41, 1.33):
        one, other = (camera_from_position(each.position_at(time_s)) for each in (found, path))
        assert np.allclose(one.eye, other.eye, atol=0.01)
        assert np.allclose(one.forward, other.forward, atol=0.01)


def test_a_long_nerfstudio_path_keeps_some_pictures_and_its_length(tmp_path) -> None:
    write_nerfstudio_path(tmp_path / "long.json", turntable(CAMERAS[0], 20.0), WORLD)
    found = read_camera_path(tmp_path / "long.json", WORLD)
    assert len(found) == 100
    assert found.duration_s == pytest.approx(20.0)


def test_instant_ngps_own_file_looks_at_its_middle(tmp_path) -> None:
    path = read_camera_path(written(tmp_path / "base_cam.json", NGP_FILE), NGP_WORLD)
    first = cameras_of(path)[0]
    assert np.allclose(first.eye, NGP_FILE["path"][0]["T"], atol=1e-5)
    assert np.abs(first.pivot - 0.5).max() < 0.12
    assert first.fov_y_rad == pytest.approx(math.radians(50.625))
    assert first.axes[1, 1] > 0.8  # y points up there, and the picture stands upright


def test_in_a_world_of_ours_the_middle_is_the_origin_and_z_points_up(tmp_path) -> None:
    path = read_camera_path(written(tmp_path / "base_cam.json", NGP_FILE), WORLD)
    for camera in cameras_of(path):
        assert np.abs(camera.pivot).max() < 0.36
        assert camera.axes[2, 1] > 0.8


def test_nerfstudios_layout(tmp_path) -> None:
    turned = [0, 0, 1, 2, 1, 0, 0, 0, 0, 1, 0, 0.5, 0, 0, 0, 1]
    frames = [{"camera_to_world": turned, "fov": 50, "aspect": 1.5} for _ in range(3)]
    values = {"camera_type": "perspective", "render_height": 720, "render_width": 1080, "fps": 24, "seconds": 4}
    path = read_camera_path(written(tmp_path / "a.json", values | {"camera_path": frames, "is_cycle": False}), WORLD)
    camera = cameras_of(path)[0]
    assert np.allclose(camera.eye, (2, 0, 0.5), atol=1e-6)
    assert np.allclose(camera.forward, (-1, 0, 0), atol=1e-6)
    assert np.allclose(camera.pivot, (-2, 0, 0.5), atol=1e-6)
    assert path.duration_s == pytest.approx(2 * 4 / 3)
    nested = [{**one, "camera_to_world": np.reshape(turned, (4, 4)).tolist()} for one in frames]
    again = read_camera_path(written(tmp_path / "b.json", values | {"camera_path": nested}), WORLD)
    assert_alike(cameras_of(again), cameras_of(path))


HUGE = "1" + "0" * 400
STILL = f'{{"camera_to_world": {np.eye(4).ravel().tolist()}, "fov": 50}}'
HOSTILE = {
    "no path": {"frames": []},
    "a list": [1, 2],
    "not JSON": "{",
    "empty": {"path": []},
    "empty of nerfstudio": {"camera_path": []},
    "no numbers": {"path": [{"R": "abcd", "T": [0, 0, 0], "fov": 50}]},
    "too few": {"path": [{"R": [1, 0, 0], "T": [0, 0, 0], "fov": 50}]},
    "far away": {"path": [{"R": [0, 0, 0, 1], "T": [1e30, 0, 0], "fov": 50, "scale": 1}]},
    "no rotation": {"camera_path": [{"camera_to_world": [0.0] * 16, "fov": 50}]},
    "mirrored": {"camera_path": [{"camera_to_world": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1], "fov": 50}]},
    "no angle": {"camera_path": [{"camera_to_world": np.eye(4).ravel().tolist(), "fov": 400}]},
    "not a table": {"camera_path": [7]},
    "huge number": f'{{"path": [{{"R": [0, 0, 0, 1], "T": [{HUGE}, 0, 0], "fov": 50}}]}}',
    "huge time": f'{{"camera_path": [{STILL}], "seconds": {HUGE}}}',
    "deep": "[" * 5000,
    "large": '{"path": [' + "7, " * 400_000 + "7]}",
}


@pytest.mark.parametrize("values", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused(values, tmp_path) -> None:
    with pytest.raises(UserError):
        read_camera_path(written(tmp_path / "path.json", values), WORLD)
