"""A field whose pictures are known without drawing it: a ball of constant density, coloured by place."""

from typing import Any

import numpy as np
import numpy.typing as npt

from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.shared.camera.ray import RayGrid

FloatArray = npt.NDArray[np.float32]


class Ball:
    """A ball of constant density round a point; colour = 0.5 + 0.5 (x - middle) / radius, seen alike from everywhere.

    The box reaches from -1 to 1 on each axis.
    """

    def __init__(
        self,
        radius: float = 0.6,
        density: float = 200.0,
        middle: tuple[float, float, float] = (0.0, 0.0, 0.0),
        resolution: int = 64,
    ) -> None:
        self.radius = radius
        self.constant = density
        self.middle = np.array(middle, np.float32)
        self.occupancy = ball_occupancy(radius, self.middle, resolution)
        self.step = 0.0034

    def density(self, positions: FloatArray) -> FloatArray:
        inside = np.linalg.norm(positions - self.middle, axis=-1) <= self.radius
        return np.where(inside, np.float32(self.constant), np.float32(0))

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        assert directions.shape == positions.shape
        colour = np.clip(0.5 + 0.5 * (positions - self.middle) / self.radius, 0, 1)
        return self.density(positions), colour.astype(np.float32)

    def crossings(self, origin: FloatArray, directions: FloatArray) -> tuple[Any, Any]:
        """Where rays (..., 3) from a point go in and out, NaN where they miss."""
        off = origin.astype(np.float64) - self.middle
        along = directions.astype(np.float64) @ off
        inner = along**2 - (off @ off - self.radius**2)
        root = np.sqrt(np.where(inner >= 0, inner, np.nan))
        return -along - root, -along + root


def ball_occupancy(radius: float, middle: FloatArray, resolution: int) -> OccupancyGrid:
    """Cells of -1..1 that a ball reaches into: the nearest point of the cell lies inside."""
    edges = np.linspace(-1, 1, resolution + 1)
    gaps = [np.maximum(np.maximum(edges[:-1] - m, m - edges[1:]), 0) for m in middle.astype(np.float64)]
    squared = gaps[2][:, None, None] ** 2 + gaps[1][:, None] ** 2 + gaps[0] ** 2
    cells = (squared <= radius**2).astype(np.uint8)[None]
    return OccupancyGrid(cells, np.full(3, -1, np.float32), np.full(3, 1, np.float32))


def rays_from(
    eye: tuple[float, float, float], width: int, height: int, focal: float = 1.4, near: float = 0.0
) -> RayGrid:
    """A camera at `eye` that looks at the origin; `focal` in heights of the picture."""
    origin = np.array(eye, np.float64)
    back = origin / np.linalg.norm(origin)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    f = focal * height
    columns = [right / f, -up / f, -back - right * width / (2 * f) + up * height / (2 * f)]
    return RayGrid(origin.astype(np.float32), np.stack(columns, axis=1).astype(np.float32), width, height, near)
