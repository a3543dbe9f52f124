"""The samples of rays one after the other in arrays, their weights in a pixel, and what lies along one ray."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.field import RadianceField
from .march import Rays, Space, aim, enter, inverse, next_sample, space_of, step_at

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


def weights_along(density: FloatArray, length: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """w_i = T_i (1 - exp(-σ_i δ_i)) with T_i = exp(-Σ_{j<i} σ_j δ_j), along the last axis; Σ w = 1 - T at the end."""
    optical = density.astype(np.float64) * length
    before = np.cumsum(optical, axis=-1) - optical
    return np.asarray(np.exp(-before) * -np.expm1(-optical), np.float32)


@kernel(fast_math=True)
def composite(
    density: FloatArray,
    colour: FloatArray,
    t: FloatArray,
    length: FloatArray,
    ends: npt.NDArray[np.int64],
    out_colour: FloatArray,
    out_opacity: FloatArray,
    out_depth: FloatArray,
) -> None:
    """Sum up packed samples, ray after ray.

    Args:
        density, t, length: (N,). colour: (N, 3).
        ends: (R,), where the samples of each ray end in these.
        out_colour: (R, 3), Σ w c. out_opacity: (R,), Σ w. out_depth: (R,), Σ w t / Σ w, 0 where nothing is.
    """
    first = 0
    for ray in range(len(ends)):
        left = np.float32(1)
        depth = red = green = blue = np.float32(0)
        for sample in range(first, ends[ray]):
            passed = np.exp(-density[sample] * length[sample])
            weight = left * (np.float32(1) - passed)
            left *= passed
            depth += weight * t[sample]
            red += weight * colour[sample, 0]
            green += weight * colour[sample, 1]
            blue += weight * colour[sample, 2]
        first = ends[ray]
        opacity = np.float32(1) - left
        out_colour[ray, 0], out_colour[ray, 1], out_colour[ray, 2] = red, green, blue
        out_opacity[ray] = opacity
        out_depth[ray] = depth / opacity if opacity > 0 else np.float32(0)


@kernel(fast_math=True)
def count_samples(space: Space, rays: Rays, block: IntArray, counts: IntArray) -> None:
    """Write how many samples each ray of a block (first row, last row + 1, first column, last column + 1) has."""
    nothing = np.empty((0, 3), np.float32)
    none = np.empty(0, np.float32)
    ray = 0
    for row in range(block[0], block[1]):
        for column in range(block[2], block[3]):
            counts[ray] = _walk(
                space, rays.origin, aim(rays, row, column), rays.start[0], nothing, nothing, none, none, 0
            )
            ray += 1


@kernel(fast_math=True)
def pack_samples(
    space: Space,
    rays: Rays,
    block: IntArray,
    positions: FloatArray,
    directions: FloatArray,
    t: FloatArray,
    length: FloatArray,
) -> None:
    """Write the samples of a block's rays: positions and directions (N, 3), distances and lengths of steps (N,)."""
    at = 0
    for row in range(block[0], block[1]):
        for column in range(block[2], block[3]):
            at = _walk(space, rays.origin, aim(rays, row, column), rays.start[0], positions, directions, t, length, at)


@kernel(fast_math=True, is_inner=True)
def _walk(
    space: Space,
    eye: FloatArray,
    way: tuple[np.float32, np.float32, np.float32],
    near: np.float32,
    positions: FloatArray,
    directions: FloatArray,
    t_of: FloatArray,
    length_of: FloatArray,
    at: int,
) -> int:
    """Go along one ray and write its samples from place `at` on, unless arrays are empty; returns the place behind."""
    low, cell = space.low, space.cell
    origin = ((eye[0] - low[0]) / cell[0], (eye[1] - low[1]) / cell[1], (eye[2] - low[2]) / cell[2])
    direction = (way[0] / cell[0], way[1] / cell[1], way[2] / cell[2])
    inverted = (inverse(direction[0]), inverse(direction[1]), inverse(direction[2]))
    t, end = enter(space, near, origin, inverted)
    t = next_sample(space, t, end, origin, direction, inverted, np.float32(0))
    while t < end:
        length = step_at(t, space.steps)
        if len(t_of) > 0:
            for axis in range(3):
                positions[at, axis] = eye[axis] + t * way[axis]
                directions[at, axis] = way[axis]
            t_of[at], length_of[at] = t, length
        at += 1
        t = next_sample(space, t + length, end, origin, direction, inverted, np.float32(0))
    return at


@kernel(fast_math=True)
def ray_samples(
    space: Space,
    eye: FloatArray,
    way: FloatArray,
    near: np.float32,
    positions: FloatArray,
    t: FloatArray,
    length: FloatArray,
) -> int:
    """Samples of a ray from `eye` (3,) along a unit direction (3,); returns how many, writes them if there is room."""
    directions = np.empty_like(positions)
    return _walk(space, eye, (way[0], way[1], way[2]), near, positions, directions, t, length, 0)


@dataclass(frozen=True, eq=False)
class RaySamples:
    """The samples of a ray, near to far.

    Attributes:
        t: float32 (N,), distances from the eye.
        density: (N,), per world unit. weight: (N,), part of the pixel's colour.
        colour: (N, 3), sRGB 0..1. positions: (N, 3), world units.
        is_coarse: bool (N,), which of them were asked first, to find out where to look again; none of them else.
        coarse_weight: (C,), what those were worth before the others were asked.
    """

    t: FloatArray
    density: FloatArray
    weight: FloatArray
    colour: FloatArray
    positions: FloatArray
    is_coarse: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    coarse_weight: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))

    @classmethod
    def nothing(cls) -> Self:
        """A ray that meets nothing."""
        none, rows = np.zeros(0, np.float32), np.zeros((0, 3), np.float32)
        return cls(none, none, none, rows, rows)


def inspect_ray(scene: RadianceField, origin: FloatArray, direction: FloatArray, near: float = 0.0) -> RaySamples:
    """Look at all samples of the ray from `origin` (3,) along the unit `direction` (3,), also those behind surfaces."""
    space = space_of(scene.occupancy, scene.step)
    eye, way = (np.ascontiguousarray(given, np.float32) for given in (origin, direction))
    empty = np.empty(0, np.float32)
    n = ray_samples(space, eye, way, np.float32(near), np.empty((0, 3), np.float32), empty, empty)
    positions, t, length = np.empty((n, 3), np.float32), np.empty(n, np.float32), np.empty(n, np.float32)
    ray_samples(space, eye, way, np.float32(near), positions, t, length)
    density, colour = scene.density_colour(positions, np.broadcast_to(way, positions.shape).copy())
    return RaySamples(t, density, weights_along(density, length), colour, positions)
