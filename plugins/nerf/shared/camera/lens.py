"""What a lens does to the places of a picture, and back by Newton's method: the two models of OpenCV.

A lens is six numbers: k1, k2, k3, k4 (radial), p1, p2 (tangential).
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]

N_ITERATIONS: Final = 12
MAX_TANGENT: Final = 20.0
"""Of the angle from the axis of a plain lens."""
MAX_ANGLE_RAD: Final = 3.1
"""From the axis of a fisheye lens; a picture may look backwards, but not all around."""


def bent(places: Doubles, lens: Doubles) -> Doubles:
    """Where a lens (..., 6) puts places (..., 2) of the plane at distance 1: x right, y down."""
    x, y = places[..., 0], places[..., 1]
    p1, p2 = lens[..., 4], lens[..., 5]
    square = x * x + y * y
    radial = _radial(square, lens)
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + 2 * p2 * x * y + p1 * (square + 2 * y * y),
        ],
        axis=-1,
    )


def straight(places: Doubles, lens: Doubles) -> Doubles:
    """The places (..., 2) that `bent` puts at these; outside the lens's range the nearest that was found."""
    found = places.copy()
    for _ in range(N_ITERATIONS):
        found -= _newton_step(found, bent(found, lens) - places, lens)
        np.clip(found, -MAX_TANGENT, MAX_TANGENT, out=found)
    return found


def bent_fisheye(directions: Doubles, lens: Doubles) -> Doubles:
    """Where a fisheye lens (..., 6) puts directions (..., 3), x right, y down, z forward: places (..., 2)."""
    across = np.linalg.norm(directions[..., :2], axis=-1)
    angle = np.arctan2(across, directions[..., 2])
    bent_angle = angle * _radial(angle * angle, lens)
    scale = np.divide(bent_angle, across, out=np.ones_like(across), where=across > 1e-12)
    return np.asarray(directions[..., :2] * scale[..., None])


def straight_fisheye(places: Doubles, lens: Doubles) -> Doubles:
    """The unit directions (..., 3), x right, y down, z forward, that `bent_fisheye` puts at places (..., 2)."""
    wanted = np.linalg.norm(places, axis=-1)
    angle = np.minimum(wanted, MAX_ANGLE_RAD)
    for _ in range(N_ITERATIONS):
        square = angle * angle
        slope = _radial(square, lens) + 2 * square * _radial_slope(square, lens)
        angle = angle - (angle * _radial(square, lens) - wanted) / np.where(np.abs(slope) < 1e-3, 1.0, slope)
        angle = np.clip(angle, 0, MAX_ANGLE_RAD)
    across = np.sin(angle) / np.where(wanted > 1e-12, wanted, 1.0)
    return np.concatenate([places * across[..., None], np.cos(angle)[..., None]], axis=-1)


def _radial(square: Doubles, lens: Doubles) -> Doubles:
    k1, k2, k3, k4 = (lens[..., index] for index in range(4))
    return np.asarray(1 + square * (k1 + square * (k2 + square * (k3 + square * k4))))


def _radial_slope(square: Doubles, lens: Doubles) -> Doubles:
    """The derivative of `_radial` by the square."""
    k1, k2, k3, k4 = (lens[..., index] for index in range(4))
    return np.asarray(k1 + square * (2 * k2 + square * (3 * k3 + square * 4 * k4)))


def _newton_step(places: Doubles, error: Doubles, lens: Doubles) -> Doubles:
    """The inverse of the Jacobian of `bent`, times the error (..., 2); 0 where the lens folds the picture over."""
    x, y = places[..., 0], places[..., 1]
    p1, p2 = lens[..., 4], lens[..., 5]
    square = x * x + y * y
    radial, slope = _radial(square, lens), _radial_slope(square, lens)
    xx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    yy = radial + 2 * y * y * slope + 2 * p2 * x + 6 * p1 * y
    xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y  # the matrix is symmetric
    determinant = xx * yy - xy * xy
    inverse = np.where(np.abs(determinant) > 1e-6, 1 / np.where(determinant == 0, 1, determinant), 0.0)
    step_x = (yy * error[..., 0] - xy * error[..., 1]) * inverse
    step_y = (xx * error[..., 1] - xy * error[..., 0]) * inverse
    return np.stack([step_x, step_y], axis=-1)
