"""A position: named arrays, each with its rule of interpolation, so that latents and cameras travel alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Position: TypeAlias = Mapping[str, Array]
Rule: TypeAlias = Literal["linear", "spherical", "logarithmic"]


def lerp(a: Array, b: Array, t: float) -> Array:
    """Straight line from `a` (t = 0) to `b` (t = 1)."""
    return np.asarray(a + np.float32(t) * (b - a), dtype=np.float32)


def slerp(a: Array, b: Array, t: float) -> Array:
    """Great-circle direction with linearly blended length (Shoemake 1985); a line where the angle is not defined."""
    length_a, length_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if min(length_a, length_b) < 1e-6:
        return lerp(a, b, t)
    unit_a, unit_b = a / length_a, b / length_b
    angle = float(np.arccos(np.clip(np.sum(unit_a * unit_b), -1.0, 1.0)))
    if angle < 1e-4 or np.pi - angle < 1e-4:
        return lerp(a, b, t)
    direction = (np.sin((1 - t) * angle) * unit_a + np.sin(t * angle) * unit_b) / np.sin(angle)
    return np.asarray(((1 - t) * length_a + t * length_b) * direction, dtype=np.float32)


def geometric(a: Array, b: Array, t: float) -> Array:
    """Equal factors in equal times, for positive quantities such as distances."""
    return np.asarray(np.exp((1 - t) * np.log(a) + t * np.log(b)), dtype=np.float32)


_RULES: dict[Rule, Callable[[Array, Array, float], Array]] = {
    "linear": lerp,
    "spherical": slerp,
    "logarithmic": geometric,
}


def interpolate(a: Position, b: Position, t: float, rules: Mapping[str, Rule]) -> dict[str, Array]:
    """Blend two positions with the same names; t in [0, 1]; t = 0 and 1 give `a` and `b` exactly."""
    if t <= 0 or t >= 1:
        return dict(a if t <= 0 else b)
    return {name: _RULES[rules[name]](a[name], b[name], t) for name in a}


def constant_speed(distances: Sequence[float], n_frames: int) -> Array:
    """Return times in [0, 1], (n_frames,), that walk a path at constant perceived speed.

    Args:
        distances: how much the picture changes over each of K equal pieces of the path, (K,), non-negative.
        n_frames: how many frames the walk has, at least 2.
    """
    lengths = np.maximum(np.asarray(distances, dtype=np.float64), 0.0)
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    times = np.linspace(0.0, 1.0, len(travelled))
    if travelled[-1] <= 0:
        return np.linspace(0.0, 1.0, n_frames).astype(np.float32)
    wanted = np.linspace(0.0, travelled[-1], n_frames)
    return np.interp(wanted, travelled, times).astype(np.float32)
