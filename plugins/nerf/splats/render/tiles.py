"""Puts projected splats in order of depth and lists, tile by tile, which of them are seen there."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share
from .prepared import LOG_LEAST
from .projection import CHUNK, DEPTH, FALL_X, FALL_Y, HALF_X, HALF_Y, LEAN, PEAK, Projected, U, V

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
ShortArray = npt.NDArray[np.uint16]

TILE: Final = 16
"""Pixels along a side of a tile: a row of one is one vector of the widest kind."""
_N_PARTS: Final = 4  # of the rows of tiles, listed at a time
_BITS: Final = 11
_N_KEYS: Final = 1 << _BITS  # of each of the two passes of the sort
_LOG_LEAST: Final = np.float32(LOG_LEAST)
_F, _U = np.float32, np.uint64
_ZERO, _HALF = _F(0), _F(0.5)


class TileList(NamedTuple):
    """Attributes:
    entries: int32 (E,), numbers of records, tile after tile, the nearest splat first.
    starts: int64 (tiles + 1,), where each tile's entries begin.
    """

    entries: IntArray
    starts: npt.NDArray[np.int64]


def listed(projected: Projected, width: int, height: int) -> TileList:
    """Sort and list all splats that are seen in a picture of this size."""
    order = sorted_by_depth(projected)
    n_columns, n_rows = -(-width // TILE), -(-height // TILE)
    counts = np.zeros((n_rows, n_columns), np.int64)
    spans = np.empty((len(projected.numbers), 4), np.uint16)
    parts = np.linspace(0, n_rows, min(_N_PARTS, n_rows) + 1).astype(np.int64)

    def measure(first: int, last: int) -> None:
        fill_spans(projected.records, projected.counts, width, height, spans, first, last)

    def count(first: int, last: int) -> None:
        for part in range(first, last):
            count_tiles(projected, spans, width, counts, parts[part], parts[part + 1])

    share(measure, len(projected.counts), 8)
    share(count, len(parts) - 1, 1)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts.reshape(-1))])
    places, entries = starts[:-1].reshape(counts.shape).copy(), np.empty(int(starts[-1]), np.int32)

    def fill(first: int, last: int) -> None:
        for part in range(first, last):
            fill_tiles(projected.records, order, spans, width, places, entries, parts[part], parts[part + 1])

    share(fill, len(parts) - 1, 1)
    return TileList(entries, starts)


def sorted_by_depth(projected: Projected) -> IntArray:
    """The numbers of all records, the nearest first; of equal ones the earlier."""
    n = int(projected.counts.sum())
    rows, keys = np.empty((2, n), np.int32), np.empty((2, n), np.uint32)
    radix_sort(projected.records, projected.counts, rows, keys)
    return rows[0]


@kernel()
def radix_sort(records: FloatArray, counts: IntArray, rows: IntArray, keys: npt.NDArray[np.uint32]) -> None:
    """Put the numbers of all records into rows[0] by depth; rows and keys (2, n) are room to work in.

    Depths are positive, so that their bits grow with them; the lowest bits go where there are too many.
    """
    least, most, n = np.uint32(0xFFFFFFFF), np.uint32(0), 0
    for chunk in range(len(counts)):
        for row in range(chunk * CHUNK, chunk * CHUNK + counts[chunk]):
            key = np.float32(records[row, DEPTH]).view(np.uint32)
            least, most = min(least, key), max(most, key)
            rows[0, n], keys[0, n] = row, key
            n += 1
    shift = np.uint32(0)
    while n and (most - least) >> shift >= np.uint32(_N_KEYS * _N_KEYS):
        shift += np.uint32(1)
    for n_pass in range(2):
        ends = np.zeros(_N_KEYS + 1, np.int64)
        down = shift + np.uint32(n_pass * _BITS)
        for i in range(n):
            ends[1 + _digit(keys[n_pass, i], least, down)] += 1
        for digit in range(_N_KEYS):
            ends[digit + 1] += ends[digit]
        for i in range(n):
            key = keys[n_pass, i]
            digit = _digit(key, least, down)
            rows[1 - n_pass, ends[digit]], keys[1 - n_pass, ends[digit]] = rows[n_pass, i], key
            ends[digit] += 1


@kernel(is_inner=True)
def _digit(key, least, down):
    return np.int64(((key - least) >> down) & np.uint32(_N_KEYS - 1))


@kernel(fast_math=True)
def fill_spans(
    records: FloatArray, counts: IntArray, width: int, height: int, spans: ShortArray, first: int, last: int
) -> None:
    """Write the first and last column and row of tiles of all records of some chunks into `spans` (N, 4)."""
    for chunk in range(first, last):
        for number in range(chunk * CHUNK, chunk * CHUNK + counts[chunk]):
            record, span = records[number], spans[number]
            left, right = tile_range(record[U], record[HALF_X], width)
            top, bottom = tile_range(record[V], record[HALF_Y], height)
            span[0], span[1], span[2], span[3] = left, right, top, bottom


@kernel(fast_math=True)
def count_tiles(
    projected: Projected,
    spans: ShortArray,
    width: int,
    counts: npt.NDArray[np.int64],
    first_row: int,
    last_row: int,
) -> None:
    """Add to some rows of `counts` (rows, columns) how many splats are seen in each tile."""
    for chunk in range(len(projected.counts)):
        for number in range(chunk * CHUNK, chunk * CHUNK + projected.counts[chunk]):
            top, bottom = max(np.int64(spans[number, 2]), first_row), min(np.int64(spans[number, 3]), last_row - 1)
            for row in range(top, bottom + 1):
                left, right = _columns(projected.records, number, spans, row, width)
                for column in range(left, right + 1):
                    counts[row, column] += 1


@kernel(fast_math=True)
def fill_tiles(
    records: FloatArray,
    order: IntArray,
    spans: ShortArray,
    width: int,
    places: npt.NDArray[np.int64],
    entries: IntArray,
    first_row: int,
    last_row: int,
) -> None:
    """Write the splats that are seen in some rows of tiles into `entries`; `places` says where, and moves on."""
    for place in range(len(order)):
        number = order[place]
        top, bottom = max(np.int64(spans[number, 2]), first_row), min(np.int64(spans[number, 3]), last_row - 1)
        for row in range(top, bottom + 1):
            left, right = _columns(records, number, spans, row, width)
            for column in range(left, right + 1):
                entries[places[row, column]] = number
                places[row, column] += 1


@kernel(fast_math=True, is_inner=True)
def tile_range(middle, half, length):
    """The first and the last tile along an axis whose pixels' middles are within `half` of a place."""
    first, last = pixel_range(middle, half, 0, length)
    return first // TILE, last // TILE


@kernel(fast_math=True, is_inner=True)
def pixel_range(middle, half, low, high):
    """The first and the last pixel from `low` to `high` - 1 whose middle is within `half` of a place."""
    first = np.ceil(max(middle - half, _F(low)) - _HALF)
    last = np.floor(min(middle + half, _F(high)) - _HALF)
    return max(np.int64(first), low), min(np.int64(last), high - 1)


@kernel(fast_math=True, is_inner=True)
def _columns(records, number, spans, row, width):
    """The first and last tile of a row of tiles that a splat reaches."""
    left, right = np.int64(spans[number, 0]), np.int64(spans[number, 1])
    if left == right or spans[number, 2] == spans[number, 3]:
        return left, right
    record = records[number]
    above, below = _F(row * TILE) - record[V], _F((row + 1) * TILE) - record[V]
    farthest = record[LEAN] * record[HALF_Y] * record[HALF_Y] / record[HALF_X]
    on_right, on_left = min(max(farthest, above), below), min(max(-farthest, above), below)
    end = record[U] + record[LEAN] * on_right + _half_width(record, on_right)
    start = record[U] + record[LEAN] * on_left - _half_width(record, on_left)
    if end < start:
        return 0, -1
    middle = (start + end) * _HALF
    return tile_range(middle, end - middle, width)


@kernel(fast_math=True, is_inner=True)
def _half_width(record, dy):
    """Half the width of a splat at some height."""
    left = record[PEAK] + _LOG_LEAST + record[FALL_Y] * dy * dy
    return np.sqrt(max(left, _ZERO) / -record[FALL_X])
