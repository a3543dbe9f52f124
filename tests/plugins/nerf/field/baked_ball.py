"""Bakes small analytic fields for tests."""

import numpy as np
import numpy.typing as npt

from plugins.nerf.field.bake.bake import BakeSettings, bake
from plugins.nerf.field.bake.bricks import BrickVolume
from plugins.nerf.field.model.field import OccupancyGrid, RadianceField
from plugins.nerf.shared.camera.ray import RayGrid

FloatArray = npt.NDArray[np.float32]


class SoftBall:
    """A ball round the origin whose density fades over a thin shell; its colour depends on place and direction.

    The box reaches from -1 to 1 on each axis.
    """

    def __init__(self, radius: float = 0.6, density: float = 200.0, fade: float = 0.04, gloss: float = 0.2) -> None:
        self.radius, self.constant, self.fade, self.gloss = radius, density, fade, gloss
        edges = np.linspace(-1, 1, 33)
        near = np.maximum(np.maximum(edges[:-1], -edges[1:]), 0)
        squared = near[:, None, None] ** 2 + near[:, None] ** 2 + near**2
        cells = (squared <= (radius + fade) ** 2).astype(np.uint8)[None]
        self.occupancy = OccupancyGrid(cells, np.full(3, -1, np.float32), np.full(3, 1, np.float32))
        self.n_queries, self.step = 0, 0.01

    def density(self, positions: FloatArray) -> FloatArray:
        self.n_queries += len(positions)
        depth = (self.radius - np.linalg.norm(positions, axis=-1)) / self.fade + 0.5
        return (self.constant * np.clip(depth, 0, 1)).astype(np.float32)

    def colour(self, positions: FloatArray, directions: FloatArray) -> FloatArray:
        return np.clip(0.5 + 0.4 * positions + self.gloss * directions[..., ::-1], 0, 1).astype(np.float32)

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.density(positions), self.colour(positions, directions)


def baked(field: RadianceField, *stages: int) -> BrickVolume:
    """The last volume of a bake."""
    volume = list(bake(field, BakeSettings(stages=stages)))[-1].volume
    assert volume is not None
    return volume


def rays_from(eye: tuple[float, float, float], size: int = 64, half_view: float = 0.3) -> RayGrid:
    """A square picture of the origin, z up."""
    origin = np.array(eye, np.float64)
    forward = -origin / np.linalg.norm(origin)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    pixel = 2 * half_view / size
    to_direction = np.stack([right * pixel, down * pixel, forward - half_view * (right + down)], axis=1)
    return RayGrid(origin.astype(np.float32), to_direction.astype(np.float32), size, size)
