"""Where a scene is seen from: its own view, the viewpoint of a seed, how far its depths reach, and paths of cameras."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.path.keyframe import DEFAULT_DURATION_S, Keyframe, KeyframePath
from studio.core.path.position import Rule
from studio.core.seed import generator

from .camera import RULES, Camera, camera_from_position, look_at
from .ray import FloatArray
from .rotation import angles_of, rotation_of

FOV_RAD: Final = math.radians(40)
ELEVATION_RAD: Final = math.radians(28)
AZIMUTH_RAD: Final = math.radians(-60)
DISTANCE_IN_RADII: Final = 3.0
N_AZIMUTHS: Final = 24
UP: Final[Mapping[str, tuple[float, float, float]]] = {"z": (0.0, 0.0, 1.0), "y": (0.0, 1.0, 0.0)}
MIN_KEYFRAMES = 3
TIME: Final = "time"
"""What a place of a scene that moves, and the state of its frames, name beside the camera: (1,), 0..1."""


@dataclass(frozen=True, eq=False)
class Extent:
    """The part of the world that a scene fills: a ball about `centre`, float32 (3,)."""

    centre: FloatArray
    radius: float

    def depths(self, camera: Camera) -> tuple[float, float]:
        """The nearest and the farthest distance from the camera at which there may be something."""
        away = float(np.linalg.norm(camera.eye - self.centre))
        return max(away - self.radius, 0.0), away + self.radius


def extent_of(low: npt.NDArray[np.floating[Any]], high: npt.NDArray[np.floating[Any]]) -> Extent:
    """The ball of the mean size of a box, whose corners are seldom filled."""
    return Extent(np.asarray((low + high) / 2, np.float32), float(np.mean(high - low)) / 2)


def home_camera(card: Mapping[str, Any], extent: Extent, up: str = "z") -> Camera:
    """The view that the card names under "camera", or one from above the edge of the scene."""
    named = card.get("camera")
    if isinstance(named, Mapping):
        try:
            return camera_from_position(named)
        except UserError:
            pass  # a card that somebody wrote by hand: the scene gets a view as if there were none
    return orbit_camera(extent.centre, DISTANCE_IN_RADII * extent.radius, AZIMUTH_RAD, ELEVATION_RAD, FOV_RAD, up)


def orbit_camera(
    pivot: FloatArray, distance: float, azimuth_rad: float, elevation_rad: float, fov_y_rad: float, up: str = "z"
) -> Camera:
    """A level camera that looks at `pivot` from an azimuth about the up axis and an elevation above the horizon."""
    level, height = math.cos(elevation_rad), math.sin(elevation_rad)
    x, y = level * math.cos(azimuth_rad), level * math.sin(azimuth_rad)
    away = (x, y, height) if up == "z" else (y, height, x)
    return look_at(pivot + distance * np.array(away), pivot, fov_y_rad, UP[up])


def seed_camera(home: Camera, seed: int, up: str = "z") -> Camera:
    """The viewpoint of a seed about the home view's pivot; 0 is the home view."""
    if seed == 0:
        return home
    azimuth, height, nearness = generator(seed, "viewpoint").random(3)
    distance = home.distance * (0.75 + 0.4 * nearness)
    elevation = math.radians(4 + 61 * height)
    return orbit_camera(home.pivot, distance, 2 * math.pi * azimuth, elevation, home.fov_y_rad, up)


def turntable(
    camera: Camera, duration_s: float, n_keyframes: int = 8, up: npt.ArrayLike = (0.0, 0.0, 1.0)
) -> KeyframePath:
    """Once round the pivot at a steady rate, from a camera back to it, so that the loop has no seam.

    Elevation, distance and roll stay. Two keyframes are less than half a turn apart, so that the way between them is
    the one meant; along it a rotation about one axis is steady, whatever the number of keyframes.
    The camera goes to its left, and the scene turns to the right.

    Args:
        n_keyframes: at least 3.
    """
    if n_keyframes < MIN_KEYFRAMES:
        raise ValueError(n_keyframes)
    angles, step = angles_of(camera.rotation, up), 2 * math.pi / n_keyframes
    turned = (replace(angles, azimuth=angles.azimuth - step * index) for index in range(n_keyframes))
    cameras = [replace(camera, rotation=rotation_of(each, up).astype(np.float32)) for each in turned]
    return path_through(cameras, duration_s / n_keyframes, is_loop=True)


def cameras_around(camera: Camera, up: npt.ArrayLike) -> list[Camera]:
    """The same distance all around the pivot, row by row from above: 24 azimuths at 5 elevations, it in the middle.

    To the right the camera goes to its left, so that the scene turns with a hand.
    """
    angles = angles_of(camera.rotation, up)
    return [
        replace(
            camera,
            rotation=rotation_of(replace(angles, azimuth=angles.azimuth - turn, elevation=elevation), up).astype(
                np.float32
            ),
        )
        for elevation in _elevations_around(angles.elevation)
        for turn in 2 * math.pi * (np.arange(N_AZIMUTHS) / N_AZIMUTHS - 0.5)
    ]


def _elevations_around(elevation: float) -> list[float]:
    rise, most = math.radians(15), math.radians(85)
    return [float(np.clip(elevation + rise * n, -most, most)) for n in (2, 1, 0, -1, -2)]


def completed(path: KeyframePath, rules: Mapping[str, Rule], params: Any) -> KeyframePath:
    """A path of cameras for scenes whose places name more.

    Time goes from 0 to 1 along the way, and never back; all else is everywhere as in `params`.
    """
    more = set(rules) - set(path.rules)
    if not more or not len(path):
        return path
    is_timed = TIME in more
    keyframes = [*path.keyframes, *path.keyframes[: is_timed and path.is_loop]]
    passed = np.cumsum([0.0, *(keyframe.duration_s for keyframe in keyframes[:-1])])
    times = passed / max(passed[-1], 1e-9)
    there = {name: getattr(params, name) for name in more}
    numbers = (there | ({TIME: time} if is_timed else {}) for time in times)
    arrays = ({name: np.array([value], np.float32) for name, value in each.items()} for each in numbers)
    places = ({**keyframe.position, **array} for keyframe, array in zip(keyframes, arrays, strict=True))
    whole = (replace(keyframe, position=place) for keyframe, place in zip(keyframes, places, strict=True))
    return KeyframePath(tuple(whole), rules, path.curve, path.is_loop and not is_timed)


def path_through(
    cameras: Sequence[Camera], duration_s: float = DEFAULT_DURATION_S, is_loop: bool = False
) -> KeyframePath:
    """A smooth path through cameras; each way from one to the next takes so many seconds."""
    keyframes = tuple(Keyframe(camera.position(), duration_s) for camera in cameras)
    return KeyframePath(keyframes, RULES, "smooth", is_loop)
