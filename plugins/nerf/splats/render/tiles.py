"""Lists, tile by tile, the splats that are seen there, and puts each list in order of depth."""

from collections.abc import Callable, Generator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share
from .projection import CHUNK, DEPTH, N_CHUNKS, Projected, tile_columns

IntArray = npt.NDArray[np.int32]
KeyArray = npt.NDArray[np.uint32]

N_TOGETHER: Final = 8
"""Parts of the splats that are listed between two looks at what else is wanted."""
N_LISTED: Final = 8_000_000
"""Entries for which there is room at the same time: 64 MB."""
N_SORTED: Final = 500_000
"""Entries that are sorted between two such looks."""
_BITS: Final = 8
_N_PASSES: Final = 3
_N_DIGITS: Final = 1 << _BITS


class TileList(NamedTuple):
    """Attributes:
    entries: int32 (E,), numbers of records, tile after tile, the nearest splat first.
    starts: int64 (tiles + 1,), where each tile's entries begin.
    """

    entries: IntArray
    starts: npt.NDArray[np.int64]


def bands_of_tiles(projected: Projected, first_row: int, last_row: int) -> list[tuple[int, int]]:
    """Rows of tiles, the first and the one behind the last of each band, whose lists have room at the same time."""
    by_row = projected.tile_counts.sum((0, 2), dtype=np.int64)[first_row:last_row]
    before = np.cumsum(by_row) - by_row
    firsts = np.flatnonzero(np.diff(before // N_LISTED, prepend=-1)) + first_row
    return list(pairwise([*firsts.tolist(), last_row]))


def listed(projected: Projected, first_row: int, last_row: int) -> Generator[None, None, TileList]:
    """List and sort all splats that are seen in some rows of tiles; the others' lists are empty. Yields in between."""
    n_parts, n_rows, n_columns = projected.tile_counts.shape
    n_tiles = n_rows * n_columns
    own = np.zeros_like(projected.tile_counts)
    own[:, first_row:last_row] = projected.tile_counts[:, first_row:last_row]
    counts = own.reshape(n_parts, n_tiles)
    ends = np.cumsum(counts.sum(0, dtype=np.int64))
    starts = np.concatenate([np.zeros(1, np.int64), ends])
    places = (starts[:-1] + np.cumsum(counts, axis=0, dtype=np.int64) - counts).reshape(projected.tile_counts.shape)
    entries, keys = np.empty(int(starts[-1]), np.int32), np.empty(int(starts[-1]), np.uint32)

    def fill(first: int, last: int) -> None:
        for part in range(first, last):
            fill_tiles(projected, places[part], entries, keys, part, first_row, last_row)

    def sort(first: int, last: int) -> None:
        sort_tiles(starts, entries, keys, first, last)

    for first in range(0, n_parts, N_TOGETHER):
        _share_from(fill, first, min(first + N_TOGETHER, n_parts), 1)
        yield
    bounds = np.searchsorted(starts, np.arange(N_SORTED, len(entries), N_SORTED)).tolist()
    for first, last in pairwise([0, *bounds, n_tiles]):
        _share_from(sort, first, last, max(1, (last - first) // 32))
        yield
    return TileList(entries, starts)


def _share_from(work: Callable[[int, int], None], first: int, last: int, n_together: int) -> None:
    share(lambda a, b: work(first + a, first + b), last - first, n_together)


@kernel(fast_math=True)
def fill_tiles(
    projected: Projected,
    places: npt.NDArray[np.int64],
    entries: IntArray,
    keys: KeyArray,
    part: int,
    first_row: int,
    last_row: int,
) -> None:
    """Write the records of one part, and their depths as keys, where `places` (rows, columns) says, which moves on."""
    n_columns, n_chunks = places.shape[1], len(projected.counts)
    for chunk in range(part * N_CHUNKS, min((part + 1) * N_CHUNKS, n_chunks)):
        for number in range(chunk * CHUNK, chunk * CHUNK + projected.counts[chunk]):
            record, span = projected.records[number], projected.spans[number]
            key = np.float32(record[DEPTH]).view(np.uint32)
            for row in range(np.int64(span[2]), np.int64(span[3]) + 1):
                if not first_row <= row < last_row:
                    continue
                left, right = tile_columns(record, span, row, n_columns)
                for column in range(left, right + 1):
                    at = places[row, column]
                    entries[at], keys[at] = number, key
                    places[row, column] = at + 1


@kernel()
def sort_tiles(starts: npt.NDArray[np.int64], entries: IntArray, keys: KeyArray, first: int, last: int) -> None:
    """Put the entries of some tiles in order of their keys, of equal ones the earlier first (radix sort).

    Depths are positive, so that their bits grow with them; the lowest bits of a tile go where there are too many.
    """
    n_most = 0
    for tile in range(first, last):
        n_most = max(n_most, starts[tile + 1] - starts[tile])
    other_entries, other_keys = np.empty(n_most, np.int32), np.empty(n_most, np.uint32)
    places = np.empty((_N_PASSES, _N_DIGITS + 1), np.int64)
    for tile in range(first, last):
        start, end = starts[tile], starts[tile + 1]
        own_entries, own_keys = entries[start:end], keys[start:end]
        least, shift = _range(own_keys)
        _count_digits(own_keys, least, shift, places)
        for n_pass in range(_N_PASSES):
            down = np.uint64(shift + n_pass * _BITS)
            if n_pass % 2 == 0:
                _sort_pass(own_entries, own_keys, other_entries, other_keys, least, down, places[n_pass])
            else:
                _sort_pass(other_entries[: end - start], other_keys, own_entries, own_keys, least, down, places[n_pass])
        own_entries[:] = other_entries[: end - start]


@kernel()
def _range(keys):
    """The least key, and how many bits there are too many in the differences from it."""
    least, most = np.uint64(0xFFFFFFFF), np.uint64(0)
    for key in keys:
        least, most = min(least, np.uint64(key)), max(most, np.uint64(key))
    shift = 0
    while len(keys) and (most - least) >> np.uint64(shift + _N_PASSES * _BITS):
        shift += 1
    return least, shift


@kernel()
def _count_digits(keys, least, shift, places):
    """Write where in the sorted list the keys with each digit begin, for each digit of a key."""
    places[:] = 0
    for key in keys:
        rest = (key - least) >> np.uint64(shift)
        for n_pass in range(_N_PASSES):
            places[n_pass, 1 + np.int64(rest & np.uint64(_N_DIGITS - 1))] += 1
            rest >>= np.uint64(_BITS)
    for n_pass in range(_N_PASSES):
        for digit in range(_N_DIGITS):
            places[n_pass, digit + 1] += places[n_pass, digit]


@kernel()
def _sort_pass(entries, keys, into_entries, into_keys, least, down, places):
    """Sort by one digit."""
    for i in range(len(entries)):
        digit = np.int64(((keys[i] - least) >> down) & np.uint64(_N_DIGITS - 1))
        into_entries[places[digit]], into_keys[places[digit]] = entries[i], keys[i]
        places[digit] += 1
