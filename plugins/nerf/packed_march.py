"""The samples of a block of rays, one after the other in arrays, for fields that answer for arrays only."""

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .march import Rays, Space, aim, enter, inverse, next_sample, step_at

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


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
    t = next_sample(space, t, end, origin, direction, inverted)
    while t < end:
        length = step_at(t, space.steps)
        if len(t_of) > 0:
            for axis in range(3):
                positions[at, axis] = eye[axis] + t * way[axis]
                directions[at, axis] = way[axis]
            t_of[at], length_of[at] = t, length
        at += 1
        t = next_sample(space, t + length, end, origin, direction, inverted)
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
