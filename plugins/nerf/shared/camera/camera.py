"""A pinhole camera that turns about a pivot, and how other programs write cameras down.

The camera looks along its -z axis, with x to the right and y up (OpenGL). OpenCV and instant-ngp look along +z with y
down; instant-ngp also moves, scales and renames the axes of the world.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.path.position import Rule
from studio.core.translation import N_

from . import rotation as quaternion
from .ray import FloatArray, RayGrid

Array = npt.NDArray[np.float64]

RULES: Mapping[str, Rule] = {"rotation": "rotation", "pivot": "linear", "distance": "logarithmic", "fov": "logarithmic"}
SIZES: Mapping[str, int] = {"rotation": 4, "pivot": 3, "distance": 1, "fov": 1}
MIN_FOV_RAD, MAX_FOV_RAD = math.radians(1), math.radians(170)
MIN_DISTANCE, MAX_COORDINATE = 1e-4, 1e6
NGP_SCALE, NGP_OFFSET = 0.33, (0.5, 0.5, 0.5)
OPENCV_SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Camera:
    """Where somebody stands and looks; raises UserError where a value is out of its bounds.

    Attributes:
        rotation: float32 (4,), unit quaternion w, x, y, z from the camera's axes to the world's.
        pivot: float32 (3,), the point in the middle of the picture that the camera turns about.
        distance: from the eye to the pivot, in world units.
        fov_y_rad: angle between the upper and the lower edge of the picture, 1 to 170 degrees in radians.
    """

    rotation: FloatArray
    pivot: FloatArray
    distance: float
    fov_y_rad: float

    def __post_init__(self) -> None:
        rotation = _numbers(self.rotation, 4)
        pivot = _numbers(self.pivot, 3)
        distance, fov_y_rad = float(self.distance), float(self.fov_y_rad)
        if (
            not np.linalg.norm(rotation) > 1e-3
            or not MIN_DISTANCE * (1 - TOLERANCE) <= distance <= MAX_COORDINATE
            or not MIN_FOV_RAD * (1 - TOLERANCE) <= fov_y_rad <= MAX_FOV_RAD * (1 + TOLERANCE)
        ):
            raise _unusable()
        object.__setattr__(self, "rotation", quaternion.unit(rotation).astype(np.float32))
        object.__setattr__(self, "pivot", pivot.astype(np.float32))
        object.__setattr__(self, "distance", distance)
        object.__setattr__(self, "fov_y_rad", fov_y_rad)

    @property
    def axes(self) -> Array:
        """The camera's axes in the world, (3, 3): columns right, up and backward."""
        return quaternion.matrix_of(self.rotation)

    @property
    def eye(self) -> FloatArray:
        """Where the camera is, float32 (3,)."""
        return np.asarray(self.pivot + self.distance * self.axes[:, 2], np.float32)

    @property
    def forward(self) -> FloatArray:
        """The unit direction in which it looks, float32 (3,)."""
        return np.asarray(-self.axes[:, 2], np.float32)

    def camera_to_world(self) -> FloatArray:
        """The matrix (4, 4) from the camera's coordinates to the world's, as OpenGL has it."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self.axes, self.pivot + self.distance * self.axes[:, 2]
        return matrix.astype(np.float32)

    def focal(self, height: float) -> float:
        """The focal length in pixels of a picture so high."""
        return 0.5 * height / math.tan(self.fov_y_rad / 2)

    def ray_grid(
        self, width: int, height: int, near: float = 0.0, principal: tuple[float, float] | None = None
    ) -> RayGrid:
        """The rays through the pixels of a picture; `principal` is where its axis goes through, x and y in pixels."""
        focal = self.focal(height)
        return rays_of(self.camera_to_world(), (focal, focal), principal, (width, height), near)

    def project(self, points: npt.ArrayLike, width: float, height: float) -> tuple[FloatArray, FloatArray]:
        """Where points (N, 3) appear in a picture: pixels (N, 2) and depth along the axis (N,).

        The middle of the first pixel is (0.5, 0.5). Pixels are NaN for points that are not in front of the camera.
        """
        local = (np.asarray(points, np.float64) - self.pivot) @ self.axes  # (N, 3)
        depth = self.distance - local[:, 2]
        ahead = np.where(depth > 0, depth, np.nan)
        scaled = self.focal(height) * local[:, :2] / ahead[:, None]
        pixels = np.stack([width / 2 + scaled[:, 0], height / 2 - scaled[:, 1]], axis=-1)
        return pixels.astype(np.float32), depth.astype(np.float32)

    def position(self) -> dict[str, FloatArray]:
        """The camera as named arrays, to go on a path; `RULES` says how each of them changes."""
        return {
            "rotation": self.rotation,
            "pivot": self.pivot,
            "distance": np.array([self.distance], np.float32),
            "fov": np.array([self.fov_y_rad], np.float32),
        }


def rays_of(
    camera_to_world: npt.ArrayLike,
    focal: tuple[float, float],
    principal: tuple[float, float] | None,
    size: tuple[int, int],
    near: float = 0.0,
) -> RayGrid:
    """The rays of a picture taken with a given lens.

    Args:
        camera_to_world: (3, 4) or (4, 4), OpenGL.
        focal: x and y, in pixels.
        principal: where the axis goes through the picture, x and y in pixels; None for the middle.
        size: width and height in pixels.
    """
    matrix = np.asarray(camera_to_world, np.float64)
    x, y = principal or (size[0] / 2, size[1] / 2)
    to_camera = np.array([[1 / focal[0], 0, -x / focal[0]], [0, -1 / focal[1], y / focal[1]], [0, 0, -1]])
    to_direction = np.ascontiguousarray(matrix[:3, :3] @ to_camera, np.float32)
    return RayGrid(np.ascontiguousarray(matrix[:3, 3], np.float32), to_direction, *size, near)


def camera_from_position(position: Mapping[str, Any]) -> Camera:
    """Read what `Camera.position` gave, or what lies on a path between two; raises UserError where it is unsound."""
    try:
        arrays = {name: _numbers(position[name], size) for name, size in SIZES.items()}
    except (KeyError, TypeError, IndexError) as error:
        raise _unusable() from error
    return Camera(
        arrays["rotation"].astype(np.float32),
        arrays["pivot"].astype(np.float32),
        float(arrays["distance"][0]),
        float(arrays["fov"][0]),
    )


def camera_from_matrix(camera_to_world: npt.ArrayLike, fov_y_rad: float, distance: float) -> Camera:
    """The camera of an OpenGL matrix (3, 4) or (4, 4); its pivot lies so far ahead on its axis.

    A matrix that scales is read as its nearest rotation; raises UserError where it is none at all.
    """
    matrix = np.asarray(camera_to_world, np.float64)
    if matrix.shape not in ((3, 4), (4, 4)) or not np.isfinite(matrix).all():
        raise _unusable()
    axes = matrix[:3, :3]
    if np.linalg.det(axes) <= 0 or not MIN_DISTANCE <= distance <= MAX_COORDINATE:
        raise _unusable()
    rotation = quaternion.quaternion_of(axes / np.cbrt(np.linalg.det(axes)))
    pivot = matrix[:3, 3] - distance * quaternion.matrix_of(rotation)[:, 2]
    return Camera(rotation.astype(np.float32), pivot.astype(np.float32), distance, fov_y_rad)


def look_at(eye: npt.ArrayLike, pivot: npt.ArrayLike, fov_y_rad: float, up: npt.ArrayLike = (0.0, 0.0, 1.0)) -> Camera:
    """The camera at a point that looks at another, with a level horizon; straight along `up`, any side is up."""
    start, end = _numbers(eye, 3), _numbers(pivot, 3)
    distance = float(np.linalg.norm(start - end))
    if not distance >= MIN_DISTANCE:
        raise _unusable()
    rotation = quaternion.quaternion_of(level_axes((start - end) / distance, up))
    return Camera(rotation.astype(np.float32), end.astype(np.float32), distance, fov_y_rad)


def level_axes(backward: npt.ArrayLike, up: npt.ArrayLike) -> Array:
    """The axes (3, 3) of a camera with a level horizon, whose backward axis is given, of length 1."""
    back, above = np.asarray(backward, np.float64), np.asarray(up, np.float64)
    right = np.cross(above, back)
    if np.linalg.norm(right) < 1e-6 * np.linalg.norm(above):
        right = np.cross(np.roll(above, -1), back)
    right = right / np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back], axis=1)


def opencv_from_opengl(camera_to_world: npt.ArrayLike) -> Array:
    """The same camera (3 or 4, 4) with the axes of OpenCV: y down, looks along +z; and back again."""
    return np.asarray(camera_to_world, np.float64) * OPENCV_SIGNS


def opengl_from_opencv(camera_to_world: npt.ArrayLike) -> Array:
    """The same camera (3 or 4, 4) with the axes of OpenGL: y up, looks along -z."""
    return opencv_from_opengl(camera_to_world)


def ngp_from_opengl(
    camera_to_world: npt.ArrayLike, scale: float = NGP_SCALE, offset: npt.ArrayLike = NGP_OFFSET
) -> Array:
    """The camera (3, 4) in instant-ngp's world: axes of OpenCV, moved into the unit cube, whose x, y, z are y, z, x."""
    matrix = opencv_from_opengl(camera_to_world)[:3].copy()
    matrix[:, 3] = matrix[:, 3] * scale + np.asarray(offset, np.float64)
    return matrix[[1, 2, 0]]


def opengl_from_ngp(
    camera_to_world: npt.ArrayLike, scale: float = NGP_SCALE, offset: npt.ArrayLike = NGP_OFFSET
) -> Array:
    """The camera (4, 4) of instant-ngp's (3 or 4, 4) in the world that its data set had."""
    matrix = np.asarray(camera_to_world, np.float64)[[2, 0, 1]]
    matrix[:, 3] = (matrix[:, 3] - np.asarray(offset, np.float64)) / scale
    return np.vstack([opengl_from_opencv(matrix), [0.0, 0.0, 0.0, 1.0]])


def _numbers(values: Any, size: int) -> Array:
    """Bring any so many finite numbers, none beyond a million, into one row; raises UserError otherwise."""
    try:
        numbers = np.asarray(values, np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise _unusable() from error
    if len(numbers) != size or not (np.abs(numbers) <= MAX_COORDINATE).all():
        raise _unusable()
    return numbers


def _unusable() -> UserError:
    return UserError(N_("This camera cannot be used."), N_("Reset the view to start again."))
