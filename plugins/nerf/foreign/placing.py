"""Puts a scene whose world lies anyhow where the studio expects it: upright, round the origin, cameras about 4 away."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError

from .shots import Shot

Doubles: TypeAlias = npt.NDArray[np.float64]
Box: TypeAlias = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

AWAY: Final = 4.0
MIN_POINTS: Final = 20
N_ASKED: Final = 40
MARGIN: Final = 0.1
FARTHEST: Final = 4.0
"""Times the way of the farthest camera: the box ends there, however far away something was seen."""
_EDGES: Final = (2, 98)
"""Percentiles of the points between which the scene lies: some points are always far off."""


def placed(shots: Sequence[Shot], points: Doubles) -> tuple[list[Shot], Box | None]:
    """The same photos in the studio's world, and the box (3,), (3,) round points (P, 3); None where there are too few.

    Up is where the upper sides of the upright photos point on average, of 40 of them.
    """
    cameras = np.stack([shot.camera_to_world for shot in shots])
    is_known = len(points) >= MIN_POINTS
    middle = np.median(points if is_known else cameras[:, :3, 3], axis=0)
    turn = upright(_up(shots))
    distances = np.linalg.norm(cameras[:, :3, 3] - middle, axis=-1)
    scale = AWAY / max(float(np.median(distances)), 1e-9)
    cameras[:, :3, 3] = scale * (cameras[:, :3, 3] - middle) @ turn.T
    cameras[:, :3, :3] = turn @ cameras[:, :3, :3]
    moved = [replace(shot, camera_to_world=camera) for shot, camera in zip(shots, cameras, strict=True)]
    if not is_known:
        return moved, None
    low, high = np.percentile(scale * (points - middle) @ turn.T, _EDGES, axis=0)
    margin, farthest = MARGIN * (high - low).max() + 1e-3, FARTHEST * scale * float(distances.max())
    low, high = np.clip([low - margin, high + margin], -farthest, farthest).astype(np.float32)
    return moved, (low, high)


def _up(shots: Sequence[Shot]) -> Doubles:
    """The mean direction (3,); photos that cannot be read do not count."""
    total = np.zeros(3)
    for number in np.unique(np.linspace(0, len(shots) - 1, N_ASKED).astype(np.int64)):
        with suppress(UserError):
            total += shots[number].up()
    return total


def upright(up: Doubles) -> Doubles:
    """The shortest turn (3, 3) that makes a direction point along z; none where it is no direction."""
    length = float(np.linalg.norm(up))
    if length < 1e-6:
        return np.eye(3)
    x, y, z = up / length
    if z < -1 + 1e-9:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0, 0, -x], [0, 0, -y], [x, y, 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + z))
