"""A radiance field on a lattice that keeps only the bricks where something is, and a table over all directions."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

N_MOMENTS: Final = 48
"""Evenly spaced from time 0 to 1; where it moves, the nearest one is drawn."""


FloatArray = npt.NDArray[np.float32]

SIDE: Final = 25  # entries per axis, 7.5° from one to the next; those of the edges stand for two of them each
_F = np.float32
_HALF: Final = np.float32((SIDE - 1) / 2)
_ZERO, _ONE = np.float32(0), np.float32(1)
ByteArray = npt.NDArray[np.uint8]

N_CELLS: Final = 8  # of a brick, per axis
N_POINTS: Final = N_CELLS + 1  # its lattice points: the last ones are the first of its neighbour
N_BYTES: Final = 8  # of colour at a point: red, green, blue, then features
N_FEATURES: Final = N_BYTES - 3
HEAD_SHAPE: Final = (SIDE, SIDE, 1 + N_FEATURES, 3)
BLOCK: Final = 2  # cells per axis of a block, the unit of leaps
MAX_BYTES: Final = 96 * 2**20


def table_rays() -> FloatArray:
    """The unit directions (SIDE², 3) of the entries, row by row."""
    along = np.linspace(-1, 1, SIDE)
    v, u = np.meshgrid(along, along, indexing="ij")
    z = 1 - np.abs(u) - np.abs(v)
    fold = np.maximum(-z, 0)
    rays = np.stack([u - np.copysign(fold, u), v - np.copysign(fold, v), z], axis=-1).reshape(-1, 3)
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float32)


def read_table(table: FloatArray, rays: FloatArray) -> FloatArray:
    """The entries (K, ...) along unit directions (K, 3), bilinear between those of the table (SIDE, SIDE, ...)."""
    places = np.array([table_place(*ray) for ray in rays.astype(np.float32)], np.float32).reshape(-1, 2)
    first = np.minimum(places.astype(np.int64), SIDE - 2)
    part = (places - first).reshape(-1, 2, *[1] * (table.ndim - 2))
    (u, v), (x, y) = first.T, (part[:, 0], part[:, 1])
    upper = table[v, u] * (1 - x) + table[v, u + 1] * x
    lower = table[v + 1, u] * (1 - x) + table[v + 1, u + 1] * x
    return np.asarray(upper * (1 - y) + lower * y, np.float32)


@kernel(fast_math=True)
def table_place(x: Any, y: Any, z: Any) -> Any:
    """Column and row, 0 to SIDE - 1, of a unit direction in the table."""
    scale = _ONE / (abs(x) + abs(y) + abs(z))
    u, v = x * scale, y * scale
    if z < _ZERO:
        folded_u, folded_v = _ONE - abs(v), _ONE - abs(u)
        u, v = (folded_u if u >= _ZERO else -folded_u), (folded_v if v >= _ZERO else -folded_v)
    return (u + _ONE) * _HALF, (v + _ONE) * _HALF


@dataclass(frozen=True, eq=False)
class BrickVolume:
    """Opacity and colour at the points of a cubic lattice, in bricks of 8³ cells.

    Lattice point (x, y, z) lies at low + voxel * (x, y, z). Between the points of a cell opacity is trilinear, and so
    is colour times opacity: the colour of places where nothing is never shows.

    Attributes:
        low: float32 (3,), world position of the first point.
        voxel: edge of a cell in world units.
        index: int32 (BZ, BY, BX), the number of a brick, -1 where nothing is.
        leap: uint8 (4 BZ + 1, 4 BY + 1, 4 BX + 1), how many blocks of 2³ cells away (in the maximum norm) the nearest
            one is that holds something; 0 for such a block itself. The last of each axis lie outside, at least 1.
        opacity: uint8 (N, 9, 9, 9), [brick, z, y, x]: 255 (1 - exp(-density * voxel)).
        colour: uint8 (N, 9, 9, 9, 8): sRGB without its view-dependent part, and five features f of that part.
        head: float32 (25, 25, 6, 3), a table over directions d (`direction_table`): a ray along d sees at a point the
            colour + Σ_k head(d)[k] f_k, where f_0 = 1 and all numbers are in 0..1.
    """

    low: FloatArray
    voxel: float
    index: npt.NDArray[np.int32]
    leap: ByteArray
    opacity: ByteArray
    colour: ByteArray
    head: FloatArray

    def __post_init__(self) -> None:
        if self.n_bytes > MAX_BYTES:
            raise ValueError(f"{self.n_bytes / 2**20:.0f} MB of bricks")

    def check(self) -> None:
        """Raise ValueError where kernels would read what is not there: they do not check."""
        n_bricks, grid = len(self.opacity), self.index.shape
        wanted: list[tuple[npt.NDArray[Any], type, tuple[int, ...]]] = [
            (self.low, np.float32, (3,)),
            (self.index, np.int32, grid),
            (self.leap, np.uint8, tuple(n * N_CELLS // BLOCK + 1 for n in grid)),
            (self.opacity, np.uint8, (n_bricks, N_POINTS, N_POINTS, N_POINTS)),
            (self.colour, np.uint8, (n_bricks, N_POINTS, N_POINTS, N_POINTS, N_BYTES)),
            (self.head, np.float32, HEAD_SHAPE),
        ]
        if any(part.dtype != kind or part.shape != shape for part, kind, shape in wanted) or len(grid) != 3:
            raise ValueError("arrays of wrong shape or type")
        if not (np.isfinite(self.low).all() and np.isfinite(self.head).all() and 0 < self.voxel < np.inf):
            raise ValueError("no finite numbers")
        if self.index.size and not (self.index.min() >= -1 and self.index.max() < n_bricks):
            raise ValueError("bricks that are not there")
        full = np.argwhere(self.leap == 0) * BLOCK // N_CELLS
        if (full >= grid).any() or (self.index[tuple(full.T)] < 0).any():
            raise ValueError("a way that leads nowhere")

    @property
    def n_bricks(self) -> int:
        """How many bricks are held."""
        return len(self.opacity)

    @property
    def n_bytes(self) -> int:
        """What all arrays take."""
        return sum(part.nbytes for part in (self.index, self.leap, self.opacity, self.colour, self.head))

    @cached_property
    def high(self) -> FloatArray:
        """World position of the last lattice point."""
        n_cells = np.array(self.index.shape[::-1], np.float32) * N_CELLS
        return np.asarray(self.low + np.float32(self.voxel) * n_cells, np.float32)


def leap_map(index: npt.NDArray[np.int32], opacity: ByteArray) -> ByteArray:
    """How many blocks away the nearest one is that holds something: uint8 (4 BZ + 1, ...), 0..255."""
    n = N_CELLS // BLOCK
    distance = np.full([n * size + 1 for size in index.shape], 255, np.uint8)
    _mark_blocks(index, opacity, distance)
    return _distance(distance)


@kernel()
def _mark_blocks(index, opacity, distance):
    """Write 0 for each block that has a point that holds something; a block has the points of its ends as well."""
    n = N_CELLS // BLOCK
    for z in range(distance.shape[0] - 1):
        for y in range(distance.shape[1] - 1):
            for x in range(distance.shape[2] - 1):
                brick = index[z // n, y // n, x // n]
                if brick < 0:
                    continue
                top = 0
                for w in range(z % n * BLOCK, z % n * BLOCK + BLOCK + 1):
                    for v in range(y % n * BLOCK, y % n * BLOCK + BLOCK + 1):
                        for u in range(x % n * BLOCK, x % n * BLOCK + BLOCK + 1):
                            top |= opacity[brick, w, v, u]
                if top:
                    distance[z, y, x] = 0


def _distance(distance: ByteArray) -> ByteArray:
    """How far each block is from the nearest 0 in the maximum norm, at most 255."""
    _sweep(distance)
    turned = np.ascontiguousarray(distance[::-1, ::-1, ::-1])
    _sweep(turned)
    return np.ascontiguousarray(turned[::-1, ::-1, ::-1])


@kernel()
def _sweep(distance):
    """Carry distances on to the neighbours that come later; two sweeps, there and back, make them exact."""
    n_z, n_y, n_x = distance.shape
    for z in range(n_z):
        for y in range(n_y):
            for x in range(n_x):
                least = np.int64(distance[z, y, x]) - 1
                for v in range(max(y - 1, 0), min(y + 2, n_y) if z else 0):
                    for u in range(max(x - 1, 0), min(x + 2, n_x)):
                        least = min(least, np.int64(distance[z - 1, v, u]))
                for u in range(max(x - 1, 0), min(x + 2, n_x) if y else 0):
                    least = min(least, np.int64(distance[z, y - 1, u]))
                if x:
                    least = min(least, np.int64(distance[z, y, x - 1]))
                distance[z, y, x] = min(least + 1, 255)


def widened(marks: ByteArray) -> ByteArray:
    """Marks (Z, Y, X) of 0 and 1, those of all 26 neighbours added."""
    for axis in range(3):
        wider = marks.copy()
        there, here = np.moveaxis(wider, axis, 0), np.moveaxis(marks, axis, 0)
        there[1:] |= here[:-1]
        there[:-1] |= here[1:]
        marks = wider
    return marks


def moments(n: int = N_MOMENTS) -> list[float]:
    """The times to bake, 0..1: far apart at first, then those in between."""
    order, gap = [0, n - 1], n
    while gap > 1:
        gap = -(-gap // 2)
        order += [number for number in range(gap, n, gap) if number not in order]
    return [number / (n - 1) for number in order]


class BakedMoments:
    """Volumes by their times."""

    def __init__(self) -> None:
        self._volumes: dict[float, BrickVolume] = {}

    def put(self, time: float, volume: BrickVolume) -> None:
        """Keep the volume of a time, in place of a coarser one."""
        self._volumes[time] = volume

    def nearest(self, time: float) -> BrickVolume | None:
        """The one nearest to a time; None before the first."""
        if not self._volumes:
            return None
        return self._volumes[min(self._volumes, key=lambda baked: abs(baked - time))]

    @property
    def n_bytes(self) -> int:
        """What they take of the memory."""
        return sum(volume.n_bytes for volume in self._volumes.values())
