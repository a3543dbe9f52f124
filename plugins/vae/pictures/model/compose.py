"""Layers become a picture of any size: flat colours with edges of one pixel, and thin lines where inked layers meet.

Every layer has a height at each place, a quadratic B-spline over a grid of G x G numbers, and the highest one is seen.
Distances to an edge are the difference of the two highest over its slope, as in distance fields (Green 2007,
“Improved alpha-tested magnification”), so that an edge is one pixel wide at every size.

Shape letters: K layers, G cells along a side, S pixels along a side, F = S / G pixels along a cell, E cells with edges.
"""

from functools import cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Indices: TypeAlias = npt.NDArray[np.int64]
LINE_SHARE: Final = 1 / 768  # how thick a line is, of the side of a picture
N_SEEN: Final = 4  # no more layers than these meet in one cell
MARGIN: Final = 1.0  # so much lower, a layer is not seen in a cell nor right beside it
SMALLEST: Final = np.float32(1e-6)


def compose(heights: Array, colours: Array, ink: Array, size_px: int) -> Array:
    """The picture (S, S, 3) in 0..1 of heights (K, G, G) and colours (K, 3) in 0..1.

    `ink` (K, K) in 0..1 is how black the line is between two layers; `size_px` is a multiple of G.
    """
    n_cells = heights.shape[1]
    side = size_px // n_cells
    padded = np.pad(heights, ((0, 0), (1, 1), (1, 1)), "edge")  # (K, G + 2, G + 2)
    highest = _of_nine(padded, np.maximum)  # (K, G, G)
    is_seen = highest > _of_nine(padded, np.minimum).max(0) - MARGIN  # (K, G, G)
    picture = np.empty((n_cells, side, n_cells, side, 3), np.float32)
    picture[:] = colours[heights.argmax(0)][:, None, :, None]
    rows, columns = np.nonzero(is_seen.sum(0) > 1)
    found = np.argpartition(-highest[:, rows, columns], N_SEEN - 1, axis=0)[:N_SEEN].T  # (E, 4)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))  # (K, G, G, 3, 3)
    around = windows[found, rows[:, None], columns[:, None]].reshape(-1, N_SEEN, 9)  # (E, 4, 9)
    edges = _edges(around, found, colours, ink, LINE_SHARE * size_px, side)
    picture[rows, :, columns] = edges.reshape(-1, side, side, 3)
    return picture.reshape(size_px, size_px, 3)


def _of_nine(padded: Array, extreme: np.ufunc) -> Array:
    """The largest or smallest number of each cell and its eight neighbours, (K, G, G)."""
    rows = extreme(extreme(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return extreme(extreme(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


def _edges(around: Array, found: Indices, colours: Array, ink: Array, line_px: float, side: int) -> Array:
    """The colours (E, F², 3) of cells where the layers `found` (E, 4) have the numbers (E, 4, 9)."""
    heights = around @ _spline(side)[0]  # (E, 4, F²)
    first = heights.argmax(1)  # (E, F²)
    cells, pixels = np.arange(len(found))[:, None], np.arange(side**2)
    best = heights[cells, first, pixels]
    heights[cells, first, pixels] = -np.inf
    second = heights.argmax(1)  # (E, F²)
    height = best - heights[cells, second, pixels]
    dx, dy = (
        (slope := around @ part)[cells, first, pixels] - slope[cells, second, pixels] for part in _spline(side)[1:]
    )
    distance = height / np.maximum(np.hypot(dx, dy), SMALLEST)  # (E, F²) in pixels, not below 0
    share = np.minimum(distance + np.float32(0.5), 1)[..., None]
    upper, lower = found[cells, first], found[cells, second]  # (E, F²) each
    flat = share * colours[upper] + (1 - share) * colours[lower]
    line = np.clip(line_px / 2 - distance + np.float32(0.5), 0, min(1.0, line_px))
    return flat * (1 - line * ink[upper, lower])[..., None]


def spline_weights(n_cells: int, size_px: int) -> Array:
    """What each cell adds to the height at each pixel along one axis, (S, G)."""
    side = size_px // n_cells
    weights, cells = np.zeros((n_cells, side, n_cells), np.float32), np.arange(n_cells)
    for offset, part in zip((-1, 0, 1), _pieces(side), strict=True):
        np.add.at(weights, (cells, slice(None), (cells + offset).clip(0, n_cells - 1)), part)
    return weights.reshape(size_px, n_cells)


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
