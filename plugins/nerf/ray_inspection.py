"""What a field holds along one ray."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .composite import weights_along
from .field import RadianceField
from .march import space_of
from .packed_march import ray_samples

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RaySamples:
    """The samples of a ray, near to far.

    Attributes:
        t: float32 (N,), distances from the eye.
        density: (N,), per world unit. weight: (N,), part of the pixel's colour.
        colour: (N, 3), sRGB 0..1. positions: (N, 3), world units.
    """

    t: FloatArray
    density: FloatArray
    weight: FloatArray
    colour: FloatArray
    positions: FloatArray


def inspect_ray(field: RadianceField, origin: FloatArray, direction: FloatArray, near: float = 0.0) -> RaySamples:
    """Look at all samples of the ray from `origin` (3,) along the unit `direction` (3,), also those behind surfaces."""
    space = space_of(field.occupancy, field.step)
    eye, way = (np.ascontiguousarray(given, np.float32) for given in (origin, direction))
    empty = np.empty(0, np.float32)
    n = ray_samples(space, eye, way, np.float32(near), np.empty((0, 3), np.float32), empty, empty)
    positions, t, length = np.empty((n, 3), np.float32), np.empty(n, np.float32), np.empty(n, np.float32)
    ray_samples(space, eye, way, np.float32(near), positions, t, length)
    density, colour = field.density_colour(positions, np.broadcast_to(way, positions.shape).copy())
    return RaySamples(t, density, weights_along(density, length), colour, positions)
