"""Paths of cameras: once round the pivot, and through places that somebody chose."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.core.keyframe import DEFAULT_DURATION_S, Keyframe, KeyframePath

from .camera import RULES, Camera
from .orientation import angles_of, rotation_of

MIN_KEYFRAMES = 3


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


def path_through(
    cameras: Sequence[Camera], duration_s: float = DEFAULT_DURATION_S, is_loop: bool = False
) -> KeyframePath:
    """A smooth path through cameras; each way from one to the next takes so many seconds."""
    keyframes = tuple(Keyframe(camera.position(), duration_s) for camera in cameras)
    return KeyframePath(keyframes, RULES, "smooth", is_loop)
