"""Draws tens of thousands of pictures as one: dots, and where there is room the pictures themselves.

Drawn into an array at once: fifty thousand calls of a painter would take half a second, this takes some milliseconds.
Shapes: N pictures, P colours, H W pixels.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator
from studio.core.view import ByteArray, FloatArray

from ..map_geometry import Viewport

SIZES_PX: Final = (64, 32, 16)
LEAST_SHARES: Final = {64: 0.5, 32: 0.1, 16: 0.0}
"""How many of all pictures have to find room at a size, for it to be chosen; else one sees dots behind few of them."""
GAP_PX: Final = 2
DOT_PX: Final = 3
DIM: Final = 0.2  # of its colour has what is not selected
DOT_SHARE: Final = 0.5  # and a dot: pictures stand out from it
PICK_PX: Final = 8.0
LEVELS_PER_TWO: Final = 2
TILE_PX: Final = 256
N_ROWS: Final = 1 << 21
Words = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Colours:
    """Which colour each picture has, `palette[of[n]]`: (P, 3) uint8, P <= 256, and (N,). None: each its own."""

    palette: ByteArray
    of: npt.NDArray[np.integer]


class Mosaic:
    """Pictures (N, 32, 32[, 3]) at positions (N, 2) in -1..1."""

    def __init__(self, positions: FloatArray, sprites: ByteArray) -> None:
        self._sprites = sprites
        self._n, self._is_coloured = len(positions), sprites.ndim == 4
        self._order = generator(0, "mosaic").permutation(self._n)  # whose turn it is where there is room for one
        self.positions = positions.astype(np.float64)
        self._chosen, self._zoomed = lru_cache(maxsize=32)(self._choose), lru_cache(maxsize=2)(self._zoom)
        self._selected: npt.NDArray[np.bool_] | None = None
        self.colour(Colours(np.full((1, 3), 128, np.uint8), np.zeros(self._n, np.intp)), (0, 0, 0))

    def colour(self, colours: Colours, paper: tuple[int, int, int]) -> None:
        """Show other colours on another paper."""
        ground, palette = np.array(paper, np.float32), colours.palette.astype(np.float32)
        both = np.concatenate([palette, ground + (palette - ground) * np.float32(DIM)])  # (2 P, 3), pale ones behind
        share = np.arange(256, dtype=np.float32)[:, None] / 255
        self._paper, self._ground = ground, _words(ground.astype(np.uint8)[None])[0]
        self._frames = _words(np.rint(both).astype(np.uint8))  # (2 P,)
        self._dot_words = _words(np.rint(ground + (both - ground) * np.float32(DOT_SHARE)).astype(np.uint8))
        self._inks = _words(np.rint(ground + (both[:, None] - ground) * share).astype(np.uint8))  # (2 P, 256)
        self._of, self._n_colours = colours.of.astype(np.intp), len(palette)
        self.select(self._selected)

    def select(self, selected: npt.NDArray[np.bool_] | None) -> None:
        """Let those that are not selected (N,) be pale; None for none that are."""
        self._selected = selected
        self._colours = self._of if selected is None else self._of + self._n_colours * ~selected

    def tile(self, view: Viewport, width_px: int, height_px: int, scale: int, column: int, row: int) -> Words:
        """Draw a square of 256 pixels, everything `scale` times as large: (256, 256) uint32, 0xffRRGGBB.

        Where the whole map is `width_px` x `height_px` at zoom 1, the pixel at its middle is the first one of the
        square (0, 0), whatever the middle of the view.
        """
        zoomed = self._zoomed(view.extent_x, view.extent_y, view.zoom, width_px, height_px, scale)
        pad = SIZES_PX[0] * scale
        wide = TILE_PX + 2 * pad
        at = zoomed.at - (column * TILE_PX - pad, row * TILE_PX - pad)
        near = np.flatnonzero(((at >= pad // 2) & (at < wide - pad // 2)).all(1))
        canvas, first = np.full(wide * wide, self._ground, np.uint32), at[:, 1] * wide + at[:, 0]
        self._dots(canvas, first[self._drawn_last(near)], self._drawn_last(near), wide, scale)
        shown = near[zoomed.is_chosen[near]]
        if len(shown):
            side = zoomed.size * scale
            steps = np.arange(side) - side // 2
            places, words = first[shown, None, None] + (steps[:, None] * wide + steps), self._pictures(shown, side)
            is_drawn = np.s_[:] if self._is_coloured else words != self._ground  # ink lies on what is behind it
            canvas[places[is_drawn]] = words[is_drawn]
        return canvas.reshape(wide, wide)[pad:-pad, pad:-pad]

    def _drawn_last(self, near: Indices) -> Indices:
        """The same, with those that are selected at the end: they lie on top."""
        return near if self._selected is None else near[np.argsort(self._selected[near], kind="stable")]

    def _dots(self, canvas: Words, first: npt.NDArray[np.int64], shown: Indices, wide: int, scale: int) -> None:
        words, steps = self._dot_words[self._colours[shown]], np.arange(DOT_PX * scale) - DOT_PX * scale // 2
        for step in (steps[:, None] * wide + steps).ravel():
            canvas[first + step] = words

    def _pictures(self, shown: Indices, side: int) -> Words:
        """The pictures of some places (M,), (M, side, side) words."""
        tiles, colours = self._sprites[shown], self._colours[shown]
        while tiles.shape[1] > side:
            tiles = halved(tiles)
        while tiles.shape[1] < side:
            tiles = doubled(tiles)
        if not self._is_coloured:
            return self._inks[colours[:, None, None], tiles]
        if self._selected is not None:
            pale = ~self._selected[shown]
            tiles[pale] = self._paper + (tiles[pale] - self._paper) * np.float32(DIM)
        words, frame, edge = _words(tiles), self._frames[colours, None, None], max(1, side // 16)
        for part in (np.s_[:, :edge], np.s_[:, -edge:], np.s_[:, :, :edge], np.s_[:, :, -edge:]):
            words[part] = frame
        return words

    def _zoom(self, extent_x: float, extent_y: float, zoom: float, width: int, height: int, scale: int) -> "_Zoomed":
        view = Viewport(extent_x, extent_y, zoom=zoom, max_zoom=np.inf)
        at = np.floor(view.to_pixels(self.positions, width, height) - (width / 2, height / 2)).astype(np.int64)
        level = int(np.floor(np.log2(max(zoom, 1.0)) * LEVELS_PER_TWO + 1e-6))
        return _Zoomed(at, *self._chosen(level, (extent_x, extent_y), width // scale, height // scale))

    def _choose(
        self, level: int, extent: tuple[float, float], width: int, height: int
    ) -> tuple[int, npt.NDArray[np.bool_]]:
        """The size of pictures at a level of zoom, and which find room (N,), one in each cell of a grid.

        Cells are rows of a table by a hash, where two may meet: then one picture less is drawn.
        """
        view = Viewport(*extent, zoom=2 ** (level / LEVELS_PER_TWO), max_zoom=np.inf)
        is_chosen, size = np.ones(self._n, bool), SIZES_PX[-1]
        for size in SIZES_PX:
            cells = ((self.positions + 2) * view.scale(width, height) / (size + GAP_PX)).astype(np.int64)
            rows = (cells[:, 0] * 73_856_093 ^ cells[:, 1] * 19_349_663) & (N_ROWS - 1)
            table = np.zeros(N_ROWS, np.int32)
            table[rows[self._order]] = self._order  # the last one stays
            is_chosen = table[rows] == np.arange(self._n)
            if np.count_nonzero(is_chosen) >= LEAST_SHARES[size] * self._n:
                break
        return size, is_chosen

    def under(self, pixel: tuple[float, float], view: Viewport, width_px: int, height_px: int, scale: int = 1) -> int:
        """The picture at a pixel: one that is drawn there, else that of the nearest dot; -1 for none."""
        zoomed = self._zoomed(view.extent_x, view.extent_y, view.zoom, width_px, height_px, scale)
        ways = np.abs(view.to_pixels(self.positions, width_px, height_px) - pixel)
        over = np.flatnonzero(zoomed.is_chosen & (ways <= zoomed.size * scale / 2).all(1))
        if len(over):
            return int(over[ways[over].sum(1).argmin()])
        distances = np.hypot(*ways.T)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= PICK_PX * scale else -1


@dataclass(frozen=True, eq=False)
class _Zoomed:
    """Where each picture lies at a zoom, (N, 2) pixels from the middle, and which are drawn and how large."""

    at: npt.NDArray[np.int64]
    size: int
    is_chosen: npt.NDArray[np.bool_]


def halved(tiles: ByteArray) -> ByteArray:
    """Pictures (M, H, W[, 3]) half as large, each pixel the mean of four."""
    rows = tiles[:, ::2].astype(np.uint16) + tiles[:, 1::2]
    return np.asarray((rows[:, :, ::2] + rows[:, :, 1::2] + 2) >> 2, np.uint8)


def doubled(tiles: ByteArray) -> ByteArray:
    """Pictures (M, H, W[, 3]) twice as large, each pixel three parts of its own and one of the one beside it."""
    for axis in (1, 2):
        wide = tiles.astype(np.uint16)
        edge = [(0, 0)] * wide.ndim
        edge[axis] = (1, 1)
        padded = np.pad(wide, edge, mode="edge")
        n = wide.shape[axis]
        before, after = padded.take(range(n), axis), padded.take(range(2, n + 2), axis)
        pair = np.stack([(3 * wide + before + 2) // 4, (3 * wide + after + 2) // 4], axis + 1)
        tiles = pair.reshape(*wide.shape[:axis], 2 * n, *wide.shape[axis + 1 :]).astype(np.uint8)
    return tiles


def _words(colours: ByteArray) -> Words:
    """Colours (..., 3) as words 0xffRRGGBB, (...) uint32."""
    channels = np.full((*colours.shape[:-1], 4), 255, np.uint8)
    channels[..., 2::-1] = colours
    return np.asarray(channels.view("<u4")[..., 0].astype(np.uint32))
