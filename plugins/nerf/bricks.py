"""A radiance field on a lattice that keeps only the bricks where something is: what is marched while the view moves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

N_CELLS: Final = 8  # of a brick, per axis
N_POINTS: Final = N_CELLS + 1  # its lattice points: the last ones are the first of its neighbour
N_BYTES: Final = 8  # of colour at a point: red, green, blue, then features
N_FEATURES: Final = N_BYTES - 3
N_DIRECTION: Final = 16  # spherical harmonics of a direction
BLOCK: Final = 2  # cells per axis of a block, the unit of leaps
MAX_BYTES: Final = 96 * 2**20


@dataclass(frozen=True, eq=False)
class BrickVolume:
    """Opacity and colour at the points of a cubic lattice, in bricks of 8³ cells.

    Lattice point (x, y, z) lies at low + voxel * (x, y, z). Between the points of a cell opacity is trilinear, and so
    is colour times opacity: the colour of places where nothing is never shows.

    Attributes:
        low: float32 (3,), world position of the first point.
        voxel: edge of a cell in world units.
        index: int32 (BZ, BY, BX), the number of a brick, -1 where nothing is.
        leap: uint8 (4 BZ, 4 BY, 4 BX), how many blocks of 2³ cells away (in the maximum norm) the nearest one is that
            holds something; 0 for such a block itself.
        opacity: uint8 (N, 9, 9, 9), [brick, z, y, x]: 255 (1 - exp(-density * voxel)).
        colour: uint8 (N, 9, 9, 9, 8): sRGB without its view-dependent part, and five features f of that part.
        head: float32 (16, 6, 3): a ray along d sees at a point the colour + Σ_hk Y_h(d) head[h, k] f_k, where f_0 = 1
            and all numbers are in 0..1.
    """

    low: FloatArray
    voxel: float
    index: npt.NDArray[np.int32]
    leap: ByteArray
    opacity: ByteArray
    colour: ByteArray
    head: FloatArray

    def __post_init__(self) -> None:
        n_bricks, grid = len(self.opacity), self.index.shape
        assert self.opacity.shape == (n_bricks, N_POINTS, N_POINTS, N_POINTS), self.opacity.shape
        assert self.colour.shape == (*self.opacity.shape, N_BYTES), self.colour.shape
        assert self.leap.shape == tuple(n * N_CELLS // BLOCK for n in grid), self.leap.shape
        assert self.head.shape == (N_DIRECTION, 1 + N_FEATURES, 3), self.head.shape
        assert self.n_bytes <= MAX_BYTES, f"{self.n_bytes / 2**20:.0f} MB of bricks"

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
    """How many blocks away the nearest one is that holds something: uint8 (4 BZ, 4 BY, 4 BX), 0..255."""
    blocks = _full_blocks(opacity)
    per_brick = blocks.shape[1]
    grid = np.zeros((*index.shape, *blocks.shape[1:]), bool)
    grid[index >= 0] = blocks[index[index >= 0]]
    grid = grid.transpose(0, 3, 1, 4, 2, 5)
    return _distance(grid.reshape([n * per_brick for n in index.shape]))


def _full_blocks(opacity: ByteArray) -> npt.NDArray[np.bool_]:
    """Which blocks of the bricks have a point that holds something: (N, 4, 4, 4)."""
    full = opacity > 0
    for axis in (1, 2, 3):  # a block has the points of its ends as well
        parts = [np.moveaxis(full, axis, 0)[k : k + N_CELLS : BLOCK] for k in range(BLOCK)]
        parts.append(np.moveaxis(full, axis, 0)[BLOCK::BLOCK])
        full = np.moveaxis(np.logical_or.reduce(parts), 0, axis)
    return full


def _distance(full: npt.NDArray[np.bool_]) -> ByteArray:
    """Chebyshev distance to the nearest True, by growing it cell by cell."""
    distance = np.where(full, 0, 255).astype(np.uint8)
    grown, n = full, 0
    while n < 254 and not grown.all() and grown.any():
        n += 1
        wider = _grow(grown)
        distance[wider & ~grown] = n
        grown = wider
    return distance


def _grow(full: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark the 26 neighbours of each marked cell as well."""
    for axis in range(3):
        wider = full.copy()
        there, here = np.moveaxis(wider, axis, 0), np.moveaxis(full, axis, 0)
        there[1:] |= here[:-1]
        there[:-1] |= here[1:]
        full = wider
    return full
