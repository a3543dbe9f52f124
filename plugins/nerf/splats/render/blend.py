"""Lays the splats of a tile over each other, the nearest first, a row of sixteen pixels at a time."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.camera.ray import RayGrid
from .prepared import LOG_LEAST
from .projection import (
    BLUE,
    DEPTH,
    FALL_X,
    FALL_Y,
    GREEN,
    HALF_Y,
    LEAN,
    N_RECORD,
    NORMAL,
    PEAK,
    RED,
    TILE,
    U,
    V,
    pixel_range,
)
from .tiles import TileList

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

OPAQUE: Final = 5e-4
"""The transmittance at which a row of pixels is done."""
MOST: Final = 0.99
"""Of opacity that one splat has at a pixel, as in the paper's program."""
LOOK: Final = 32  # splats between two looks at what is still clear
LOG_LEAST_32: Final = np.float32(LOG_LEAST)
CLEAR, _RED, _GREEN, _BLUE, _FAR, _N, _WEIGHT, X = (TILE * n for n in range(8))
_TURNED: Final = 8 * TILE
ROW: Final = 11 * TILE
"""A row of a tile as one piece: transmittance, sums of colour and depth, counts, the last weights, x, and normals."""
_F, _U = np.float32, np.uint64
_ZERO, _HALF, _ONE = _F(0), _F(0.5), _F(1)
# exp(8 x) for x in -0.7 .. 0 is the eighth power of this polynomial, to 1e-6 of it.
_E1, _E2, _E3, _E4, _E5 = (_F(value) for value in (0.99999476, 0.49989978, 0.1660284, 0.03984831, 0.00588525))


@kernel(fast_math=True)
def blend(
    records: FloatArray,
    tiles: TileList,
    to_length: FloatArray,
    colour: FloatArray,
    planes: FloatArray,
    normal: FloatArray,
    n_samples: npt.NDArray[np.uint16],
    with_normals: bool,
    first: int,
    last: int,
) -> None:
    """Draw the tiles `first` to `last` - 1 of a picture.

    Args:
        to_length: float32 (3, 3), from (column, row, 1) to a vector as long as one unit of depth is along the ray.
        colour, planes, normal, n_samples: what is written: (H, W, 3), opacity and depth (2, H, W), (H, W, 3), (H, W).
    """
    height, width = n_samples.shape
    n_columns = (width + TILE - 1) // TILE
    rows, is_open = np.zeros(TILE * ROW, np.float32), np.ones(TILE, np.bool_)
    fetched = np.empty((LOOK, N_RECORD), np.float32)
    for tile in range(first, last):
        top, left = tile // n_columns * TILE, tile % n_columns * TILE
        start_tile(rows, is_open, left, min(TILE, width - left), min(TILE, height - top))
        entry, end = tiles.starts[tile], tiles.starts[tile + 1]
        while entry < end and look(rows, is_open):
            n = fetch(records, tiles.entries, entry, min(entry + LOOK, end), fetched)
            for i in range(n):
                record = fetched[i]
                low, high = pixel_range(record[V], record[HALF_Y], top, top + TILE)
                for row in range(low, high + 1):
                    if is_open[row - top]:
                        _lay(rows, _U(row - top) * _U(ROW), record, _F(row) + _HALF - record[V])
                        if with_normals:
                            _lay_normal(rows, _U(row - top) * _U(ROW), record)
            entry += n
        for row in range(top, min(top + TILE, height)):
            _write(rows, _U(row - top) * _U(ROW), to_length, colour, planes, n_samples, row, left)
            if with_normals:
                _write_normal(rows, _U(row - top) * _U(ROW), normal[row], left)


@kernel(fast_math=True)
def start_tile(rows: FloatArray, is_open: npt.NDArray[np.bool_], left: int, n_columns: int, n_rows: int) -> None:
    """Make an empty tile; what lies beyond the picture is opaque from the start."""
    rows[:] = _ZERO
    for row in range(TILE):
        is_open[row] = row < n_rows
        for i in range(TILE):
            rows[row * ROW + X + i] = _F(left + i) + _HALF
            rows[row * ROW + CLEAR + i] = _ONE if row < n_rows and i < n_columns else _ZERO


@kernel(fast_math=True)
def fetch(records: FloatArray, entries: IntArray, first: int, last: int, fetched: FloatArray) -> int:
    """Copy some records next to each other, so that one needs not be waited for after the other; returns how many."""
    for entry in range(first, last):
        number = entries[entry]
        for i in range(N_RECORD):
            fetched[entry - first, i] = records[number, i]
    return last - first


@kernel(fast_math=True)
def look(rows: FloatArray, is_open: npt.NDArray[np.bool_]) -> bool:
    """Close the rows that are opaque; whether any is open."""
    is_any = False
    for row in range(TILE):
        if is_open[row]:
            most, at = _ZERO, _U(row) * _U(ROW)
            for i in range(_U(TILE)):
                most = max(most, rows[at + i])
            is_open[row] = most > _F(OPAQUE)
            is_any |= is_open[row]
    return is_any


@kernel(fast_math=True, is_inner=True)
def exponential(power):
    """The exponential function from -5.6 to 0."""
    x = power * _F(0.125)
    value = _ONE + x * (_E1 + x * (_E2 + x * (_E3 + x * (_E4 + x * _E5))))
    value *= value
    value *= value
    return value * value


@kernel(fast_math=True)
def _lay(rows, at, record, dy):
    """Lay a splat over one row of a tile."""
    middle, fall = record[U] + record[LEAN] * dy, record[FALL_X]
    peak = record[PEAK] + record[FALL_Y] * dy * dy
    red, green, blue, depth = record[RED], record[GREEN], record[BLUE], record[DEPTH]
    for i in range(_U(TILE)):
        j = at + i
        x = rows[j + _U(X)] - middle
        power = max(peak + fall * x * x, _F(-5.6))
        alpha = min(exponential(power), _F(MOST))
        alpha = alpha if power >= -LOG_LEAST_32 else _ZERO
        clear = rows[j]
        weight = alpha * clear
        rows[j] = clear - weight
        rows[j + _U(_RED)] += weight * red
        rows[j + _U(_GREEN)] += weight * green
        rows[j + _U(_BLUE)] += weight * blue
        rows[j + _U(_FAR)] += weight * depth
        rows[j + _U(_N)] += _ONE if alpha > _ZERO else _ZERO
        rows[j + _U(_WEIGHT)] = weight


@kernel(fast_math=True)
def _lay_normal(rows, at, record):
    for axis in range(_U(3)):
        part = record[NORMAL + axis]
        for i in range(_U(TILE)):
            rows[at + _U(_TURNED) + axis * _U(TILE) + i] += rows[at + _U(_WEIGHT) + i] * part


@kernel(fast_math=True)
def _write(rows, at, to_length, colour, planes, n_samples, row, left):
    m, width = to_length, n_samples.shape[1]
    for column in range(left, min(left + TILE, width)):
        j = at + _U(column - left)
        u, v = _F(column) + _HALF, _F(row) + _HALF
        x, y = m[0, 0] * u + m[0, 1] * v + m[0, 2], m[1, 0] * u + m[1, 1] * v + m[1, 2]
        z = m[2, 0] * u + m[2, 1] * v + m[2, 2]
        covered = _ONE - rows[j]
        colour[row, column, 0] = rows[j + _U(_RED)]
        colour[row, column, 1] = rows[j + _U(_GREEN)]
        colour[row, column, 2] = rows[j + _U(_BLUE)]
        planes[0, row, column] = covered
        far = rows[j + _U(_FAR)] * np.sqrt(x * x + y * y + z * z)
        planes[1, row, column] = far / covered if covered > _ZERO else _ZERO
        n_samples[row, column] = np.uint16(min(rows[j + _U(_N)], _F(65535)))


@kernel(fast_math=True)
def _write_normal(rows, at, normal, left):
    for column in range(left, min(left + TILE, len(normal))):
        j = at + _U(_TURNED + column - left)
        x, y, z = rows[j], rows[j + _U(TILE)], rows[j + _U(2 * TILE)]
        length = np.sqrt(x * x + y * y + z * z)
        scale = _ONE / length if length > _ZERO else _ZERO
        normal[column, 0], normal[column, 1], normal[column, 2] = x * scale, y * scale, z * scale


def to_length_of(rays: RayGrid) -> FloatArray:
    """The matrix that `blend` needs of some rays."""
    along = np.linalg.norm(np.linalg.inv(np.asarray(rays.to_direction, np.float64))[2])
    return np.ascontiguousarray(rays.to_direction * along, np.float32)
