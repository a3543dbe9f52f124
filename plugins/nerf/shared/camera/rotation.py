"""How a camera is turned: unit quaternions (w, x, y, z), and azimuth, elevation and roll above a level ground."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
STEEPEST_RAD = math.radians(89)
STRAIGHT = 1e-5


def matrix_of(quaternion: npt.ArrayLike) -> Array:
    """Return the rotation matrix (3, 3) of a quaternion (4,), which need not have length 1."""
    w, x, y, z = unit(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_of(matrix: npt.ArrayLike) -> Array:
    """Return the quaternion (4,) of the rotation that is nearest to a matrix (3, 3), with w >= 0 (Bar-Itzhack 2000).

    A matrix that was rounded, or scaled a little, is brought back to a rotation.
    """
    m = np.asarray(matrix, np.float64)
    symmetric = np.empty((4, 4))
    symmetric[0, 0] = np.trace(m)
    symmetric[1:, 1:] = m + m.T - np.trace(m) * np.eye(3)
    symmetric[0, 1:] = symmetric[1:, 0] = m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]
    quaternion = np.linalg.eigh(symmetric)[1][:, -1]
    return np.asarray(-quaternion if quaternion[0] < 0 else quaternion)


def product(a: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Return the rotation that turns by `b` first, then by `a`."""
    (aw, *a_vector), (bw, *b_vector) = np.asarray(a, np.float64), np.asarray(b, np.float64)
    left, right = np.array(a_vector), np.array(b_vector)
    return np.array([aw * bw - left @ right, *(aw * right + bw * left + np.cross(left, right))])


def about(axis: npt.ArrayLike, angle_rad: float) -> Array:
    """Return the turn about an axis (3,) of any length, counter-clockwise when it points at you."""
    direction = np.asarray(axis, np.float64)
    return np.array([np.cos(angle_rad / 2), *(np.sin(angle_rad / 2) * direction / np.linalg.norm(direction))])


def unit(quaternion: npt.ArrayLike) -> Array:
    """Bring a quaternion to length 1."""
    values = np.asarray(quaternion, np.float64)
    return np.asarray(values / np.linalg.norm(values))


@dataclass(frozen=True)
class Angles:
    """Where the camera stands as seen from its pivot, in radians, and how far it is tilted aside.

    Attributes:
        azimuth: about the up axis. With z up, 0 is on the side of +x, a quarter turn on the side of +y.
        elevation: above the ground, -π/2 to π/2.
        roll: counter-clockwise about the axis that points at the photographer; 0 where the horizon is level.
    """

    azimuth: float
    elevation: float
    roll: float = 0.0

    def turned(self, azimuth: float, elevation: float) -> "Angles":
        """Go on by two angles, up to 89° above or below the ground; a camera beyond that goes no further."""
        lowest, highest = min(-STEEPEST_RAD, self.elevation), max(STEEPEST_RAD, self.elevation)
        return Angles(self.azimuth + azimuth, min(max(self.elevation + elevation, lowest), highest), self.roll)


def ground(up: npt.ArrayLike) -> Array:
    """The axes (3, 3) of a world with this up axis: rows to the side, to the back and up.

    The names of the axes go round: z up has x to the side, y up has z to the side, as instant-ngp renames them.
    """
    above = np.asarray(up, np.float64) / np.linalg.norm(up)
    back = np.cross(above, np.roll(above, 1))
    if np.linalg.norm(back) < 1e-3:
        back = np.cross(above, (1.0, 0.0, 0.0))
    back = back / np.linalg.norm(back)
    return np.stack([np.cross(back, above), back, above])


def rotation_of(angles: Angles, up: npt.ArrayLike) -> Array:
    """The quaternion (4,) of a camera turned so."""
    level = _level(angles.azimuth, angles.elevation, ground(up))
    return product(quaternion_of(level), about((0, 0, 1), angles.roll))


def angles_of(rotation: npt.ArrayLike, up: npt.ArrayLike) -> Angles:
    """The angles of a camera's quaternion (4,); `rotation_of` gives it back, also where it looks straight down."""
    axes, world = matrix_of(rotation), ground(up)
    side, back, above = world @ axes[:, 2]
    elevation = math.atan2(above, math.hypot(side, back))
    if math.hypot(side, back) < STRAIGHT:
        side, back, _ = -math.copysign(1.0, above) * (world @ axes[:, 1])
    azimuth = math.atan2(back, side)
    rolled = _level(azimuth, elevation, world).T @ axes
    return Angles(azimuth, elevation, math.atan2(rolled[1, 0], rolled[0, 0]))


def _level(azimuth: float, elevation: float, world: Array) -> Array:
    """Columns right, up and backward of a camera with a level horizon."""
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    backward = math.cos(elevation) * out + np.array([0.0, 0.0, math.sin(elevation)])
    return np.asarray(world.T @ np.stack([right, np.cross(backward, right), backward], axis=1))
