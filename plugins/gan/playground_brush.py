"""A brush that scatters points where a hand paints, and takes them away again."""

import math

import numpy as np

from .playground_network import FloatArray
from .playground_target import EXTENT, MAX_PAINTED

Place = tuple[float, float]
DENSITY = 5
"""Points of a dab; along a stroke as many for each half radius of the way."""


def dabbed(painted: FloatArray, start: Place, end: Place, radius: float, rng: np.random.Generator) -> FloatArray:
    """The points (N, 2) with new ones around the way from start to end; beyond the bound none are added."""
    length = math.dist(start, end)
    n = min(DENSITY * max(1, round(2 * length / radius)), MAX_PAINTED - len(painted))
    if n <= 0:
        return painted
    share, angle, away = rng.random((3, n))
    middle = np.array(start) + share[:, None] * (np.array(end) - np.array(start))
    scatter = radius * np.sqrt(away)[:, None] * np.stack([np.cos(2 * math.pi * angle), np.sin(2 * math.pi * angle)], 1)
    added = np.clip(middle + scatter, -EXTENT, EXTENT).astype(np.float32)
    return np.concatenate([painted, added])


def erased(painted: FloatArray, start: Place, end: Place, radius: float) -> FloatArray:
    """The points (N, 2) without those that lie within the radius of the way from start to end."""
    origin, way = np.array(start, np.float32), np.array(end, np.float32) - np.array(start, np.float32)
    length = float(way @ way)
    share = np.clip((painted - origin) @ way / length, 0, 1) if length > 0 else np.zeros(len(painted), np.float32)
    distance = np.linalg.norm(painted - origin - share[:, None] * way, axis=1)
    return np.ascontiguousarray(painted[distance > radius])
