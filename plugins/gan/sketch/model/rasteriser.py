"""Turns strokes into the sheet that the network looks at and a person sees.

A sheet has three layers of n x n pixels: ink, where colours lie, and which. Coverage of a pixel by a line is told from
the distance of its middle to the line, so that edges are smooth; a pixel of the network is the mean of those that it
consists of.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..state import SIDE, Colour, Drawing, DrawStroke, Point

N_PIXELS: Final = 256
FILL_BELOW: Final = 0.5  # ink that colour runs under no further
FILL_UNDER: Final = 1.0  # how far, in pixels of the network, a fill reaches under the line around it
INK: Final = np.array([34, 34, 40], np.float32)
PAPER: Final = 255.0
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DrawLayers:
    """A sheet.

    Attributes:
        ink: (n, n) 0..1.
        cover: (n, n) 0..1, how much of each pixel is coloured.
        colours: (n, n, 3) 0..255, where it is.
    """

    ink: Plane
    cover: Plane
    colours: Plane

    @property
    def is_blank(self) -> bool:
        """Whether there is neither ink nor colour."""
        return not (self.ink.any() or self.cover.any())

    def picture(self) -> NDArray[np.uint8]:
        """The sheet as a person sees it, (n, n, 3): colours on white paper under the ink."""
        cover, ink = self.cover[..., None], self.ink[..., None]
        ground = PAPER + cover * (self.colours - PAPER)
        return np.rint(ground + ink * (INK - ground)).clip(0, 255).astype(np.uint8)

    def drawing(self, n_pixels: int) -> Plane:
        """The sheet as the network sees it, (5, n_pixels, n_pixels) in 0..1: ink, cover, colours where they are.

        Colour under ink is left out: it would say that the line itself shall have it.
        """
        cover = self.cover * (1 - self.ink)
        colours = np.moveaxis(self.colours, 2, 0) / np.float32(255) * cover
        whole = np.concatenate([self.ink[None], cover[None], colours])
        fold = len(self.ink) // n_pixels
        return np.ascontiguousarray(whole.reshape(5, n_pixels, fold, n_pixels, fold).mean((2, 4), dtype=np.float32))


def empty_layers(n_pixels: int = N_PIXELS) -> DrawLayers:
    """A white sheet."""
    return DrawLayers(
        np.zeros((n_pixels, n_pixels), np.float32),
        np.zeros((n_pixels, n_pixels), np.float32),
        np.zeros((n_pixels, n_pixels, 3), np.float32),
    )


class DrawSheet:
    """Draws strokes and remembers what it drew, so that a stroke that grows costs only what is new."""

    def __init__(self, n_pixels: int = N_PIXELS) -> None:
        self._n_pixels = n_pixels
        self._done: Drawing = ()
        self._below = empty_layers(n_pixels)  # all strokes of `_done`
        self._last: DrawStroke | None = None
        self._covered = np.zeros((n_pixels, n_pixels), np.float32)  # by the last stroke, before it is mirrored

    def layers(self, drawing: Drawing) -> DrawLayers:
        """The sheet with these strokes, in their order."""
        if not drawing:
            return empty_layers(self._n_pixels)
        self._go_to(drawing[:-1])
        last = drawing[-1]
        if last.tool == "fill":
            return with_fill(self._below, last)
        self._cover(last)
        return with_coverage(self._below, mirrored(self._covered, last.is_mirrored), last.tool, last.colour)

    def _go_to(self, wanted: Drawing) -> None:
        """Have all strokes but the last one in `_below`."""
        n_done = len(self._done)
        if len(wanted) < n_done or any(one is not other for one, other in zip(self._done, wanted, strict=False)):
            self._done, self._below, n_done = (), empty_layers(self._n_pixels), 0
        for stroke in wanted[n_done:]:
            self._below = with_stroke(self._below, stroke)
        self._done = wanted

    def _cover(self, stroke: DrawStroke) -> None:
        """Have what the stroke covers in `_covered`; of one that has grown only the new pieces are drawn."""
        known = self._last
        if known is not None and _grows(known, stroke):
            new = list(pairwise(stroke.points[len(known.points) - 1 :]))
        else:
            self._covered, new = np.zeros_like(self._covered), pieces(stroke.points)
        for a, b in new:
            cover_piece(self._covered, a, b, stroke.width)
        self._last = stroke


def _grows(known: DrawStroke, stroke: DrawStroke) -> bool:
    same = (known.tool, known.width, known.is_mirrored) == (stroke.tool, stroke.width, stroke.is_mirrored)
    return same and len(known.points) <= len(stroke.points) and stroke.points[: len(known.points)] == known.points


def with_stroke(layers: DrawLayers, stroke: DrawStroke) -> DrawLayers:
    """A sheet with one stroke more."""
    if stroke.tool == "fill":
        return with_fill(layers, stroke)
    covered = np.zeros_like(layers.ink)
    for a, b in pieces(stroke.points):
        cover_piece(covered, a, b, stroke.width)
    return with_coverage(layers, mirrored(covered, stroke.is_mirrored), stroke.tool, stroke.colour)


def pieces(points: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    """The dot that a way begins with, then its straight pieces: a way that grows has only further ones, to the bit."""
    return [(points[0], points[0]), *pairwise(points)]


def cover_piece(covered: Plane, a: Point, b: Point, width: float) -> None:
    """Add a straight piece with round ends to what is covered (n, n): each pixel keeps the larger of both values."""
    n = len(covered)
    scale = n / SIDE
    (ax, ay), (bx, by) = (np.array(point) * scale for point in (a, b))
    radius = width * scale / 2
    reach = radius + 1
    left, right = (int(np.clip(value, 0, n)) for value in (min(ax, bx) - reach, max(ax, bx) + reach + 1))
    top, bottom = (int(np.clip(value, 0, n)) for value in (min(ay, by) - reach, max(ay, by) + reach + 1))
    if left >= right or top >= bottom:
        return
    x = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - ax)
    y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - ay))[:, None]
    dx, dy = np.float32(bx - ax), np.float32(by - ay)
    squared = dx * dx + dy * dy
    share = np.clip((x * dx + y * dy) / squared, 0, 1) if squared > 0 else np.float32(0)
    distance = np.hypot(x - share * dx, y - share * dy)
    box = covered[top:bottom, left:right]
    np.maximum(box, np.clip(np.float32(radius + 0.5) - distance, 0, 1), out=box)


def mirrored(values: Plane, is_mirrored: bool) -> Plane:
    """What is covered on either side of the middle, on both of them; the same where nothing is mirrored."""
    return np.maximum(values, values[:, ::-1]) if is_mirrored else values


def with_coverage(layers: DrawLayers, covered: Plane, tool: str, colour: Colour) -> DrawLayers:
    """A sheet on which a pen, an eraser or a brush has covered so much (n, n) of each pixel."""
    if tool == "pen":
        return DrawLayers(np.maximum(layers.ink, covered), layers.cover, layers.colours)
    if tool == "eraser":
        return DrawLayers(layers.ink * (1 - covered), layers.cover * (1 - covered), layers.colours)
    cover = covered + layers.cover * (1 - covered)
    share = np.divide(covered, cover, out=np.zeros_like(cover), where=cover > 0)[..., None]
    mixed = layers.colours + share * (np.array(colour, np.float32) - layers.colours)
    return DrawLayers(layers.ink, cover, mixed)


def with_fill(layers: DrawLayers, stroke: DrawStroke) -> DrawLayers:
    """A sheet on which colour was poured at a stroke's first point, and at its mirror image where it is mirrored."""
    n = len(layers.ink)
    column, row = (int(np.clip(value * n / SIDE, 0, n - 1)) for value in stroke.points[0])
    is_free = layers.ink < FILL_BELOW
    found = flooded(is_free, row, column)
    if stroke.is_mirrored:
        found = found | flooded(is_free, row, n - 1 - column)
    covered = grown(found, round(FILL_UNDER * n / SIDE)).astype(np.float32)
    return with_coverage(layers, covered, "fill", stroke.colour)


def flooded(is_free: Mask, row: int, column: int) -> Mask:
    """All places that can be reached from one over free ones (n, m), not by corners; none from a closed one."""
    found = np.zeros_like(is_free)
    if not is_free[row, column]:
        return found
    found[row, column] = True
    along_rows, along_columns = _runs(is_free), _runs(is_free.T)
    n_before = 0
    while n_before != (n_found := int(found.sum())):
        n_before = n_found
        found = _spread(found, along_rows) & is_free
        found = (_spread(found.T, along_columns) & is_free.T).T
    return found


def _runs(is_free: Mask) -> NDArray[np.int64]:
    """The number of the run of free places within its row that each place belongs to."""
    is_first = np.ones_like(is_free)
    is_first[:, 1:] = is_free[:, 1:] != is_free[:, :-1]
    numbers: NDArray[np.int64] = np.cumsum(is_first.ravel(), dtype=np.int64).reshape(is_free.shape)
    return numbers


def _spread(found: Mask, runs: NDArray[np.int64]) -> Mask:
    """Every place whose run has a found one."""
    is_reached = np.zeros(int(runs.flat[-1]) + 1, np.bool_)
    is_reached[runs[found]] = True
    reached: Mask = is_reached[runs]
    return reached


def grown(found: Mask, n_pixels: int) -> Mask:
    """The same and what lies next to it, so many times, alternately as a cross and as a square."""
    for step in range(n_pixels):
        padded = np.pad(found, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        columns = padded[:, :-2] | padded[:, 1:-1] | padded[:, 2:]
        wide = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
        found = wide if step % 2 else rows[:, 1:-1] | columns[1:-1]
    return found
