"""Draws signed distance fields as sharp antialiased shapes at any size, and sets them as words.

A field is a float32 array of 64 x 64 samples at the centres of square cells: positive inside the shape,
negative outside, in units of one cell. A shape is drawn by cubic resampling in two matrix products and a ramp
one output pixel wide around zero. Coverage from distance: Green, "Improved Alpha-Tested Magnification for
Vector Textures and Special Effects", SIGGRAPH 2007. Shapes: N glyphs, H W output pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    glyphs = [glyph if glyph is not None and (glyph > 0).any() else None for glyph in fields]
    lefts = _line_positions(glyphs)
    inks = [_ink_columns(glyph) for glyph in glyphs]
    start = min((left + ink[0] for left, ink in zip(lefts, inks, strict=True)), default=0.0)
    length = max((left + ink[1] for left, ink in zip(lefts, inks, strict=True)), default=0.0) - start
    inner_width, inner_height = width_px - 2 * margin_px, height_px - 2 * margin_px
    scale = min(inner_height / CELLS, inner_width / max(length, 1.0))
    left_px = (width_px - length * scale) / 2 - start * scale
    top_px = (height_px - CELLS * scale) / 2
    return [Placement(left_px + left * scale, top_px, scale) for left in lefts]


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


def _line_positions(fields: Sequence[FloatArray | None]) -> list[float]:
    """The left edge of every cell in cells, the first glyph's at 0."""
    position, positions = 0.0, [0.0] * min(len(fields), 1)
    for before, after in pairwise(fields):
        position += _advance(before, after)
        positions.append(position)
    return positions


def _advance(before: FloatArray | None, after: FloatArray | None) -> float:
    """How far the next cell's left edge lies from this one's, in cells."""
    before_end = _ink_columns(before)[1]
    after_start = _ink_columns(after)[0]
    if before is None or after is None:
        return before_end - after_start
    right, left = _outline(before)[1], _outline(after)[0]
    rows = np.isfinite(right) | np.isfinite(left)
    near_right, near_left = _spread(right, -np.inf, np.maximum), _spread(left, np.inf, np.minimum)
    white = near_left - near_right  # (64,), infinite where only one glyph has ink nearby
    if not np.isfinite(white).any():
        return before_end - after_start + _PAIR_GAP
    touching = -white.min()
    loose = np.minimum(white[rows] + touching, _WHITE_LIMIT).mean()
    return float(touching + max(_LEAST_GAP, _PAIR_GAP - _TUCK * loose))


def _spread(edge: FloatArray, empty: float, join: np.ufunc) -> FloatArray:
    """Let each row also see its neighbours above and below, so that no arm slides under another one."""
    padded = np.pad(np.where(np.isfinite(edge), edge, empty), _REACH, constant_values=empty)
    near: FloatArray = join.reduce([padded[k : k + CELLS] for k in range(2 * _REACH + 1)])
    return near


def _outline(field: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Leftmost and rightmost edge of the ink in every row, in cells; NaN in rows without ink."""
    inside = field > 0
    has_ink = inside.any(axis=1)
    rows = np.arange(CELLS)
    first, last = inside.argmax(axis=1), CELLS - 1 - inside[:, ::-1].argmax(axis=1)
    left = first + 0.5 - field[rows, first]
    right = last + 0.5 + field[rows, last]
    nan = np.float32(np.nan)
    return np.where(has_ink, left, nan).astype(np.float32), np.where(has_ink, right, nan).astype(np.float32)


def _ink_columns(field: FloatArray | None) -> tuple[float, float]:
    """First and last column of ink in cells; a space is as wide as a word space."""
    if field is None:
        return 0.0, _SPACE
    left, right = _outline(field)
    return float(np.nanmin(left)), float(np.nanmax(right))
