"""Moves a whole scene: centres, splats and the harmonics of their colours, which turn with it."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ...splats.model.splats import N_COEFFICIENTS, FloatArray, Splats

_C1: Final = 0.4886025119029199
_C2: Final = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
_C3: Final = (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154, 1.445305721320277)
_N_DIRECTIONS: Final = 64
_AT_ONCE: Final = 1 << 16
_FAR_FROM_ROTATION: Final = 1e-3


def basis(directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The harmonics (N, 16) up to degree 3 along unit directions (N, 3), with the signs of the paper's program."""
    x, y, z = directions.T
    xx, yy, zz = x * x, y * y, z * z
    columns = [np.full_like(x, 0.28209479177387814), -_C1 * y, _C1 * z, -_C1 * x]
    columns += [_C2[0] * x * y, -_C2[0] * y * z, _C2[1] * (2 * zz - xx - yy), -_C2[0] * x * z, _C2[2] * (xx - yy)]
    columns += [-_C3[0] * y * (3 * xx - yy), _C3[1] * x * y * z, -_C3[2] * y * (4 * zz - xx - yy)]
    columns += [_C3[3] * z * (2 * zz - 3 * xx - 3 * yy), -_C3[2] * x * (4 * zz - xx - yy)]
    columns += [_C3[4] * z * (xx - yy), -_C3[0] * x * (xx - 3 * yy)]
    return np.stack(columns, axis=1)


def moved(splats: Splats, matrix: npt.NDArray[np.float64]) -> Splats | None:
    """The splats after a matrix (4, 4) that turns, moves and scales all directions alike; None where it does more."""
    size = float(np.cbrt(np.linalg.det(matrix[:3, :3])))
    if not np.isfinite(matrix).all() or not 1e-9 < size < 1e9:
        return None
    turn = matrix[:3, :3] / size
    if np.abs(turn @ turn.T - np.eye(3)).max() > _FAR_FROM_ROTATION:
        return None
    return Splats(
        (splats.centres @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32),
        splats.log_scales + np.float32(np.log(size)),
        _turned_rotations(splats.rotations, turn),
        splats.opacity_logits,
        _turned_harmonics(splats.harmonics, turn),
    )


def _turned_harmonics(harmonics: FloatArray, turn: npt.NDArray[np.float64]) -> FloatArray:
    """What shows along R d what was seen along d, degree by degree."""
    directions = np.random.default_rng(0).normal(size=(_N_DIRECTIONS, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before, after = basis(directions), basis(directions @ turn.T)
    result = harmonics.copy()
    for first, end in pairwise(N_COEFFICIENTS):
        if end <= harmonics.shape[1]:
            change = np.linalg.lstsq(after[:, first:end], before[:, first:end], rcond=None)[0].astype(np.float32)
            for start in range(0, len(harmonics), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                result[part, first:end] = change @ harmonics[part, first:end]
    return result


def _turned_rotations(rotations: FloatArray, turn: npt.NDArray[np.float64]) -> FloatArray:
    """Q r for quaternions r (N, 4) and the quaternion q of a turn."""
    w, x, y, z = _quaternion(turn)
    by = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    return (rotations @ by.T).astype(np.float32)


def _quaternion(turn: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The quaternion w, x, y, z of a rotation: the eigenvector of Bar-Itzhack's matrix, whatever the angle."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    upper = [
        [a + e + i, h - f, c - g, d - b],
        [0, a - e - i, b + d, c + g],
        [0, 0, e - a - i, f + h],
        [0, 0, 0, i - a - e],
    ]
    return np.asarray(np.linalg.eigh(np.array(upper), UPLO="U")[1][:, -1])
