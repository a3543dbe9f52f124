"""The occupancy grid while a field learns: measured at random places, decayed, carved by the photos."""

from typing import Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.field import OccupancyGrid
from ..model.footprint import fineness
from ..photos.photos import Photos
from ..render.march import Space
from .dense_layer import forward
from .hash_encoding import N_CORNERS, N_PLACE, TILE, TIME, encode_tile
from .training_pass import MAX_LOG_DENSITY, TrainedNetwork

FloatArray: TypeAlias = npt.NDArray[np.float32]

RESOLUTION: Final = 128
N_EARLY, EARLY_DECAY, DECAY = 16, 0.8, 0.95
N_PARTS: Final = 4
"""Later measurements take one cell in so many."""
MIN_THICKNESS: Final = 0.01
"""A cell counts as empty where one step through it has less than this, and less than the mean."""
N_SEEDS: Final = 1_000_003
CARVED_SIDE_PX: Final = 128
"""Photos are reduced to about this size to find what they see through."""
MAX_LEAP: Final = 16
"""Cells that a ray leaps at most at once."""
_F = np.float32
_POINT: Final = np.float32(fineness(0.0))


@kernel()
def random_unit(seed: np.uint64, number: np.uint64) -> np.float32:
    """A number in 0..1 that follows from two others (SplitMix64)."""
    z = np.uint64(seed + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    z = np.uint64((z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    z = np.uint64((z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    z = z ^ (z >> np.uint64(31))
    return _F(z >> np.uint64(40)) * _F(2**-24)


@kernel(parallel=True, fast_math=True)
def measure(
    density: FloatArray,
    chosen: npt.NDArray[np.int64],
    decay: np.float32,
    seed: np.uint64,
    network: TrainedNetwork,
    n_rows: int,
) -> None:
    """Let the densities (R, R, R) of the chosen cells (N,) decay, but not below that at a random place of each.

    Where things move it is asked at a random time: a cell counts that holds something at any time.
    """
    n_z, n_y, n_x = density.shape
    flat = density.reshape(-1)
    n_tiles = (len(chosen) + TILE - 1) // TILE
    for part in numba.prange(n_tiles):
        tile, places = np.zeros((n_rows, TILE), np.float32), np.full((N_PLACE, TILE), _POINT)
        rows, weights = np.zeros((N_CORNERS, TILE), np.uint32), np.zeros((N_CORNERS, TILE), np.float32)
        n = min(TILE, len(chosen) - part * TILE)
        for s in range(n):
            cell = chosen[part * TILE + s]
            number = np.uint64(3 * cell)
            places[0, s] = (_F(cell % n_x) + random_unit(seed, number)) / _F(n_x)
            places[1, s] = (_F(cell // n_x % n_y) + random_unit(seed, number + np.uint64(1))) / _F(n_y)
            places[2, s] = (_F(cell // (n_x * n_y)) + random_unit(seed, number + np.uint64(2))) / _F(n_z)
            places[TIME, s] = random_unit(np.uint64(~seed), number)
        encode_tile(places, n, network.grid, network.scales, network.levels, network.is_smooth, rows, weights, tile)
        forward(tile, network.weights, network.layers, 0, network.n_density_layers)
        for s in range(n):
            cell = chosen[part * TILE + s]
            found = np.exp(min(tile[network.geometry_row, s], MAX_LOG_DENSITY))
            flat[cell] = max(flat[cell] * decay, found)


class DensityGrid:
    """Where a field that learns may hold something: the density of cells, and which of them are marched through.

    Attributes:
        values: float32 (R, R, R), [z, y, x], decayed density of each cell.
        cells: uint8 (R, R, R), 1 where it is marched through.
        space, occupancy: the same for whoever marches, made anew when it changes.
    """

    def __init__(
        self, low: FloatArray, high: FloatArray, may_hold: npt.NDArray[np.bool_], step: float, n_turns: int = 1
    ) -> None:
        """`may_hold` (R, R, R) says which cells are measured, `n_turns` in how many turns: more make it quicker."""
        self._low, self._high, self._step, self._n_turns = low, high, step, n_turns
        self._may_hold = may_hold
        self._held = np.flatnonzero(may_hold)
        self.values = np.zeros(may_hold.shape, np.float32)
        self.cells = may_hold.astype(np.uint8)
        self.load()

    def load(self) -> None:
        """Take notice of changed cells."""
        self.occupancy = OccupancyGrid(self.cells.copy()[None], self._low, self._high)
        self.space = training_space(self.cells, self._low, self._high, self._step)

    def refresh(self, network: TrainedNetwork, n_rows: int, number: int, seed: int) -> None:
        """Measure the field, in all cells at the first times (counted by number from 1), then in a part of them."""
        is_early = number <= N_EARLY * self._n_turns
        n_parts = self._n_turns * (1 if is_early else N_PARTS)
        chosen = self._held[number % n_parts :: n_parts]
        decay = np.float32(EARLY_DECAY if is_early else DECAY)
        measure(self.values, chosen, decay, np.uint64(seed * N_SEEDS + number), network, n_rows)
        limit = min(MIN_THICKNESS / self._step, float(self.values.reshape(-1)[self._held].mean()))
        self.cells[...] = (self.values > limit) & self._may_hold
        self.load()


def training_space(cells: npt.NDArray[np.uint8], low: FloatArray, high: FloatArray, step: float) -> Space:
    """A grid (R, R, R) ready for marching."""
    distance, scratch = np.empty_like(cells), np.empty_like(cells)
    find_distances(cells, distance, scratch)
    size = high - low
    return Space(distance[None], low, size / _F(cells.shape[0]), np.array([step, step, 0], np.float32))


@kernel(parallel=True)
def find_distances(
    cells: npt.NDArray[np.uint8], distance: npt.NDArray[np.uint8], scratch: npt.NDArray[np.uint8]
) -> None:
    """Write how many cells off (in the sense of the largest coordinate) the nearest marked one is, at most MAX_LEAP."""
    n_z, n_y = cells.shape[:2]
    for z in numba.prange(n_z):
        for y in range(n_y):
            _along_row(cells[z, y], distance[z, y])
        for y in range(n_y):
            _across_rows(distance, z, y, (0, 1), scratch[z, y])
    for z in numba.prange(n_z):
        for y in range(n_y):
            _across_rows(scratch, z, y, (1, 0), distance[z, y])


@kernel(is_inner=True)
def _across_rows(
    distance: npt.NDArray[np.uint8], z: int, y: int, way: tuple[int, int], row: npt.NDArray[np.uint8]
) -> None:
    """Write the row at (z, y), lowered by what the rows on both sides of it along `way` (in z, in y) tell."""
    row[:] = distance[z, y]
    for k in range(1, MAX_LEAP):
        for sign in (-1, 1):
            other_z, other_y = z + sign * k * way[0], y + sign * k * way[1]
            if 0 <= other_z < distance.shape[0] and 0 <= other_y < distance.shape[1]:
                _take_nearer(row, distance[other_z, other_y], k)


@kernel(is_inner=True)
def _along_row(marked: npt.NDArray[np.uint8], distance: npt.NDArray[np.uint8]) -> None:
    """The distance within a row, to both sides."""
    n, last = len(marked), MAX_LEAP
    for x in range(n):
        last = 0 if marked[x] else min(last + 1, MAX_LEAP)
        distance[x] = last
    last = MAX_LEAP
    for x in range(n - 1, -1, -1):
        last = 0 if marked[x] else min(last + 1, MAX_LEAP)
        distance[x] = min(distance[x], last)


@kernel(is_inner=True)
def _take_nearer(row: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], k: int) -> None:
    """Lower a row's distances to those of another row k cells beside it, which are at least k from here."""
    far = np.uint8(k)
    for x in range(len(row)):
        there = other[x] if other[x] > far else far
        row[x] = there if there < row[x] else row[x]


def carved_cells(photos: Photos, low: FloatArray, high: FloatArray) -> npt.NDArray[np.bool_]:
    """Cells (R, R, R), [z, y, x], through which no photo sees: where there may be something at all.

    Where things move these are all: what a photo sees through may be full a moment later.
    """
    may_hold = np.ones((RESOLUTION,) * 3, np.uint8)
    if photos.has_opacity and photos.is_pinhole and photos.given_time is None:
        factor = max(1, min(photos.height, photos.width) // CARVED_SIDE_PX)
        cell = (high - low) / _F(RESOLUTION)
        to_camera = np.ascontiguousarray(np.linalg.inv(photos.camera_to_world.astype(np.float64)), np.float32)
        intrinsics = photos.intrinsics / _F(factor)
        radius = _F(np.linalg.norm(cell) / 2)
        carve(may_hold, clear_radii(photos, factor), to_camera, intrinsics, low, cell, radius)
    return may_hold != 0


def clear_radii(photos: Photos, factor: int) -> npt.NDArray[np.uint8]:
    """How far round each pixel (N, h, w) of photos reduced by a factor nothing is opaque, itself counted; at most 8."""
    height, width = photos.height // factor, photos.width // factor
    blocks = photos.pixels[:, : height * factor, : width * factor, 3]
    filled = np.asarray(blocks.reshape(-1, height, factor, width, factor).any((2, 4)))
    if photos.ignored is not None:
        ignored = photos.ignored[:, : height * factor, : width * factor]
        filled |= ignored.reshape(-1, height, factor, width, factor).any((2, 4))
    clear: npt.NDArray[np.bool_] = ~filled
    radii: npt.NDArray[np.uint8] = clear.astype(np.uint8)
    for _ in range(7):
        inner = np.zeros_like(clear)  # beyond the edge nothing is known
        inner[:, 1:-1] = clear[:, 1:-1] & clear[:, :-2] & clear[:, 2:]
        clear = np.zeros_like(inner)
        clear[:, :, 1:-1] = inner[:, :, 1:-1] & inner[:, :, :-2] & inner[:, :, 2:]
        radii += clear.astype(np.uint8)
    return radii


@kernel(parallel=True)
def carve(
    may_hold: npt.NDArray[np.uint8],
    radii: npt.NDArray[np.uint8],
    to_camera: FloatArray,
    intrinsics: FloatArray,
    low: FloatArray,
    cell: FloatArray,
    radius: np.float32,
) -> None:
    """Set to 0 each cell of which some photo shows the whole and nothing in it; `radius` is that of a cell's ball."""
    n_z, n_y, n_x = may_hold.shape
    n_photos, height, width = radii.shape
    for z in numba.prange(n_z):
        for y in range(n_y):
            for x in range(n_x):
                px, py, pz = (
                    low[0] + (x + _F(0.5)) * cell[0],
                    low[1] + (y + _F(0.5)) * cell[1],
                    low[2] + (z + _F(0.5)) * cell[2],
                )
                for photo in range(n_photos):
                    m, lens = to_camera[photo], intrinsics[photo]
                    depth = -(m[2, 0] * px + m[2, 1] * py + m[2, 2] * pz + m[2, 3])
                    if depth < _F(2) * radius:
                        continue
                    column = (m[0, 0] * px + m[0, 1] * py + m[0, 2] * pz + m[0, 3]) / depth * lens[0] + lens[2]
                    row = lens[3] - (m[1, 0] * px + m[1, 1] * py + m[1, 2] * pz + m[1, 3]) / depth * lens[1]
                    if column < 0 or row < 0 or column >= width or row >= height:
                        continue
                    needed = radius / (depth - radius) * max(lens[0], lens[1]) + _F(1.0)
                    if radii[photo, int(row), int(column)] > needed:
                        may_hold[z, y, x] = 0
                        break
