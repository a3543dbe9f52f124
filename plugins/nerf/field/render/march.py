"""The way of a ray through the occupancy grid: steps where there may be something, leaps over what is empty."""

import math
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.camera.ray import RayGrid
from ..model.field import OccupancyGrid

FloatArray = npt.NDArray[np.float32]

STEP_FRACTION: Final = 3e-3
"""Samples along a ray lie this part of the box's side apart, in training as in drawing."""
NESTED_STEP_FRACTION: Final = math.sqrt(3) / 1024
CONE: Final = 1 / 256
"""With nested grids, as instant-ngp has them, the shortest step, and what part of the distance a step grows to."""

_FAR = 255
_F = np.float32
_HUGE = np.float32(1e12)
_HALF = np.float32(0.5)


class Space(NamedTuple):
    """What kernels need of an occupancy grid.

    Attributes:
        distance: uint8 (K, R, R, R), [cascade, z, y, x]: 0 where there may be something, else how many cells off (in
            the sense of the largest coordinate) the nearest such cell is.
        low: float32 (3,), corner of the innermost grid. cell: float32 (3,), size of its cells.
        steps: float32 (3,): shortest step, longest step, part of the distance (0 for steps of one length).
    """

    distance: npt.NDArray[np.uint8]
    low: FloatArray
    cell: FloatArray
    steps: FloatArray


class Rays(NamedTuple):
    """What kernels need of a grid of rays; pixel (row, column) looks along to_direction @ (column + x, row + y, 1).

    Attributes:
        origin: float32 (3,). to_direction: float32 (3, 3).
        start: float32 (3,), near and where in its pixel a ray goes through (x, y).
        spread: float32 (3,): times a unit direction, how wide a pixel is one world unit ahead.
    """

    origin: FloatArray
    to_direction: FloatArray
    start: FloatArray
    spread: FloatArray


_spaces: WeakKeyDictionary[OccupancyGrid, npt.NDArray[np.uint8]] = WeakKeyDictionary()


def step_of(occupancy: OccupancyGrid) -> float:
    """The usual step in world units."""
    fraction = STEP_FRACTION if occupancy.n_cascades == 1 else NESTED_STEP_FRACTION
    return fraction * float((occupancy.high - occupancy.low).max())


def space_of(occupancy: OccupancyGrid, step: float) -> Space:
    """Make a grid ready for marching with `step`; the distances are worked out once for each grid."""
    distance = _spaces.get(occupancy)
    if distance is None:
        marked = _with_finer_ones(occupancy.cells != 0)
        n_finer = occupancy.n_cascades - 1
        distance = np.stack([_distances(cells, number < n_finer) for number, cells in enumerate(marked)])
        _spaces[occupancy] = distance
    size = np.asarray(occupancy.high - occupancy.low, np.float32)
    longest, cone = (step, 0.0) if occupancy.n_cascades == 1 else (float(size.max()) * math.sqrt(3), CONE)
    low = np.ascontiguousarray(occupancy.low, np.float32)
    cell = np.asarray(size / occupancy.resolution, np.float32)
    return Space(distance, low, cell, np.array([step, longest, cone], np.float32))


def rays_of(rays: RayGrid, shift: tuple[float, float]) -> Rays:
    """Make rays ready for kernels."""
    return Rays(
        np.ascontiguousarray(rays.origin, np.float32),
        np.ascontiguousarray(rays.to_direction, np.float32),
        np.array([rays.near, *shift], np.float32),
        rays.spread,
    )


def _with_finer_ones(marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark in the middle of each cascade (K, R, R, R) also what the finer ones hold."""
    marked, n = marked.copy(), marked.shape[1]
    middle = slice(n // 4, n // 4 + n // 2)
    for cascade in range(1, len(marked)):
        inner = marked[cascade - 1].reshape(n // 2, 2, n // 2, 2, n // 2, 2).any(axis=(1, 3, 5))
        marked[cascade, middle, middle, middle] |= inner
    return marked


def _distances(marked: npt.NDArray[np.bool_], is_inner: bool) -> npt.NDArray[np.uint8]:
    """Distances (R, R, R) of one cascade from its marked cells; what lies beyond an inner one counts as marked."""
    distance = np.where(marked, np.uint8(0), np.uint8(_FAR))
    spread_distance(distance)
    if not is_inner:
        return distance
    n = len(marked)
    edge = np.minimum(np.arange(1, n + 1), np.arange(n, 0, -1)).clip(max=_FAR).astype(np.uint8)
    return np.minimum(distance, np.minimum(np.minimum(edge[:, None, None], edge[:, None]), edge))


@kernel()
def spread_distance(distance: npt.NDArray[np.uint8]) -> None:
    """Lower each cell of (Z, Y, X) to its chessboard distance from the nearest 0: once forward, once backward."""
    n_z, n_y, n_x = distance.shape
    for turn in range(2):
        sign = 1 - 2 * turn
        for a in range(n_z):
            z = a if turn == 0 else n_z - 1 - a
            for b in range(n_y):
                y = b if turn == 0 else n_y - 1 - b
                for c in range(n_x):
                    x = c if turn == 0 else n_x - 1 - c
                    least = int(distance[z, y, x])
                    if least > 1:
                        least = min(least, _least_before(distance, z, y, x, sign) + 1)
                        distance[z, y, x] = least


@kernel(is_inner=True)
def _least_before(distance: npt.NDArray[np.uint8], z: int, y: int, x: int, sign: int) -> int:
    """The least of the 13 neighbours that a scan in this direction has been to."""
    n_z, n_y, n_x = distance.shape
    least = 254
    for dz in range(-1, 1):
        w = z + dz * sign
        for dy in range(-1, 2):
            v = y + dy * sign
            if dz == 0 and dy > 0:
                continue
            for dx in range(-1, 2):
                u = x + dx * sign
                if dz == 0 and dy == 0 and dx >= 0:
                    continue
                if 0 <= w < n_z and 0 <= v < n_y and 0 <= u < n_x:
                    least = min(least, int(distance[w, v, u]))
    return least


@kernel(fast_math=True, is_inner=True)
def step_at(t: np.float32, steps: FloatArray) -> np.float32:
    """How far the next sample is at distance t."""
    return min(max(t * steps[2], steps[0]), steps[1])


@kernel(fast_math=True, is_inner=True)
def aim(rays: Rays, row: int, column: int) -> tuple[np.float32, np.float32, np.float32]:
    """The unit direction through a pixel."""
    m = rays.to_direction
    u, v = _F(column) + rays.start[1], _F(row) + rays.start[2]
    x = m[0, 0] * u + m[0, 1] * v + m[0, 2]
    y = m[1, 0] * u + m[1, 1] * v + m[1, 2]
    z = m[2, 0] * u + m[2, 1] * v + m[2, 2]
    scale = _F(1) / np.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@kernel(fast_math=True, is_inner=True)
def inverse(value: np.float32) -> np.float32:
    """1 / value, huge instead of infinite."""
    return _F(1) / value if abs(value) > _F(1e-12) else _HUGE


@kernel(fast_math=True, is_inner=True)
def enter(
    space: Space,
    near: np.float32,
    origin: tuple[np.float32, np.float32, np.float32],
    inverse_direction: tuple[np.float32, np.float32, np.float32],
) -> tuple[np.float32, np.float32]:
    """Where a ray, told in cells, has its first step (the middle of it) and where it leaves the outermost grid."""
    n_cascades, n = space.distance.shape[0], space.distance.shape[1]
    half = _F(0.5) * _F(n)
    reach = half * _F(1 << (n_cascades - 1))
    t_in, t_out = near, _HUGE
    for axis in range(3):
        a = (half - reach - origin[axis]) * inverse_direction[axis]
        b = (half + reach - origin[axis]) * inverse_direction[axis]
        t_in = max(t_in, min(a, b))
        t_out = min(t_out, max(a, b))
    return t_in + _F(0.5) * step_at(t_in, space.steps), t_out


@kernel(fast_math=True, is_inner=True)
def next_sample(
    space: Space,
    t: np.float32,
    t_out: np.float32,
    origin: tuple[np.float32, np.float32, np.float32],
    direction: tuple[np.float32, np.float32, np.float32],
    inverse_direction: tuple[np.float32, np.float32, np.float32],
    reach: np.float32,
) -> np.float32:
    """The first step from t on that lies in or near an occupied cell; t_out or more where there is none.

    origin: in cells of the innermost grid, from its corner. direction: cells per world unit.
    reach: cells per unit of the way that a spot goes beyond its middle (`reach_of`), 0 for points.
    """
    distance, steps = space.distance, space.steps
    last = distance.shape[1] - 1
    while t < t_out:
        x, y, z = origin[0] + t * direction[0], origin[1] + t * direction[1], origin[2] + t * direction[2]
        x, y, z, cascade, shrink = _in_cascade(distance.shape[0], _F(0.5) * _F(distance.shape[1]), x, y, z)
        i, j, k = min(max(int(x), 0), last), min(max(int(y), 0), last), min(max(int(z), 0), last)
        free = int(distance[cascade, k, j, i]) - int(t * reach + _HALF)
        if free <= 0:
            break
        leap = _way_out(x, i, free, inverse_direction[0])
        leap = min(leap, _way_out(y, j, free, inverse_direction[1]))
        leap = min(leap, _way_out(z, k, free, inverse_direction[2])) * shrink
        t = _advance(t, min(t + leap, t_out), steps)
    return t


@kernel(fast_math=True, is_inner=True)
def reach_of(space: Space, spread: np.float32) -> np.float32:
    """How many cells per world unit of the way half a pixel is wide; `spread` is its width one unit ahead."""
    return _HALF * spread / min(space.cell[0], space.cell[1], space.cell[2])


@kernel(fast_math=True, is_inner=True)
def _in_cascade(
    n_cascades: int, half: np.float32, x: np.float32, y: np.float32, z: np.float32
) -> tuple[np.float32, np.float32, np.float32, int, np.float32]:
    """The place in the finest grid that holds it: in that grid's cells, which grid, how large its cells are."""
    cascade, size = 0, _F(1)
    if n_cascades > 1:
        far = max(abs(x - half), abs(y - half), abs(z - half))
        while far >= half * size and cascade < n_cascades - 1:
            cascade += 1
            size *= _F(2)
        shrink = _F(1) / size
        x, y, z = (x - half) * shrink + half, (y - half) * shrink + half, (z - half) * shrink + half
    return x, y, z, cascade, size


@kernel(fast_math=True, is_inner=True)
def _way_out(x: np.float32, cell: int, free: int, inverse_direction: np.float32) -> np.float32:
    """How far it is along one axis to the end of the empty cube round a cell."""
    edge = cell + free if inverse_direction > 0 else cell - free + 1
    return (_F(edge) - x) * inverse_direction


@kernel(fast_math=True, is_inner=True)
def _advance(t: np.float32, target: np.float32, steps: FloatArray) -> np.float32:
    """Go at least one step, then on to the first one at the target or behind it."""
    if steps[2] == _F(0):
        return t + max(_F(1), np.ceil((target - t) / steps[0])) * steps[0]
    t += step_at(t, steps)
    while t < target:
        t += step_at(t, steps)
    return t
