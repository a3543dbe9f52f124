"""Unit quaternions (w, x, y, z) and the rotations that they are."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


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
