"""From the gradient of a picture to that of the ellipses it was made from, tile by tile and the nearest first again.

What lies behind a splat is what the pixel has in all less what has been laid so far, so that nothing is kept from the
way forward.
"""

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..render.blend import CLEAR, LOG_LEAST_32, LOOK, MOST, ROW, X, exponential, fetch, look, start_tile
from ..render.projection import (
    BLUE,
    FALL_X,
    FALL_Y,
    GREEN,
    HALF_Y,
    LEAN,
    N_RECORD,
    PEAK,
    RED,
    TILE,
    U,
    V,
    pixel_range,
)
from ..render.tiles import TileList

FloatArray = npt.NDArray[np.float32]

N_GRADIENTS = 9
"""Of an ellipse: by U, V, FALL_X, LEAN, FALL_Y, PEAK, RED, GREEN and BLUE, at the same places as in its record."""
_BY_RED, _BY_GREEN, _BY_BLUE, _REST = (TILE * n for n in range(1, 5))
_F, _U = np.float32, np.uint64
_ZERO, _HALF, _ONE, _TWO = _F(0), _F(0.5), _F(1), _F(2)


@kernel(fast_math=True)
def blend_back(
    records: FloatArray,
    tiles: TileList,
    picture: FloatArray,
    by_picture: FloatArray,
    by_record: FloatArray,
    first: int,
    last: int,
) -> None:
    """Add the gradients of the ellipses in the tiles `first` to `last` - 1 to `by_record` (records, 9).

    Args:
        picture: (H, W, 3), what was drawn, laid on its background. by_picture: (H, W, 3), the loss's gradient.
    """
    height, width = picture.shape[:2]
    n_columns = (width + TILE - 1) // TILE
    rows, is_open = np.zeros(TILE * ROW, np.float32), np.ones(TILE, np.bool_)
    fetched = np.empty((LOOK, N_RECORD), np.float32)
    for tile in range(first, last):
        top, left = tile // n_columns * TILE, tile % n_columns * TILE
        start_tile(rows, is_open, left, min(TILE, width - left), min(TILE, height - top))
        _read(rows, picture, by_picture, top, left)
        entry, end = tiles.starts[tile], tiles.starts[tile + 1]
        while entry < end and look(rows, is_open):
            n = fetch(records, tiles.entries, entry, min(entry + LOOK, end), fetched)
            for i in range(n):
                record, gradient = fetched[i], by_record[tiles.entries[entry + i]]
                low, high = pixel_range(record[V], record[HALF_Y], top, top + TILE)
                for row in range(low, high + 1):
                    if is_open[row - top]:
                        _take_row(rows, _U(row - top) * _U(ROW), record, _F(row) + _HALF - record[V], gradient)
            entry += n


@kernel(fast_math=True)
def _read(rows, picture, by_picture, top, left):
    """Write the gradients of a tile's pixels into its rows, and what all that is laid there counts for the loss."""
    height, width = picture.shape[:2]
    for row in range(top, min(top + TILE, height)):
        for column in range(left, min(left + TILE, width)):
            at = (row - top) * ROW + column - left
            slope, colour = by_picture[row, column], picture[row, column]
            rows[at + _BY_RED], rows[at + _BY_GREEN], rows[at + _BY_BLUE] = slope[0], slope[1], slope[2]
            rows[at + _REST] = slope[0] * colour[0] + slope[1] * colour[1] + slope[2] * colour[2]


@kernel(fast_math=True)
def _take_row(rows, at, record, dy, gradient):
    """Lay a splat over one row of a tile again, and add to its gradient."""
    middle, fall = record[U] + record[LEAN] * dy, record[FALL_X]
    peak = record[PEAK] + record[FALL_Y] * dy * dy
    red, green, blue = record[RED], record[GREEN], record[BLUE]
    by_peak, by_x, by_square, by_red, by_green, by_blue = _ZERO, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO
    for i in range(_U(TILE)):
        j = at + i
        x = rows[j + _U(X)] - middle
        power = max(peak + fall * x * x, _F(-5.6))
        value = exponential(power)
        alpha = min(value, _F(MOST)) if power >= -LOG_LEAST_32 else _ZERO
        clear = rows[j + _U(CLEAR)]
        weight = alpha * clear
        a, b, c = rows[j + _U(_BY_RED)], rows[j + _U(_BY_GREEN)], rows[j + _U(_BY_BLUE)]
        seen = red * a + green * b + blue * c
        rest = rows[j + _U(_REST)] - weight * seen
        rows[j + _U(_REST)] = rest
        rows[j + _U(CLEAR)] = clear - weight
        slope = alpha * (clear * seen - rest / (_ONE - alpha)) if value <= _F(MOST) else _ZERO
        by_peak += slope
        by_x += slope * x
        by_square += slope * x * x
        by_red += weight * a
        by_green += weight * b
        by_blue += weight * c
    by_middle = -_TWO * fall * by_x
    gradient[U] += by_middle
    gradient[V] -= record[LEAN] * by_middle + _TWO * record[FALL_Y] * dy * by_peak
    gradient[FALL_X] += by_square
    gradient[LEAN] += by_middle * dy
    gradient[FALL_Y] += by_peak * dy * dy
    gradient[PEAK] += by_peak
    gradient[RED] += by_red
    gradient[GREEN] += by_green
    gradient[BLUE] += by_blue
