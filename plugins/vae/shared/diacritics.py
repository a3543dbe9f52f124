"""Sets accents on letters: a model that learnt letters alone draws them, dots are its own, strokes have its weight.

Shapes: fields (64, 64) of signed distances in cells, positive inside; x to the right, y down, in cells.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from .ink import CELL_PX, FIELD_LIMIT_PX, Array

DOTTED: Final = "i"
"""The letter that says how dots, stems and slants look in a style."""
_HALF_WIDTH, _HEIGHT = 4.4, 6.8
_LEAST_HEIGHT, _MARGIN = 3.0, 0.7
_GAP = 2.2
_MIN_WEIGHT, _MAX_WEIGHT, _WEIGHT_SHARE = 1.5, 4.6, 0.8
_MOST_DOT_SHARE = 0.45
_EMPTY: Final = -FIELD_LIMIT_PX
Stroke = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Diacritic:
    """A mark in a box from -1 to 1 (x) and from 0, at the letter, to 1 (y).

    Attributes:
        strokes: lines through points (x, y, weight), the weight in that of the style.
        n_dots: how many of the style's dots stand side by side.
        is_below, is_attached: under the letter; grown together with it.
        shift: to the right, in widths of the letter's end.
    """

    strokes: tuple[Stroke, ...] = ()
    n_dots: int = 0
    is_below: bool = False
    is_attached: bool = False
    shift: float = 0.0


def _arc(x: float, y: float, start: float, end: float, weight: float, n: int = 14) -> Stroke:
    """A part of an ellipse around (0, 0.5), angles in turns from the right, counter-clockwise."""
    turns = 2 * np.pi * np.linspace(start, end, n)
    return tuple((x * float(np.cos(turn)), 0.5 + y * float(np.sin(turn)), weight) for turn in turns)


_WAVE: Final = tuple(
    (float(x), 0.5 - 0.26 * float(np.sin(np.pi * x)), 0.95 - 0.25 * float(abs(x))) for x in np.linspace(-1, 1, 11)
)
_RISING: Final = ((-0.42, 0.08, 0.65), (0.42, 0.95, 1.15))
_FALLING: Final = ((0.42, 0.08, 0.65), (-0.42, 0.95, 1.15))
DIACRITICS: Final[Mapping[str, Diacritic]] = {
    "\N{COMBINING GRAVE ACCENT}": Diacritic((_FALLING,)),
    "\N{COMBINING ACUTE ACCENT}": Diacritic((_RISING,)),
    "\N{COMBINING CIRCUMFLEX ACCENT}": Diacritic((((-0.85, 0.08, 0.75), (0, 0.92, 0.95), (0.85, 0.08, 0.75)),)),
    "\N{COMBINING CARON}": Diacritic((((-0.85, 0.92, 0.75), (0, 0.08, 0.95), (0.85, 0.92, 0.75)),)),
    "\N{COMBINING TILDE}": Diacritic((_WAVE,)),
    "\N{COMBINING MACRON}": Diacritic((((-0.85, 0.4, 0.8), (0.85, 0.4, 0.8)),)),
    "\N{COMBINING BREVE}": Diacritic((tuple((x, y + 0.35, r) for x, y, r in _arc(0.8, 0.75, 0.5, 1.0, 0.85)),)),
    "\N{COMBINING RING ABOVE}": Diacritic((_arc(0.66, 0.5, 0, 1, 0.55),)),
    "\N{COMBINING DIAERESIS}": Diacritic(n_dots=2),
    "\N{COMBINING DOT ABOVE}": Diacritic(n_dots=1),
    "\N{COMBINING DOUBLE ACUTE ACCENT}": Diacritic(
        tuple(tuple((0.6 * x + side, y, r) for x, y, r in _RISING) for side in (-0.5, 0.5))
    ),
    "\N{COMBINING CEDILLA}": Diacritic(
        (
            (
                (0.0, 0.0, 0.7),
                (-0.06, 0.3, 0.7),
                (0.3, 0.42, 0.8),
                (0.42, 0.65, 0.95),
                (0.22, 0.9, 0.85),
                (-0.15, 1.0, 0.7),
                (-0.5, 0.92, 0.6),
            ),
        ),
        is_below=True,
        is_attached=True,
    ),
    "\N{COMBINING OGONEK}": Diacritic(
        (((0.15, 0.0, 0.6), (-0.25, 0.4, 0.8), (-0.25, 0.75, 0.9), (0.1, 0.95, 0.8), (0.5, 0.85, 0.6)),),
        is_below=True,
        is_attached=True,
        shift=0.3,
    ),
    "\N{COMBINING COMMA BELOW}": Diacritic((((0.1, 0.3, 1.15), (-0.2, 0.9, 0.6)),), is_below=True),
}
"""What each combining mark looks like."""


def signs(text: str) -> list[str]:
    """A text letter by letter, each with the marks that belong to it behind it (NFD)."""
    found: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char) and found:
            found[-1] += char
        else:
            found.append(char)
    return found


def composed(sign: str) -> str:
    """A letter with its marks as one character, where there is one."""
    return unicodedata.normalize("NFC", sign)


@dataclass(frozen=True, eq=False)
class MarkStyle:
    """How marks look in a style, read from its letter “i”, a field (64, 64)."""

    letter: Array

    @cached_property
    def dot(self) -> Array | None:
        """The dot alone; None where the style has none of its own."""
        ends = _dot_ends(self.letter)
        if ends is None:
            return None
        rows = np.arange(CELL_PX)[:, None]
        alone: Array = np.maximum(
            np.where(rows < ends[0], self.letter, np.minimum(self.letter, ends[0] - rows - 0.5)), _EMPTY
        )
        return alone

    @cached_property
    def stem(self) -> Array:
        """The letter without its dot, (64, 64)."""
        return undotted(self.letter)

    @cached_property
    def weight(self) -> float:
        """Of a mark's strokes, in cells."""
        return float(np.clip(_WEIGHT_SHARE * self.stem_width, _MIN_WEIGHT, _MAX_WEIGHT))

    @cached_property
    def stem_width(self) -> float:
        """Of the letter halfway up, in cells."""
        top, bottom = ink_ends(self.stem, axis=1)
        if bottom - top < 3:
            return 0.0
        middle = self.stem[top + (bottom - top) // 3 : bottom - (bottom - top) // 3]
        return float(np.median(np.clip(middle + 0.5, 0, 1).sum(axis=1)))

    @cached_property
    def slant(self) -> float:
        """How far upright lines lean to the right, in cells for each cell upwards."""
        top, bottom = ink_ends(self.stem, axis=1)
        third = (bottom - top) // 3
        if third < 2:
            return 0.0
        rows = np.arange(top + third, bottom - third)
        centres = [float(np.mean(np.flatnonzero(self.stem[row] >= self.stem[row].max()))) for row in rows]
        return -float(np.polyfit(rows, centres, 1)[0])


def with_marks(letter: Array, marks: str, style: MarkStyle) -> Array:
    """A letter's field with its marks, the inner ones first; both are (64, 64)."""
    found = [DIACRITICS[mark] for mark in marks]
    if any(not mark.is_below for mark in found):
        letter = undotted(letter)
    for mark in found:
        if (letter > 0).any():
            letter = np.maximum(letter, _below(letter, mark, style) if mark.is_below else _above(letter, mark, style))
    return letter


def undotted(letter: Array) -> Array:
    """A letter without a dot that stands apart above it."""
    ends = _dot_ends(letter)
    if ends is None:
        return letter
    rows = np.arange(CELL_PX)[:, None]
    alone: Array = np.maximum(np.where(rows >= ends[1], letter, np.minimum(letter, rows - ends[1] + 0.5)), _EMPTY)
    return alone


def _dot_ends(letter: Array) -> tuple[int, int] | None:
    """The row behind the dot and the first one of what stands below it; None where nothing stands apart."""
    rows = np.flatnonzero((letter > 0).any(axis=1))
    gaps = np.flatnonzero(np.diff(rows) > 1)
    if not len(gaps) or rows[gaps[0]] - rows[0] > _MOST_DOT_SHARE * (rows[-1] - rows[0]):
        return None
    return int(rows[gaps[0]]) + 1, int(rows[gaps[0] + 1])


def ink_ends(field: Array, axis: int) -> tuple[int, int]:
    """The first row (axis 1) or column (axis 0) with ink, and the one behind the last."""
    found = np.flatnonzero((field > 0).any(axis=axis))
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def mark_alone(mark: Diacritic, style: MarkStyle) -> Array:
    """A mark that belongs to a letter which ends in the middle of the cell, (64, 64)."""
    middle, height = CELL_PX / 2, _HEIGHT + style.weight / 2
    if mark.is_below:
        return _drawn(mark, style, middle, middle - style.weight / 2 if mark.is_attached else middle + 1.0, height)
    if mark.n_dots:
        return _dots(mark, style, middle, middle - _GAP, CELL_PX)
    return _drawn(mark, style, middle, middle - _GAP, -height)


def _above(letter: Array, mark: Diacritic, style: MarkStyle) -> Array:
    top, bottom = ink_ends(letter, axis=1)
    quarter = letter[top : top + max(3, (bottom - top) // 4)]
    left, right = ink_ends(quarter, axis=0)
    dot_height = 0.0 if style.dot is None else float(np.subtract(*ink_ends(style.dot, axis=1)[::-1]))
    wanted = dot_height if mark.n_dots else _HEIGHT
    gap = float(np.clip(top - _MARGIN - wanted, 1.2, _GAP))
    height = float(np.clip(top - gap - _MARGIN, _LEAST_HEIGHT, wanted or _HEIGHT))
    foot = top - gap
    x = (left + right) / 2 + style.slant * (gap + height / 2 + len(quarter) / 2)
    return _dots(mark, style, x, foot, height) if mark.n_dots else _drawn(mark, style, x, foot, -height)


def _below(letter: Array, mark: Diacritic, style: MarkStyle) -> Array:
    top, bottom = ink_ends(letter, axis=1)
    left, right = ink_ends(letter[bottom - max(3, (bottom - top) // 6) : bottom], axis=0)
    foot = bottom - style.weight / 2 if mark.is_attached else bottom + 1.0
    height = min(_HEIGHT + style.weight / 2, CELL_PX - foot - _MARGIN - style.weight / 2)
    return _drawn(mark, style, (left + right) / 2 + mark.shift * (right - left), foot, height)


def _dots(mark: Diacritic, style: MarkStyle, x: float, foot: float, height: float) -> Array:
    """The style's own dots side by side, or round ones of its weight."""
    own = style.dot
    top, bottom = (0, 0) if own is None else ink_ends(own, axis=1)
    left, right = (0.0, style.weight * 1.3) if own is None else ink_ends(own, axis=0)
    width, half = right - left, (mark.n_dots - 1) / 2
    places = x + (np.arange(mark.n_dots) - half) * (width + max(3.0, 0.8 * width))
    if own is None or bottom - top > height + 1:
        radius = min(width, height) / 2
        return joined([stroked(((at, foot - radius, radius),) * 2) for at in places])
    return joined([moved(own, at - (left + right) / 2, foot - bottom) for at in places])


def _drawn(mark: Diacritic, style: MarkStyle, x: float, foot: float, height: float) -> Array:
    """The strokes of a mark in a box that begins at `foot`; a negative height is upwards."""
    radius = style.weight / 2
    inset = 0.0 if mark.is_attached else radius * max(point[2] for stroke in mark.strokes for point in stroke)
    inner = np.sign(height) * max(abs(height) - 2 * inset, _LEAST_HEIGHT / 2)
    start = foot + np.sign(height) * inset
    lines = []
    for stroke in mark.strokes:
        points = [
            (x + _HALF_WIDTH * px - style.slant * inner * (py - 0.5), start + inner * py, radius * share)
            for px, py, share in stroke
        ]
        lines.append(stroked(points))
    return joined(lines)


def stroked(points: Sequence[tuple[float, float, float]]) -> Array:
    """The field of a line through points (x, y, radius) with round ends."""
    centres = np.arange(CELL_PX) + 0.5
    xs, ys = centres[None, :], centres[:, None]
    field = np.full((CELL_PX, CELL_PX), _EMPTY)
    for (x0, y0, r0), (x1, y1, r1) in pairwise(points):
        length = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-9)
        along = np.clip(((xs - x0) * (x1 - x0) + (ys - y0) * (y1 - y0)) / length, 0, 1)
        away = np.hypot(xs - x0 - along * (x1 - x0), ys - y0 - along * (y1 - y0))
        field = np.maximum(field, r0 + along * (r1 - r0) - away)
    return np.asarray(np.minimum(field, FIELD_LIMIT_PX), np.float32)


def joined(fields: Sequence[Array]) -> Array:
    together: Array = np.max(fields, axis=0)
    return together


def moved(field: Array, dx: float, dy: float) -> Array:
    """A field moved by a part of a cell as well."""
    for axis, distance in ((1, dx), (0, dy)):
        whole = int(np.floor(distance))
        share = np.float32(distance - whole)
        field = (1 - share) * _rolled(field, whole, axis) + share * _rolled(field, whole + 1, axis)
    return field


def _rolled(field: Array, n_cells: int, axis: int) -> Array:
    moved = np.roll(field, n_cells, axis)
    empty = slice(0, n_cells) if n_cells >= 0 else slice(n_cells, None)
    moved[(slice(None), empty) if axis == 1 else empty] = _EMPTY
    return moved
