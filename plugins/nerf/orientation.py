"""How a camera is turned, told as azimuth, elevation and roll above a level ground."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import quaternion

Array = npt.NDArray[np.float64]

STEEPEST_RAD = math.radians(89)
STRAIGHT = 1e-5


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
        return Angles(
            self.azimuth + azimuth, min(max(self.elevation + elevation, lowest), highest), self.roll
        )


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
    return quaternion.product(quaternion.quaternion_of(level), quaternion.about((0, 0, 1), angles.roll))


def angles_of(rotation: npt.ArrayLike, up: npt.ArrayLike) -> Angles:
    """The angles of a camera's quaternion (4,); `rotation_of` gives it back, also where it looks straight down."""
    axes, world = quaternion.matrix_of(rotation), ground(up)
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
