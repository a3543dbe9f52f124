"""Finds out where an original NeRF holds something, coarse cells first, and keeps that in the user's cache folder."""

import contextlib
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.place import cache_dir

from ...field.model.field import FloatArray, OccupancyGrid

Density = Callable[[FloatArray], FloatArray]
"""Densities (N,) at positions (N, 3); they may go below 0, the further the emptier a place is."""
Places = tuple[tuple[float, float, float], ...]

COARSE: Final = 96
FINE: Final = 160
N_AT_ONCE: Final = 8192
LEAST_DENSITY: Final = 0.01
"""What is thinner lets 99 % of the light through a whole unit of the world, and does not count."""
_MARGIN: Final = 1.2
_MIDDLE: Final = ((0.5, 0.5, 0.5),)
_SPREAD: Final = ((0.25, 0.25, 0.25), (0.75, 0.75, 0.25), (0.75, 0.25, 0.75), (0.25, 0.75, 0.75))
"""Places in a cell, of its side: seen along any axis no point is further than 0.36 sides from one of them, so that a
wire of 0.72 sides cannot pass between them."""
FORMAT: Final = 2
"""Part of every file's name: grids that were found in another way are not taken."""
_MAX_BYTES: Final = 16 << 20
_NAMES: Final = ("coarse", "fine")


def coarse_grid(density: Density, radius: float) -> Iterator[OccupancyGrid | float]:
    """Look at every cell of a cube about the origin, inside its ball; yields how much is done, the grid at the end.

    Args:
        density: of positions (N, 3).
        radius: half the cube's side.
    """
    low, high = np.full(3, -radius, np.float32), np.full(3, radius, np.float32)
    asked = np.ones((COARSE,) * 3, bool)
    asked[np.linalg.norm(_middles(asked, low, high), axis=-1).reshape(asked.shape) > radius * _MARGIN] = False
    yield from _measured(density, asked, low, high, _SPREAD)


def fine_grid(density: Density, coarse: OccupancyGrid) -> Iterator[OccupancyGrid | float]:
    """Look closer at the cube that just holds all marked cells of a grid; yields as `coarse_grid` does."""
    low, high = _cube_about(coarse)
    asked = is_marked(coarse, _middles(np.ones((FINE,) * 3, bool), low, high)).reshape((FINE,) * 3)
    yield from _measured(density, asked, low, high, _MIDDLE)


def within(grid: OccupancyGrid, radius: float) -> OccupancyGrid:
    """A grid of one cascade without the cells whose middles lie outside a ball about the origin."""
    away = np.linalg.norm(_middles(grid.cells[0], grid.low, grid.high), axis=-1).reshape(grid.cells.shape)
    return OccupancyGrid(grid.cells * (away <= radius), grid.low, grid.high)


def is_marked(grid: OccupancyGrid, positions: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether the innermost cells at positions (N, 3) are marked, (N,); outside the grid they are not."""
    marked = np.empty(len(positions), np.bool_)
    scale = (grid.resolution / (grid.high - grid.low)).astype(np.float32)
    _look_up(grid.cells[0], grid.low, scale, positions, marked)
    return marked


@kernel()
def _look_up(
    cells: npt.NDArray[np.uint8],
    low: FloatArray,
    scale: FloatArray,
    positions: FloatArray,
    marked: npt.NDArray[np.bool_],
) -> None:
    n = cells.shape[0]
    for i in range(len(positions)):
        x = (positions[i, 0] - low[0]) * scale[0]
        y = (positions[i, 1] - low[1]) * scale[1]
        z = (positions[i, 2] - low[2]) * scale[2]
        is_inside = 0 <= x < n and 0 <= y < n and 0 <= z < n
        marked[i] = is_inside and cells[int(z), int(y), int(x)] != 0


def _measured(
    density: Density, asked: npt.NDArray[np.bool_], low: FloatArray, high: FloatArray, places: Places
) -> Iterator[OccupancyGrid | float]:
    """Mark the asked cells that are dense at one of the places, all their neighbours, and those that may hide it."""
    found = np.full(asked.shape, np.nan, np.float32)
    cells = np.flatnonzero(asked)
    middles, side = _middles(asked, low, high), (high - low) / np.float32(len(asked))
    for first in range(0, len(cells), N_AT_ONCE):
        some = cells[first : first + N_AT_ONCE]
        moves = (np.array(places, np.float32) - 0.5) * side  # (K, 3)
        values = density((middles[some] + moves[:, None]).reshape(-1, 3)).reshape(len(places), -1)
        found.reshape(-1)[some] = values.max(axis=0)
        yield (first + len(some)) / len(cells)
    marked = _dilated(found > LEAST_DENSITY) | (_largest_inside(found) > LEAST_DENSITY)
    yield OccupancyGrid(marked.astype(np.uint8)[None], low, high)


def _largest_inside(values: FloatArray) -> FloatArray:
    """What a value may rise to inside each cell, if it goes on as steeply as to its neighbours along each axis.

    For a density that is not cut off at 0 this tells a wall or a wire that passes between the places that were asked.
    Cells that were not asked are NaN and tell nothing.
    """
    rise = np.zeros_like(values)
    for axis, size in enumerate(values.shape):
        step = np.nan_to_num(np.abs(np.diff(values, axis=axis)))
        steps = np.pad(step, [(1, 1) if one == axis else (0, 0) for one in range(values.ndim)])
        rise += 0.5 * np.maximum(steps.take(range(size), axis), steps.take(range(1, size + 1), axis))
    return np.nan_to_num(values, nan=-np.inf) + rise


def _middles(cells: npt.NDArray[Any], low: FloatArray, high: FloatArray) -> FloatArray:
    """The middles (N, 3) of all cells, those of a row along x after each other."""
    axes = [(np.arange(n, dtype=np.float32) + 0.5) / n for n in cells.shape]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return np.stack([x, y, z], axis=-1).reshape(-1, 3) * (high - low) + low


def _dilated(cells: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Cells, and those that touch one of them by a face, an edge or a corner."""
    for axis in range(3):
        padded = np.pad(cells, [(1, 1) if i == axis else (0, 0) for i in range(3)])
        parts = [np.take(padded, range(shift, shift + cells.shape[axis]), axis) for shift in range(3)]
        cells = parts[0] | parts[1] | parts[2]
    return cells


def _cube_about(grid: OccupancyGrid) -> tuple[FloatArray, FloatArray]:
    """The corners of the smallest cube about all marked cells; the whole grid where none is."""
    marked = np.argwhere(grid.cells[0])[:, ::-1]  # (N, 3): x, y, z
    if not len(marked):
        return grid.low, grid.high
    cell = (grid.high - grid.low) / grid.resolution
    low, high = grid.low + marked.min(axis=0) * cell, grid.low + (marked.max(axis=0) + 1) * cell
    half = (high - low).max() / 2
    middle = (low + high) / 2
    return (middle - half).astype(np.float32), (middle + half).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Grids:
    """Where the coarse and the fine network hold something."""

    coarse: OccupancyGrid
    fine: OccupancyGrid


def kept_grids(content: str) -> Grids | None:
    """The grids of the file with this hash; None where there are none, or they are damaged."""
    path = _path(content)
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return Grids(*(_read(arrays, name) for name in _NAMES))
    except (OSError, ValueError, KeyError, TypeError, BadZipFile, EOFError, zlib.error):
        return None


def keep_grids(content: str, grids: Grids) -> None:
    """Keep them; where the disk is full they are found anew next time."""
    arrays: dict[str, Any] = {}
    for name in _NAMES:
        grid: OccupancyGrid = getattr(grids, name)
        arrays[name] = np.packbits(grid.cells, axis=-1)
        arrays[f"{name}_box"] = np.stack([grid.low, grid.high])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    with contextlib.suppress(UserError):
        atomic_write(_path(content), file.getvalue())


def _path(content: str) -> Path:
    folder = cache_dir() / "grids"
    folder.mkdir(exist_ok=True)
    return folder / f"{content}-{FORMAT}.npz"


def _read(arrays: Any, name: str) -> OccupancyGrid:
    bits: npt.NDArray[np.uint8] = arrays[name]
    box: npt.NDArray[np.float32] = arrays[f"{name}_box"]
    if bits.dtype != np.uint8 or bits.ndim != 4 or box.shape != (2, 3) or not np.isfinite(box).all():
        raise ValueError("not a grid")
    low, high = box.astype(np.float32)
    return OccupancyGrid(np.unpackbits(bits, axis=-1), low, high)
