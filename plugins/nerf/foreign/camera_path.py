"""Reads and writes the camera paths of instant-ngp (base_cam.json) and nerfstudio (camera_path.json).

instant-ngp keeps keyframes in its own world, with the axes of OpenCV. nerfstudio keeps every picture of the path with
the axes of OpenGL, and is taken to have the scene's world; of many pictures some become keyframes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.atomic import atomic_write
from studio.core.container.json_text import parse_json
from studio.core.container.source import open_regular
from studio.core.error import UserError
from studio.core.path.keyframe import (
    DEFAULT_DURATION_S,
    MAX_DURATION_S,
    MAX_KEYFRAMES,
    MIN_DURATION_S,
    Keyframe,
    KeyframePath,
)
from studio.core.translation import N_

from ..shared.camera.camera import (
    MIN_DISTANCE,
    NGP_SCALE,
    RULES,
    Camera,
    camera_from_matrix,
    camera_from_position,
    ngp_from_opengl,
    opengl_from_ngp,
    opengl_from_opencv,
)
from ..shared.camera.rotation import matrix_of, quaternion_of

FPS: Final = 30
MAX_BYTES: Final = 16 << 20
_KEPT: Final = 100
_DEFAULT_FPS: Final = 24
_LAST_ROW: Final = (0.0, 0.0, 0.0, 1.0)
_UNEXPECTED: Final = (KeyError, TypeError, ValueError, OverflowError, IndexError)


@dataclass(frozen=True)
class PathWorld:
    """Where a path is read or written.

    Attributes:
        is_ngp: whether the scene's world is instant-ngp's, as that of its snapshots.
        distance: from the eye to the pivot where a file names none, in world units.
        size: width and height of a picture in pixels.
    """

    is_ngp: bool
    distance: float
    size: tuple[int, int]


def read_camera_path(path: Path, world: PathWorld) -> KeyframePath:
    """Read a path of either program; raises UserError where the file holds none, or one that cannot be used."""
    with open_regular(path) as file:
        values = parse_json(file.read(MAX_BYTES + 1), MAX_BYTES)
    table = values if isinstance(values, Mapping) else {}
    try:
        if isinstance(table.get("camera_path"), list):
            return _from_nerfstudio(table, world)
        if isinstance(table.get("path"), list):
            return _from_ngp(table, world)
    except _UNEXPECTED as error:
        raise _unusable() from error
    raise UserError(
        N_("There is no camera path in this file."),
        N_("Paths of instant-ngp (base_cam.json) and nerfstudio (camera_path.json) can be opened."),
    )


def write_ngp_path(target: Path, path: KeyframePath, world: PathWorld) -> None:
    """Write the keyframes as instant-ngp reads them."""
    keyframes = [
        {**_ngp_values(camera_from_position(one.position), world), "timestamp": time_s}
        for one, time_s in zip(path.keyframes, path.times_s, strict=True)
    ]
    _write(target, {"loop": path.is_loop, "path": keyframes, "time": 0.0})


def write_nerfstudio_path(target: Path, path: KeyframePath, world: PathWorld) -> None:
    """Write every picture of the path, 30 a second, as nerfstudio reads it."""
    width, height = world.size
    times_s = [path.frame_time_s(index, FPS) for index in range(path.n_frames(FPS))]
    cameras = [camera_from_position(path.position_at(time_s)) for time_s in times_s]
    frames = [
        {
            "camera_to_world": camera.camera_to_world().astype(float).ravel().tolist(),
            "fov": math.degrees(camera.fov_y_rad),
            "aspect": width / height,
        }
        for camera in cameras
    ]
    about = {"camera_type": "perspective", "render_height": height, "render_width": width, "fps": FPS}
    about |= {"seconds": len(frames) / FPS, "is_cycle": path.is_loop, "smoothness_value": 0.0}
    _write(target, {"keyframes": [], **about, "camera_path": frames})


def _from_ngp(table: Mapping[str, Any], world: PathWorld) -> KeyframePath:
    items = _some(table["path"], MAX_KEYFRAMES)
    cameras = [_ngp_camera(table["path"][index], world) for index in items]
    times_s = [float(table["path"][index].get("timestamp", 0.0)) for index in items]
    steps_s = [*np.diff(times_s), DEFAULT_DURATION_S]
    return _path(cameras, [step if step > 0 else DEFAULT_DURATION_S for step in steps_s], table.get("loop") is True)


def _ngp_camera(values: Mapping[str, Any], world: PathWorld) -> Camera:
    x, y, z, w = (float(value) for value in values["R"])
    matrix = np.column_stack([matrix_of((w, x, y, z)), np.asarray(values["T"], np.float64)])
    away = abs(float(values.get("scale") or 0.0)) / (1.0 if world.is_ngp else NGP_SCALE)
    placed = np.vstack([opengl_from_opencv(matrix), _LAST_ROW]) if world.is_ngp else opengl_from_ngp(matrix)
    return camera_from_matrix(placed, _fov(values), max(away or world.distance, MIN_DISTANCE))


def _ngp_values(camera: Camera, world: PathWorld) -> dict[str, Any]:
    matrix = camera.camera_to_world().astype(np.float64)
    placed = opengl_from_opencv(matrix)[:3] if world.is_ngp else ngp_from_opengl(matrix)
    rotation = quaternion_of(placed[:, :3])
    return {
        "R": [float(value) for value in np.roll(rotation, -1)],
        "T": [float(value) for value in placed[:, 3]],
        "aperture_size": 0.0,
        "fov": math.degrees(camera.fov_y_rad),
        "glow_mode": 0,
        "glow_y_cutoff": 0.0,
        "scale": camera.distance * (1.0 if world.is_ngp else NGP_SCALE),
        "slice": 0.0,
    }


def _from_nerfstudio(table: Mapping[str, Any], world: PathWorld) -> KeyframePath:
    frames = table["camera_path"]
    chosen = _some(frames, _KEPT)
    seconds = float(table.get("seconds") or len(frames) / float(table.get("fps") or _DEFAULT_FPS))
    cameras = [
        camera_from_matrix(
            np.asarray(frames[index]["camera_to_world"], np.float64).reshape(-1, 4), _fov(frames[index]), world.distance
        )
        for index in chosen
    ]
    steps_s = np.diff([*chosen, len(frames)]) * (seconds / len(frames))
    return _path(cameras, steps_s.tolist(), table.get("is_cycle") is True)


def _fov(values: Mapping[str, Any]) -> float:
    return math.radians(float(values["fov"]))


def _some(items: Sequence[Any], most: int) -> list[int]:
    """The numbers of at most so many items, evenly, the first and the last among them."""
    if not items:
        raise UserError(N_("This camera path is empty."))
    return sorted({round(place) for place in np.linspace(0, len(items) - 1, min(most, len(items)))})


def _path(cameras: Sequence[Camera], steps_s: Sequence[float], is_loop: bool) -> KeyframePath:
    if not np.isfinite(steps_s).all():
        raise _unusable()
    durations_s = np.clip(steps_s, MIN_DURATION_S, MAX_DURATION_S).tolist()
    keyframes = [Keyframe(one.position(), step) for one, step in zip(cameras, durations_s, strict=True)]
    return KeyframePath(tuple(keyframes), RULES, "smooth", is_loop)


def _write(target: Path, values: Mapping[str, Any]) -> None:
    atomic_write(target, json.dumps(values, indent=1).encode())


def _unusable() -> UserError:
    return UserError(N_("This camera path cannot be used: a camera in it is damaged."))
