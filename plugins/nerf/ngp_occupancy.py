"""The density grid of an instant-ngp snapshot: which cells of its nested cubes may hold something."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .field import OccupancyGrid
from .foreign_values import Table, wrong_value

# A cell counts where a shortest step through it would be this opaque, or as opaque as cells are on average.
_LARGEST_THRESHOLD: Final = 0.01
_CENTRE: Final = 0.5
_UNKNOWN_CELLS: Final = 32
_SIZES: Final = (16, 32, 64, 128, 256)
MAX_CASCADES: Final = 8


def read_occupancy(snapshot: Table, aabb_scale: int) -> OccupancyGrid:
    """Read the grid; a snapshot that never learnt has none, and then every cell counts.

    Raises UserError where its size does not fit, or it holds what is no number.
    """
    n_cascades = aabb_scale.bit_length()  # the largest cube has a side of 2^(K-1) = aabb_scale
    values = _read_values(snapshot, n_cascades)
    if values is None:
        cells = np.ones((n_cascades, *[_UNKNOWN_CELLS] * 3), np.uint8)
    else:
        cells = _with_finer_ones(_is_occupied(values))
    return OccupancyGrid(cells, np.zeros(3, np.float32), np.ones(3, np.float32))


def _read_values(snapshot: Table, n_cascades: int) -> npt.NDArray[np.float32] | None:
    """Optical thickness (K, R, R, R), indexed [cascade, z, y, x]; negative where it was never seen."""
    data = snapshot.data("density_grid_binary")
    size = snapshot.whole("density_grid_size", range(1, 513), 128)
    if size not in _SIZES:
        raise wrong_value("snapshot.density_grid_size")
    if not data:
        return None
    if len(data) != 2 * n_cascades * size**3:
        raise wrong_value("snapshot.density_grid_binary")
    values = np.frombuffer(data, "<f2").reshape(n_cascades, size**3)
    if not np.isfinite(values).all():
        raise wrong_value("snapshot.density_grid_binary")
    return values[:, _morton_codes(size)].astype(np.float32)


def _morton_codes(size: int) -> npt.NDArray[np.intp]:
    """Where cell [z, y, x] of a cube stands in its list: the bits of x, y and z taken in turn."""
    axis = np.arange(size)
    spread = np.zeros_like(axis)
    for bit in range(size.bit_length() - 1):
        spread |= ((axis >> bit) & 1) << (3 * bit)
    return spread[None, None, :] | (spread[None, :, None] << 1) | (spread[:, None, None] << 2)


def _is_occupied(values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    mean = float(np.maximum(values[0], 0).mean(dtype=np.float64))
    return values > min(_LARGEST_THRESHOLD, mean)


def _with_finer_ones(occupied: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """A coarser cube also counts, in its central half, whatever the finer one inside it counts."""
    cells = occupied.astype(np.uint8)
    size = cells.shape[1]
    inner = slice(size // 4, size - size // 4)
    for finer, coarser in pairwise(cells):
        coarser[inner, inner, inner] |= _pooled(finer)
    return cells


def _pooled(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
    half = len(cells) // 2
    return cells.reshape(half, 2, half, 2, half, 2).max(axis=(1, 3, 5))
