"""The lattice of a bake: which bricks may hold something, where their points lie, how neighbours share them."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.field import OccupancyGrid
from .bricks import BLOCK, N_CELLS, N_POINTS

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Lattice:
    """A grid of bricks, and those of them that may hold something.

    Attributes:
        low: float32 (3,), world position of the first point. voxel: distance of the points.
        places: int64 (N, 3), x, y, z of each brick in the grid.
        numbers: int32 (BZ, BY, BX), which row of `places` a brick is; -1 for none.
        n_cells: how many lie along the longest side of what is occupied.
    """

    low: FloatArray
    voxel: float
    places: IntArray
    numbers: npt.NDArray[np.int32]
    n_cells: int

    def positions(self, bricks: slice) -> FloatArray:
        """World positions (n, 512, 3) of the bricks' own points, z slowest; equal ones are equal to the last bit."""
        points = self.places[bricks, None] * N_CELLS + _OWN
        return np.asarray(self.low + points.astype(np.float32) * np.float32(self.voxel), np.float32)

    def marked(self, marks: ByteArray, bricks: IntArray, points: IntArray) -> BoolArray:
        """Whether the blocks of points (M,) of bricks (M,) are marked; marks as in the leaps of a volume."""
        x, y, z = ((self.places[bricks] * N_CELLS + _OWN[points]) // BLOCK).T
        return np.asarray(marks[z, y, x] > 0, np.bool_)

    def chosen(self, keep: BoolArray) -> "Lattice":
        """The same grid with only these bricks (N,)."""
        places = self.places[keep]
        return Lattice(self.low, self.voxel, places, _numbered(places, self.numbers.shape), self.n_cells)


def plan_lattice(occupancy: OccupancyGrid, n_cells: int) -> Lattice:
    """Lay `n_cells` cells along the longest side of all that is occupied."""
    low, high = occupied_box(occupancy)
    voxel = float((high - low).max()) / (n_cells - 1)  # nothing lies on the last points
    shape = np.ceil(((high - low) / voxel + 1) / N_CELLS).astype(int)[::-1]
    low = low - np.float32(voxel / 2)
    held = _occupied_bricks(occupancy, low, voxel, shape)
    for axis in range(3):  # the last points of a brick are the first of its neighbour
        before = np.moveaxis(held, axis, 0)
        before[:-1] |= before[1:]
    places = np.argwhere(held)[:, ::-1]
    return Lattice(low, voxel, places, _numbered(places, tuple(shape)), n_cells)


def occupied_box(occupancy: OccupancyGrid) -> tuple[FloatArray, FloatArray]:
    """Corners (3,) of the smallest box round all occupied cells; the innermost cascade where nothing is."""
    corners = []
    for cascade, cells in enumerate(occupancy.cells):
        places = np.argwhere(cells)[:, ::-1]
        if len(places):
            low, cell = _cascade(occupancy, cascade)
            corners.append((low + places.min(axis=0) * cell, low + (places.max(axis=0) + 1) * cell))
    if not corners:
        return occupancy.low, occupancy.high
    lows, highs = zip(*corners, strict=True)
    return np.min(lows, axis=0).astype(np.float32), np.max(highs, axis=0).astype(np.float32)


def is_occupied(occupancy: OccupancyGrid, positions: FloatArray) -> BoolArray:
    """Whether the cell of each position (..., 3) is marked, in the innermost cascade that holds it."""
    places = np.ascontiguousarray(positions, np.float32).reshape(-1, 3)
    found = np.zeros(len(places), np.bool_)
    boxes = [_cascade(occupancy, cascade) for cascade in range(occupancy.n_cascades)]
    lows, cells = (np.array(parts, np.float32) for parts in zip(*boxes, strict=True))
    _look_up(occupancy.cells, lows, 1 / cells, places, found)
    return found.reshape(positions.shape[:-1])


@kernel()
def _look_up(cells, lows, per_unit, positions, found):
    n = cells.shape[1]
    for m in range(len(positions)):
        for k in range(len(cells)):
            x = (positions[m, 0] - lows[k, 0]) * per_unit[k, 0]
            y = (positions[m, 1] - lows[k, 1]) * per_unit[k, 1]
            z = (positions[m, 2] - lows[k, 2]) * per_unit[k, 2]
            if min(x, y, z) >= 0 and max(x, y, z) < n:
                found[m] = cells[k, int(z), int(y), int(x)] > 0
                break


def fill_aprons(lattice: Lattice, values: npt.NDArray[np.uint8]) -> None:
    """Copy the last points of each brick (N, 9, 9, 9, ...) from the neighbours whose first ones they are."""
    n_z, n_y, n_x = lattice.numbers.shape
    padded = np.full((n_z + 1, n_y + 1, n_x + 1), -1, np.int32)
    padded[:-1, :-1, :-1] = lattice.numbers
    x, y, z = lattice.places.T
    for step in list(product((0, 1), repeat=3))[1:]:
        neighbours = padded[z + step[0], y + step[1], x + step[2]]
        here = np.flatnonzero(neighbours >= 0)
        last = tuple(N_CELLS if up else slice(N_CELLS) for up in step)
        first = tuple(0 if up else slice(N_CELLS) for up in step)
        values[(here, *last)] = values[(neighbours[here], *first)]


def _cascade(occupancy: OccupancyGrid, cascade: int) -> tuple[FloatArray, FloatArray]:
    """Low corner and cell size (3,) of a cascade."""
    middle, half = (occupancy.low + occupancy.high) / 2, (occupancy.high - occupancy.low) / 2 * 2**cascade
    return middle - half, 2 * half / occupancy.resolution


def _occupied_bricks(
    occupancy: OccupancyGrid, low: FloatArray, voxel: float, shape: npt.NDArray[np.int64]
) -> BoolArray:
    """Whether a marked cell of any cascade reaches into each brick (BZ, BY, BX)."""
    found = np.zeros(shape, bool)
    for cascade, cells in enumerate(occupancy.cells):
        start, cell = _cascade(occupancy, cascade)
        sums = np.pad(cells > 0, ((1, 0),) * 3).astype(np.int32).cumsum(0).cumsum(1).cumsum(2)
        firsts, ends = [], []
        for axis in range(3):  # x, y, z
            edges = low[axis] + np.arange(shape[2 - axis] + 1) * voxel * N_CELLS
            places = (edges - start[axis]) / cell[axis]
            firsts.append(np.clip(np.floor(places[:-1]), 0, occupancy.resolution).astype(int))
            ends.append(np.clip(np.floor(places[1:]) + 1, 0, occupancy.resolution).astype(int))
        total = np.zeros(shape, np.int64)
        for up in product((0, 1), repeat=3):
            x, y, z = ((ends if u else firsts)[axis] for axis, u in enumerate(up))
            total += (-1) ** (3 - sum(up)) * sums[np.ix_(z, y, x)].astype(np.int64)
        found |= total > 0
    return found


def _numbered(places: IntArray, shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
    numbers = np.full(shape, -1, np.int32)
    numbers[places[:, 2], places[:, 1], places[:, 0]] = np.arange(len(places), dtype=np.int32)
    return numbers


_OWN = np.stack(np.meshgrid(*[np.arange(N_CELLS)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[:, ::-1]  # x, y, z
assert N_POINTS == N_CELLS + 1
