"""Draws signed distance fields as sharp antialiased shapes at any size, and sets them as words.

A field is a float32 array of 64 x 64 samples at the centres of square cells: positive inside the shape,
negative outside, in units of one cell. A shape is drawn by cubic resampling in two matrix products and a ramp
one output pixel wide around zero. Coverage from distance: Green, "Improved Alpha-Tested Magnification for
Vector Textures and Special Effects", SIGGRAPH 2007. Shapes: N glyphs, H W output pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.render.cubic import resampled

CELLS: Final = 64
_PAIR_GAP: Final = 5.0  # cells of white between two upright stems
_LEAST_GAP: Final = 2.5  # cells between the outlines of any two glyphs
_WHITE_LIMIT: Final = 6.0  # cells: white that lies deeper does not push two glyphs together any more
_REACH: Final = 4  # rows above and below in which two glyphs must not pass each other
_TUCK: Final = 0.35  # how much of the mean white between two open shapes is taken away
_SPACE: Final = 12.0  # cells of a word space

FloatArray = NDArray[np.float32]
_NO_INK: Final[FloatArray] = np.full((CELLS, CELLS), -1.0, np.float32)
ByteArray = NDArray[np.uint8]


@dataclass(frozen=True)
class Placement:
    """Where one glyph's cell square lies: its top left corner and the pixels per cell."""

    left_px: float
    top_px: float
    scale_px: float


def render_fields(fields: FloatArray, placements: Sequence[Placement], width_px: int, height_px: int) -> ByteArray:
    """Draw every field at its place.

    Args:
        fields: (N, 64, 64) float32.
        placements: N places in output pixels; parts outside the picture are cut off.

    Returns:
        (H, W) uint8, the covered share of each pixel: 0 outside, 255 inside.
    """
    if fields.ndim != 3 or fields.shape[1:] != (CELLS, CELLS) or len(fields) != len(placements):
        raise ValueError(f"fields of shape {fields.shape} for {len(placements)} places")
    picture = np.zeros((height_px, width_px), np.uint8)
    for field, place in zip(fields, placements, strict=True):
        _draw(picture, field, place)
    return picture


def render_glyph(field: FloatArray, size_px: int) -> ByteArray:
    """Draw one (64, 64) field so that its cell fills a picture of (size_px, size_px), uint8 coverage."""
    return render_fields(field[None], [Placement(0.0, 0.0, size_px / CELLS)], size_px, size_px)


def tint(coverage: ByteArray, ink: Sequence[int], paper: Sequence[int]) -> ByteArray:
    """Colour a coverage picture: (H, W) uint8 -> (H, W, 3) uint8; `ink`, `paper` are (r, g, b) in 0..255."""
    share = np.linspace(0.0, 1.0, 256)[:, None]
    table = np.rint(np.asarray(paper) * (1 - share) + np.asarray(ink) * share).astype(np.uint8)
    return table[coverage]


def layout_word(
    fields: Sequence[FloatArray | None] | FloatArray,
    width_px: float,
    height_px: float,
    margin_px: float = 0.0,
) -> list[Placement]:
    """Set glyphs on one line, spaced by their outlines, as large as the rectangle allows, centred.

    The cells share a baseline, so all glyphs keep their vertical place and the line is as high as a cell.

    Args:
        fields: (64, 64) float32 each, or (N, 64, 64); None, or one without ink, is a word space.

    Returns:
        One placement per entry; that of a space draws nothing.
    """
    if not len(fields):
        return []
    lines = _outlines(np.stack([_NO_INK if glyph is None else glyph for glyph in fields]))
    lefts = _line_positions(lines)
    start, end = float((lefts + lines.start).min()), float((lefts + lines.end).max())
    length = end - start
    inner_width, inner_height = width_px - 2 * margin_px, height_px - 2 * margin_px
    scale = min(inner_height / CELLS, inner_width / max(length, 1.0))
    left_px = (width_px - length * scale) / 2 - start * scale
    top_px = (height_px - CELLS * scale) / 2
    return [Placement(left_px + left * scale, top_px, scale) for left in lefts.tolist()]


def _draw(picture: ByteArray, field: FloatArray, place: Placement) -> None:
    y0, y1 = _span(place.top_px, place.scale_px, picture.shape[0])
    x0, x1 = _span(place.left_px, place.scale_px, picture.shape[1])
    if y0 >= y1 or x0 >= x1:
        return
    scale_px = round(place.scale_px, 5)
    ways = (y1 - y0, round(place.top_px - y0, 3), scale_px), (x1 - x0, round(place.left_px - x0, 3), scale_px)
    tile = picture[y0:y1, x0:x1]
    # The ramp 255 * (0.5 + distance in pixels), with 0.5 more so that cutting off the fraction rounds.
    for columns, values in resampled(field * np.float32(255 * scale_px) + np.float32(128.0), *ways):
        strip = tile[:, columns]
        np.maximum(strip, np.clip(values, 0.0, 255.0, out=values).astype(np.uint8), out=strip)


def _span(start_px: float, scale_px: float, limit_px: int) -> tuple[int, int]:
    return max(0, int(np.floor(start_px))), min(limit_px, int(np.ceil(start_px + CELLS * scale_px)))


@dataclass(frozen=True)
class _Outlines:
    """Where the ink of N glyphs ends, in cells.

    Attributes:
        left, right: leftmost and rightmost edge in every row (N, 64), infinite beyond the other side in rows without
            ink.
        start, end: the outermost of them (N,); a space is as wide as a word space.
        has_ink: whether there is any (N,).
    """

    left: FloatArray
    right: FloatArray
    start: FloatArray
    end: FloatArray
    has_ink: NDArray[np.bool_]


def _outlines(glyphs: FloatArray) -> _Outlines:
    """The outlines of glyphs (N, 64, 64)."""
    inside = glyphs > 0
    is_row: NDArray[np.bool_] = np.any(inside, axis=2)
    first, last = inside.argmax(axis=2), CELLS - 1 - inside[:, :, ::-1].argmax(axis=2)  # (N, 64)
    edges = (np.take_along_axis(glyphs, at[..., None], 2)[..., 0] for at in (first, last))
    left = np.where(is_row, first + 0.5 - next(edges), np.inf).astype(np.float32)
    right = np.where(is_row, last + 0.5 + next(edges), -np.inf).astype(np.float32)
    has_ink: NDArray[np.bool_] = np.any(is_row, axis=1)
    start, end = np.where(has_ink, left.min(axis=1), 0.0), np.where(has_ink, right.max(axis=1), _SPACE)
    return _Outlines(left, right, start.astype(np.float32), end.astype(np.float32), has_ink)


def _line_positions(lines: _Outlines) -> NDArray[np.float64]:
    """The left edge of every cell in cells (N,), the first glyph's at 0."""
    near_left, near_right = _spread(lines.left, np.inf, np.minimum), _spread(lines.right, -np.inf, np.maximum)
    white = near_left[1:] - near_right[:-1]  # (N - 1, 64), infinite where only one glyph has ink nearby
    is_row = np.isfinite(lines.right[:-1]) | np.isfinite(lines.left[1:])
    ways = [_advance(lines, place, white[place], is_row[place]) for place in range(len(white))]
    return np.cumsum([0.0, *ways])


def _advance(lines: _Outlines, place: int, white: FloatArray, is_row: NDArray[np.bool_]) -> float:
    """How far the left edge of the cell after one lies from that one's, in cells, by the white (64,) between them."""
    side_by_side = float(lines.end[place] - lines.start[place + 1])
    if not lines.has_ink[place : place + 2].all():
        return side_by_side
    touching = -float(white.min())
    if math.isinf(touching):
        return side_by_side + _PAIR_GAP
    loose = float(np.minimum(white[is_row] + np.float32(touching), _WHITE_LIMIT).mean())
    return touching + max(_LEAST_GAP, _PAIR_GAP - _TUCK * loose)


def _spread(edge: FloatArray, empty: float, join: np.ufunc) -> FloatArray:
    """Let each row (N, 64) also see its neighbours above and below, so that no arm slides under another one."""
    padded = np.full((len(edge), CELLS + 2 * _REACH), empty, np.float32)
    padded[:, _REACH:-_REACH] = edge
    near: FloatArray = join.reduce(np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1, axis=1), axis=2)
    return near
