"""Layers become a picture of any size: flat colours with edges of one pixel, and thin lines where inked layers meet.

Every layer has a height at each place, a quadratic B-spline over a grid of G x G numbers, and the highest one is seen.
Distances to an edge are the difference of the two highest over its slope, as in distance fields (Green 2007,
“Improved alpha-tested magnification”), so that an edge is one pixel wide at every size.

Shape letters: K layers, G cells along a side, S pixels along a side, F = S / G pixels along a cell, E cells with edges.
"""

from functools import cache
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Indices: TypeAlias = npt.NDArray[np.int64]
LINE_SHARE: Final = 1 / 768  # how thick a line is, of the side of a picture
N_SEEN: Final = 2, 4  # cells in which no more layers are seen are drawn with no more
MARGIN: Final = 0.5  # so much lower at nine points of a cell, a layer is not seen in it nor right beside it
SMALLEST: Final = np.float32(1e-6)


def compose(heights: Array, colours: Array, ink: Array, size_px: int) -> Bytes:
    """The picture (S, S, 3) of heights (K, G, G) and colours (K, 3) in 0..1.

    `ink` (K, K) in 0..1 is how black the line is between two layers; `size_px` is a multiple of G.
    """
    n_cells = heights.shape[1]
    side = size_px // n_cells
    padded = np.pad(heights, ((0, 0), (1, 1), (1, 1)), "edge")  # (K, G + 2, G + 2)
    top = heights.argmax(0)  # (G, G)
    below = _below(padded, top)  # (K, G, G)
    n_seen = (below < MARGIN).sum(0)  # (G, G)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))  # (K, G, G, 3, 3)
    picture = _flat(in_bytes(colours)[top], side)  # (G, F, G, F, 3)
    for few, n in pairwise((1, *(n for n in N_SEEN if n < len(heights)), len(heights))):
        rows, columns = np.nonzero((n_seen > few) & (n_seen <= n))
        found = np.argpartition(below[:, rows, columns], n - 1, axis=0)[:n].T  # (E, n)
        around = windows[found, rows[:, None], columns[:, None]].reshape(-1, n, 9)  # (E, n, 9)
        edges = _edges(around, found, colours, ink, LINE_SHARE * size_px, _spline(side))
        picture[rows, :, columns] = in_bytes(edges).reshape(-1, side, side, 3)
    return picture.reshape(size_px, size_px, 3)


def _flat(cells: Bytes, side: int) -> Bytes:
    """A picture (G, F, G, F, 3) whose cells (G, G, 3) have one colour each; row by row, as memory is copied fastest."""
    n_cells = len(cells)
    picture = np.empty((n_cells, side, n_cells * side * 3), np.uint8)
    picture[:] = cells.repeat(side, axis=1).reshape(n_cells, 1, -1)
    return picture.reshape(n_cells, side, n_cells, side, 3)


def in_bytes(colours: Array) -> Bytes:
    """Colours in 0..1 as whole numbers of one byte."""
    return (colours * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def _below(padded: Array, top: Indices) -> Array:
    """How far below the layer on top of a cell each layer stays, at its middle, its corners and between: (K, G, G)."""
    n_cells = len(top)
    points = [_meeting_and_middle(part, 2) for part in _meeting_and_middle(padded, 1)]  # each in one piece of memory
    lowest: Array = np.full((len(padded), *top.shape), np.inf, np.float32)
    below = np.empty_like(lowest)
    down, right = np.indices(top.shape)
    for row, column in np.ndindex(3, 3):
        first_row, first_column = row // 2, column // 2
        part = points[row % 2][column % 2]
        near = part[:, first_row : first_row + n_cells, first_column : first_column + n_cells]
        np.subtract(near[top, down, right], near, out=below)
        np.minimum(lowest, below, out=lowest)  # (K, G, G)
    return lowest


def _meeting_and_middle(numbers: Array, axis: int) -> tuple[Array, Array]:
    """The spline along an axis of G + 2 numbers, where its cells meet, G + 1 there, and in their middles, G there."""
    moved = np.moveaxis(numbers, axis, 0)
    before, middle, after = moved[:-2], moved[1:-1], moved[2:]
    meeting: Array = (moved[:-1] + moved[1:]) / np.float32(2)
    middles: Array = (before + np.float32(6) * middle + after) / np.float32(8)
    return np.moveaxis(meeting, 0, axis), np.moveaxis(middles, 0, axis)


def _edges(around: Array, found: Indices, colours: Array, ink: Array, line_px: float, spline: Array) -> Array:
    """The colours (E, F², 3) of cells where the layers `found` (E, n) have the numbers (E, n, 9)."""
    if found.shape[1] == 2:
        height, dx, dy = (around[:, 0] - around[:, 1]) @ spline
        upper, lower = found[:, :1], found[:, 1:]  # (E, 1) each
    else:
        upper, lower, height, dx, dy = _two_highest(around, found, spline)
    distance = height / np.maximum(np.sqrt(dx * dx + dy * dy), SMALLEST)  # (E, F²) in pixels
    share = np.clip(distance + np.float32(0.5), 0, 1)
    line = np.clip(np.float32(line_px / 2 + 0.5) - np.abs(distance), 0, min(1.0, line_px)) * ink[upper, lower]
    share, rest = (share * (1 - line))[..., None], ((1 - share) * (1 - line))[..., None]
    mixed: Array = share * colours[upper] + rest * colours[lower]
    return mixed


def _two_highest(around: Array, found: Indices, spline: Array) -> tuple[Indices, Indices, Array, Array, Array]:
    """The two highest layers at each of F² pixels, and by how much, with its slopes: (E, F²) each."""
    n_cells, n, _ = around.shape
    by_layer = np.ascontiguousarray(around.swapaxes(0, 1)).reshape(-1, 9)
    heights, *slopes = ((by_layer @ part).reshape(n, n_cells, part.shape[1]) for part in spline)  # (n, E, F²) each
    cells, pixels = np.arange(n_cells)[:, None], np.arange(heights.shape[2])
    first, second = _places_of_two(heights)
    told = (part[first, cells, pixels] - part[second, cells, pixels] for part in (heights, *slopes))
    return found[cells, first], found[cells, second], *told


def _places_of_two(numbers: Array) -> tuple[Indices, Indices]:
    """Where the highest and the second highest of n numbers stand, of (n, E, F²): (E, F²) each."""
    best, next_best = numbers[0].copy(), np.full_like(numbers[0], -np.inf)
    first, second = np.zeros((2, *best.shape), np.intp)
    for place, one in enumerate(numbers[1:], 1):
        is_best = one > best
        np.copyto(second, place, where=one > next_best)
        np.copyto(second, first, where=is_best)
        np.copyto(first, place, where=is_best)
        np.maximum(next_best, np.minimum(best, one), out=next_best)
        np.maximum(best, one, out=best)
    return first, second


def spline_weights(n_cells: int, size_px: int) -> Array:
    """What each cell adds to the height at each pixel along one axis, (S, G)."""
    padded = np.pad(np.eye(n_cells, dtype=np.float32), ((1, 1), (0, 0)), "edge")  # (G + 2, G)
    near = np.stack([padded[offset : offset + n_cells] for offset in range(3)])  # (3, G, G)
    weights = np.einsum("of,ocg->cfg", _pieces(size_px // n_cells), near).reshape(size_px, n_cells)
    return np.asarray(weights, np.float32)


def _pieces(side: int) -> Array:
    """The three pieces of a quadratic B-spline at the F pixels of a cell, (3, F)."""
    t = _middles(side)
    return np.stack([0.5 * (0.5 - t) ** 2, 0.75 - t**2, 0.5 * (0.5 + t) ** 2]).astype(np.float32)


def _middles(side: int) -> npt.NDArray[np.float64]:
    return (np.arange(side) + 0.5) / side - 0.5


@cache
def _spline(side: int) -> Array:
    """What each of nine numbers adds to the height and to its slopes, per pixel, in F² pixels: (3, 9, F²)."""
    t, weights = _middles(side), _pieces(side)
    slopes = np.stack([t - 0.5, -2 * t, t + 0.5]) / side  # (3, F)
    pairs = ((weights, weights), (weights, slopes), (slopes, weights))
    return np.stack([np.einsum("ay,bx->abyx", y, x).reshape(9, side**2) for y, x in pairs]).astype(np.float32)
