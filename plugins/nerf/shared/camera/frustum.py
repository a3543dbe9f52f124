"""Where the training photos were taken: their pyramids in the world and in the view, and which of them is nearest.

Shapes: N photos.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .camera import MAX_FOV_RAD, MIN_DISTANCE, Array, Camera, camera_from_matrix
from .ray import FloatArray

NEAR_SHARE: Final = 1e-3
LONGEST_RADII, NEIGHBOUR_SHARE = 0.3, 0.4
NEAREST_PIVOT_RADII: Final = 0.1
SAME_DISTANCE, SAME_ANGLE_RAD = 0.02, math.radians(1.5)


@dataclass(frozen=True)
class NearestPhoto:
    """The photo that was taken most nearly from where a camera stands.

    Attributes:
        index: which one.
        distance: between the two eyes, in distances of the camera from its pivot.
        angle_rad: between the two directions of view.
    """

    index: int
    distance: float
    angle_rad: float

    @property
    def is_same(self) -> bool:
        """Whether nobody would see that the camera stands elsewhere."""
        return self.distance < SAME_DISTANCE and self.angle_rad < SAME_ANGLE_RAD


def pyramids(
    camera_to_world: npt.ArrayLike, intrinsics: npt.ArrayLike, size: tuple[int, int], length: float
) -> FloatArray:
    """The eye and the upper left, upper right, lower right and lower left corner of each photo, float32 (N, 5, 3).

    Args:
        camera_to_world: (N, 4, 4), OpenGL.
        intrinsics: (N, 4): fx, fy, cx, cy in pixels.
        size: width and height of the photos in pixels.
        length: from the eye to the photo, in world units.
    """
    matrices, (fx, fy, cx, cy) = np.asarray(camera_to_world, np.float64), np.asarray(intrinsics, np.float64).T
    width, height = size
    corners = np.zeros((len(matrices), 5, 3))
    for place, (x, y) in enumerate(((0, 0), (width, 0), (width, height), (0, height)), 1):
        corners[:, place] = np.stack([(x - cx) / fx, (cy - y) / fy, -np.ones_like(fx)], axis=-1) * length
    world = corners @ matrices[:, :3, :3].swapaxes(1, 2) + matrices[:, None, :3, 3]
    return world.astype(np.float32)


def pyramid_length(eyes: npt.ArrayLike, radius: float) -> float:
    """A length for all pyramids at which neighbours (N, 3) seldom run into each other."""
    places = np.asarray(eyes, np.float64)
    if len(places) < 2:
        return LONGEST_RADII * radius
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    usual = NEIGHBOUR_SHARE * float(np.median(apart.min(axis=1)))
    return min(max(usual, 0.1 * LONGEST_RADII * radius), LONGEST_RADII * radius)


def projected_pyramids(
    camera: Camera, corners: FloatArray, width: float, height: float
) -> tuple[FloatArray, FloatArray]:
    """Where pyramids (N, 5, 3) appear: pixels (N, 5, 2), all NaN where one is not wholly ahead, and depths (N,)."""
    pixels, depths = camera.project(corners.reshape(-1, 3), width, height)
    pixels, depths = pixels.reshape(-1, 5, 2), depths.reshape(-1, 5)
    pixels[(depths < NEAR_SHARE * camera.distance).any(axis=1)] = np.nan
    return pixels, np.asarray(depths.mean(axis=1))


def nearest_photo(camera: Camera, camera_to_world: npt.ArrayLike) -> NearestPhoto | None:
    """The photo whose eye and direction (N, 4, 4) are nearest: a radian counts as much as the way to the pivot."""
    matrices = np.asarray(camera_to_world, np.float64)
    if not len(matrices):
        return None
    distances = np.linalg.norm(matrices[:, :3, 3] - camera.eye, axis=-1) / camera.distance
    angles = np.arccos(np.clip(matrices[:, :3, 2] @ camera.axes[:, 2], -1, 1))
    index = int(np.argmin(distances + angles))
    return NearestPhoto(index, float(distances[index]), float(angles[index]))


def photo_camera(
    camera_to_world: npt.ArrayLike, fov_y_rad: float, aspect: float, view_aspect: float, centre: Array, radius: float
) -> Camera:
    """The camera that took a photo, for a view that shall show all of it; its pivot is beside the scene's middle.

    Args:
        fov_y_rad: of the photo.
        aspect, view_aspect: width over height, of the photo and of the view.
        centre, radius: of the scene.
    """
    matrix = np.asarray(camera_to_world, np.float64)
    ahead = float((matrix[:3, 3] - centre) @ matrix[:3, 2])
    distance = max(ahead, NEAREST_PIVOT_RADII * radius, MIN_DISTANCE)
    tangent = math.tan(fov_y_rad / 2) * max(1.0, aspect / view_aspect)
    return camera_from_matrix(matrix, min(2 * math.atan(tangent), MAX_FOV_RAD), distance)


def stepped(index: int, step: int, n_photos: int) -> int:
    """The photo that is so many further, round from the last to the first."""
    return (index + step) % n_photos
