"""A position: named arrays, each with its rule of interpolation, so that latents and cameras travel alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Float64Array: TypeAlias = npt.NDArray[np.float64]
Times: TypeAlias = float | npt.NDArray[Any]
Position: TypeAlias = Mapping[str, Array]
Rule: TypeAlias = Literal["linear", "spherical", "rotation", "logarithmic"]
RULES: tuple[Rule, ...] = ("linear", "spherical", "rotation", "logarithmic")
LEAST_SHARE = 1e-12
"""Of the longest piece of a path: what is shorter would have no slope to walk by."""

# All four ways below take a time t, or T of them at once, (T,), which gives (T, *shape of a). t = 0 is `a`, 1 is `b`;
# beyond these the way goes on.


def lerp(a: Array, b: Array, t: Times) -> Array:
    """Straight line from `a` to `b`."""
    start, way = np.asarray(a, np.float64), np.subtract(b, a, dtype=np.float64)
    return np.asarray(start + _against(t, start) * way, dtype=np.float32)


def slerp(a: Array, b: Array, t: Times) -> Array:
    """Great-circle direction with linearly blended length (Shoemake 1985); a line where the angle is not defined.

    The array as a whole is one vector, whatever its shape: noise (C, H, W) is one place of a sphere.
    """
    length_a, length_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if min(length_a, length_b) < 1e-6:
        return lerp(a, b, t)
    unit_a, unit_b = np.asarray(a, np.float64) / length_a, np.asarray(b, np.float64) / length_b
    angle = float(np.arccos(np.clip(np.sum(unit_a * unit_b), -1.0, 1.0)))
    if angle < 1e-4 or np.pi - angle < 1e-4:
        return lerp(a, b, t)
    time = _against(t, unit_a)
    direction = (np.sin((1 - time) * angle) * unit_a + np.sin(time * angle) * unit_b) / np.sin(angle)
    return np.asarray(((1 - time) * length_a + time * length_b) * direction, dtype=np.float32)


def rotate(a: Array, b: Array, t: Times) -> Array:
    """Turn from the unit quaternions `a` (..., 4) to `b` at a steady rate, each the shortest way (Shoemake 1985).

    A quaternion and its negative are the same rotation; the result has the sign of `a` at t = 0.
    """
    start, end = unit_rows(a), nearest_sign(unit_rows(a), unit_rows(b))
    angle = np.arccos(np.clip(np.sum(start * end, axis=-1, keepdims=True), -1.0, 1.0))  # (..., 1)
    time, is_small = _against(t, start), angle < 1e-4
    sine = np.where(is_small, 1.0, np.sin(angle))
    left = np.where(is_small, 1 - time, np.sin((1 - time) * angle) / sine)
    right = np.where(is_small, time, np.sin(time * angle) / sine)
    return unit_rows(left * start + right * end).astype(np.float32)


def geometric(a: Array, b: Array, t: Times) -> Array:
    """Equal factors in equal times, for positive quantities such as distances."""
    start, way = np.log(a, dtype=np.float64), np.log(b, dtype=np.float64) - np.log(a, dtype=np.float64)
    return np.asarray(np.exp(start + _against(t, start) * way), dtype=np.float32)


def _against(t: Times, array: Float64Array) -> Float64Array:
    """Lay times () or (T,) so that they broadcast against the array: (T, 1, ...)."""
    times = np.asarray(t, np.float64)
    return times.reshape(times.shape + (1,) * array.ndim)


def unit_rows(quaternions: npt.NDArray[Any]) -> Float64Array:
    """Return (..., D) at length 1 along the last axis."""
    rows = np.asarray(quaternions, np.float64)
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def nearest_sign(a: Float64Array, b: Float64Array) -> Float64Array:
    """Return each quaternion of `b` (..., 4) with the sign that lies nearer to `a`."""
    return np.where(np.sum(a * b, axis=-1, keepdims=True) < 0, -b, b)


WAYS: Mapping[Rule, Callable[[Array, Array, Times], Array]] = {
    "linear": lerp,
    "spherical": slerp,
    "rotation": rotate,
    "logarithmic": geometric,
}


def shift(array: Array, offset: Array, rule: Rule) -> Array:
    """Move one array by an offset, in the sense of its rule.

    Args:
        offset: what to add; the logarithm of a factor for "logarithmic"; a quaternion (w, x, y, z) to turn by
            afterwards for "rotation".
    """
    match rule:
        case "rotation":
            return turned(array, offset)
        case "logarithmic":
            return np.asarray(array * np.exp(offset), np.float32)
        case _:
            return np.asarray(array + offset, np.float32)


def offset_between(a: Array, b: Array, rule: Rule) -> Array:
    """Return the offset that moves `a` to `b` with `shift`."""
    match rule:
        case "rotation":
            return turned(np.asarray(a) * np.array([1, -1, -1, -1], np.float32), b)
        case "logarithmic":
            return np.asarray(np.log(b) - np.log(a), np.float32)
        case _:
            return np.asarray(np.asarray(b) - np.asarray(a), np.float32)


def turned(a: Array, by: Array) -> Array:
    """Return the rotation `a` followed by `by`: Hamilton's product of quaternions (w, x, y, z), (..., 4)."""
    w, v = np.asarray(a, np.float64)[..., :1], np.asarray(a, np.float64)[..., 1:]
    w_by, v_by = np.asarray(by, np.float64)[..., :1], np.asarray(by, np.float64)[..., 1:]
    real = w_by * w - np.sum(v_by * v, axis=-1, keepdims=True)
    imaginary = w_by * v + w * v_by + np.cross(v_by, v)
    return np.concatenate([real, imaginary], axis=-1).astype(np.float32)


def constant_speed(distances: Sequence[float], n_frames: int) -> Array:
    """Return times in [0, 1], (n_frames,), that walk a path at constant perceived speed.

    Args:
        distances: how much the picture changes over each of K equal pieces of the path, (K,), non-negative.
        n_frames: how many frames the walk has, at least 2.
    """
    lengths = np.maximum(np.asarray(distances, dtype=np.float64), 0.0)
    longest = lengths.max(initial=0.0)
    if longest <= 0:
        return np.linspace(0.0, 1.0, n_frames).astype(np.float32)
    shares = np.where(lengths > 0, np.maximum(lengths / longest, LEAST_SHARE), 0.0)
    travelled = np.concatenate([[0.0], np.cumsum(shares)])
    times = np.linspace(0.0, 1.0, len(travelled))
    wanted = np.linspace(0.0, travelled[-1], n_frames)
    return np.interp(wanted, travelled, times).astype(np.float32)
