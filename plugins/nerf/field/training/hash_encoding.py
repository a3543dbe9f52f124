"""The multiresolution hash grid, encoded and differentiated by compiled loops (Müller et al. 2022, section 3)."""

from typing import Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.config import FieldConfig, Levels
from ..model.footprint import ALL, fineness, kept_share

FloatArray: TypeAlias = npt.NDArray[np.float32]
LevelTable: TypeAlias = npt.NDArray[np.int64]

TILE: Final = 128
"""Points that go through a kernel together, side by side: (numbers, TILE) arrays fit the first-level cache."""
N_CORNERS: Final = 8
_PRIME_Y: Final = np.uint32(2654435761)
_PRIME_Z: Final = np.uint32(805459861)
FINENESS, TIME, N_PLACE = 3, 4, 5
"""Numbers of a point: its place in 0..1 of the box, the fineness of its spot (`footprint.py`), and its time, 0..1."""
_ALL: Final = np.float32(ALL)
_kept_share = kernel(fast_math=True, is_inner=True)(kept_share)


def level_table(levels: Levels) -> LevelTable:
    """What kernels need of each level (L, 5): first row, rows, points per axis, whether they lie densely, knots."""
    columns = (levels.first, levels.n_entries, levels.resolution, levels.is_dense.astype(np.int64), levels.n_knots)
    return np.ascontiguousarray(np.stack(columns, axis=-1))


@kernel(fast_math=True, is_inner=True)
def find_corners(places, scale, level, is_smooth, rows, weights):
    """Table rows uint32 (8, TILE), weights (8, TILE) of places (N_PLACE, TILE) at one level, its scale (2,).

    Where the level has knots, the rows are those of the first one.
    """
    scale, width = scale[0], scale[1]
    one, half = np.float32(1), np.float32(0.5)
    first, n_rows, resolution = np.uint32(level[0]), np.uint32(level[1]), np.uint32(level[2])
    is_dense = level[3] != 0
    if is_dense:
        step_y, step_z = resolution, np.uint32(resolution * resolution)
    else:
        step_y, step_z = _PRIME_Y, _PRIME_Z
    for s in range(TILE):
        x, y, z = places[0, s] * scale + half, places[1, s] * scale + half, places[2, s] * scale + half
        x_cell, y_cell, z_cell = np.int32(x), np.int32(y), np.int32(z)  # none is below 0
        x, y, z = x - np.float32(x_cell), y - np.float32(y_cell), z - np.float32(z_cell)
        if is_smooth:
            three, two = np.float32(3), np.float32(2)
            x, y, z = x * x * (three - two * x), y * y * (three - two * y), z * z * (three - two * z)
        x_low, x_high = np.uint32(x_cell), np.uint32(x_cell + np.int32(1))
        y_low = np.uint32(np.uint32(y_cell) * step_y)
        y_high = np.uint32(y_low + step_y)
        z_low = np.uint32(np.uint32(z_cell) * step_z)
        z_high = np.uint32(z_low + step_z)
        for corner in range(N_CORNERS):
            x_row = x_high if corner & 1 else x_low
            y_row = y_high if corner & 2 else y_low
            z_row = z_high if corner & 4 else z_low
            if is_dense:
                row = np.uint32(x_row + y_row + z_row)
                row = np.uint32(row - n_rows) if row >= n_rows else row
            else:
                row = np.uint32((x_row ^ y_row ^ z_row) & np.uint32(n_rows - np.uint32(1)))
            rows[corner, s] = np.uint32(row + first)
            weight = (x if corner & 1 else one - x) * (y if corner & 2 else one - y)
            weights[corner, s] = weight * (z if corner & 4 else one - z)
    if width > 0:
        for s in range(TILE):
            kept = _kept_share(min(places[FINENESS, s] * width, _ALL))
            for corner in range(N_CORNERS):
                weights[corner, s] *= kept


@kernel(fast_math=True, is_inner=True)
def encode_tile(places, n, grid, scales, levels, is_smooth, rows, weights, encoded):
    """Write the features (L * F, TILE) of the first n points of a tile; rows and weights (8, TILE) are scratch."""
    n_features = grid.shape[1]
    for level in range(len(scales)):
        find_corners(places, scales[level], levels[level], is_smooth, rows, weights)
        if levels[level, 4] > 1:
            gather_between(places[TIME], n, grid, levels[level], level * n_features, rows, weights, encoded)
            continue
        for feature in range(0, n_features, 2):
            out = level * n_features + feature
            for s in range(n):
                first = second = np.float32(0)
                for corner in range(N_CORNERS):
                    row, weight = rows[corner, s], weights[corner, s]
                    first += weight * grid[row, feature]
                    second += weight * grid[row, feature + 1]
                encoded[out, s] = first
                encoded[out + 1, s] = second
    if scales[0, 1] > 0:
        _find_lost(places, n, scales, encoded[len(scales) * n_features])


@kernel(fast_math=True, is_inner=True)
def _find_lost(places, n, scales, lost):
    """Write what share of all levels' features the spots of the first n points lose."""
    lost[:n] = np.float32(1)
    part = np.float32(1) / np.float32(len(scales))
    for level in range(len(scales)):
        for s in range(n):
            lost[s] -= part * _kept_share(min(places[FINENESS, s] * scales[level, 1], _ALL))


@kernel(fast_math=True, is_inner=True)
def between_knots(time, level):
    """How many rows the knot before a time, 0..1, lies behind the first, and how far it is to the next one, 0..1."""
    place = time * np.float32(level[4] - 1)
    knot = min(np.int32(place), np.int32(level[4] - 2))
    return np.uint32(knot * level[1]), place - np.float32(knot)


@kernel(fast_math=True, is_inner=True)
def gather_between(times, n, grid, level, first_feature, rows, weights, encoded):
    """The features of a level with knots at the times (TILE,) of a tile's first n points."""
    n_rows = np.uint32(level[1])
    for feature in range(0, grid.shape[1], 2):
        out = first_feature + feature
        for s in range(n):
            behind, share = between_knots(times[s], level)
            first = second = np.float32(0)
            for corner in range(N_CORNERS):
                below, weight = np.uint32(rows[corner, s] + behind), weights[corner, s]
                above = np.uint32(below + n_rows)
                late = weight * share
                early = weight - late
                first += early * grid[below, feature] + late * grid[above, feature]
                second += early * grid[below, feature + 1] + late * grid[above, feature + 1]
            encoded[out, s] = first
            encoded[out + 1, s] = second


@kernel(fast_math=True, is_inner=True)
def scatter_between(times, n, gradient, level, first_feature, rows, weights, grid_gradient):
    """The way back of `gather_between`."""
    n_rows = np.uint32(level[1])
    for feature in range(0, grid_gradient.shape[1], 2):
        for s in range(n):
            behind, share = between_knots(times[s], level)
            first, second = gradient[first_feature + feature, s], gradient[first_feature + feature + 1, s]
            for corner in range(N_CORNERS):
                below, weight = np.uint32(rows[corner, s] + behind), weights[corner, s]
                above = np.uint32(below + n_rows)
                late = weight * share
                early = weight - late
                grid_gradient[below, feature] += early * first
                grid_gradient[below, feature + 1] += early * second
                grid_gradient[above, feature] += late * first
                grid_gradient[above, feature + 1] += late * second


@kernel(fast_math=True, is_inner=True)
def scatter_tile(places, n, gradient, scale, level, first_feature, is_smooth, rows, weights, grid_gradient):
    """Add to the table's gradient what one level's features (L * F, TILE) of a tile's first n points tell."""
    find_corners(places, scale, level, is_smooth, rows, weights)
    if level[4] > 1:
        scatter_between(places[TIME], n, gradient, level, first_feature, rows, weights, grid_gradient)
        return
    for feature in range(0, grid_gradient.shape[1], 2):
        for s in range(n):
            first, second = gradient[first_feature + feature, s], gradient[first_feature + feature + 1, s]
            for corner in range(N_CORNERS):
                row, weight = rows[corner, s], weights[corner, s]
                grid_gradient[row, feature] += weight * first
                grid_gradient[row, feature + 1] += weight * second


@kernel(parallel=True, fast_math=True)
def encode_tiles(places, counts, grid, scales, levels, is_smooth, encoded):
    """Features (T, L * F, TILE) of T tiles of points (T, 4, TILE), of which `counts` (T,) are points."""
    for tile in numba.prange(len(places)):
        rows, weights = np.empty((N_CORNERS, TILE), np.uint32), np.empty((N_CORNERS, TILE), np.float32)
        encode_tile(places[tile], counts[tile], grid, scales, levels, is_smooth, rows, weights, encoded[tile])


@kernel(parallel=True, fast_math=True)
def scatter_tiles(places, counts, gradient, scales, levels, is_smooth, grid_gradient):
    """Add to a table's gradient what T tiles' features (T, L * F, TILE) tell: each level has one thread."""
    n_features = grid_gradient.shape[1]
    for level in numba.prange(len(scales)):
        rows, weights = np.empty((N_CORNERS, TILE), np.uint32), np.empty((N_CORNERS, TILE), np.float32)
        for tile in range(len(places)):
            if counts[tile] > 0:
                scatter_tile(
                    places[tile],
                    counts[tile],
                    gradient[tile],
                    scales[level],
                    levels[level],
                    level * n_features,
                    is_smooth,
                    rows,
                    weights,
                    grid_gradient,
                )


def tiles_of(
    positions: FloatArray,
    config: FieldConfig,
    times: FloatArray | float = 0.0,
    widths: FloatArray | float = 0.0,
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Positions (N, 3) in world units as tiles (T, N_PLACE, TILE) of places held to the box, and the points of each.

    Args:
        times: (N,), 0..1. widths: of the pixels whose spots they are, (N,), in world units.
    """
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    n_tiles = -(-len(positions) // TILE)
    places = np.zeros((n_tiles * TILE, N_PLACE), np.float32)
    places[: len(positions), :3] = np.clip((positions - low) / (high - low), 0, 1)
    places[: len(positions), FINENESS] = fineness(widths)
    places[: len(positions), TIME] = times
    counts = np.full(n_tiles, TILE, np.int64)
    counts[-1:] = len(positions) - (n_tiles - 1) * TILE
    return np.ascontiguousarray(places.reshape(n_tiles, TILE, N_PLACE).swapaxes(1, 2)), counts


def encode(
    positions: FloatArray,
    grid: FloatArray,
    config: FieldConfig,
    times: FloatArray | float = 0.0,
    widths: FloatArray | float = 0.0,
) -> FloatArray:
    """The features (N, L * F) of positions (N, 3), level by level; see `tiles_of`."""
    places, counts = tiles_of(positions, config, times, widths)
    encoded = np.zeros((len(places), config.n_encoded, TILE), np.float32)
    is_smooth = config.interpolation == "smooth"
    encode_tiles(places, counts, grid, config.scales, level_table(config.levels), is_smooth, encoded)
    return np.ascontiguousarray(encoded.swapaxes(1, 2).reshape(-1, config.n_encoded)[: len(positions)])
