"""Punctuation put together from what a style shows of itself: the dot of its “i”, the weight and slant of its stem.

Shapes: fields (64, 64) as the model draws them; x to the right and y down, in cells, the baseline at 44.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...shared.diacritics import MarkStyle, ink_ends, joined, moved, stroked
from ...shared.ink import CELL_PX, FIELD_LIMIT_PX, Array

BASELINE: Final = 44.0
_MIDDLE: Final = CELL_PX / 2


@dataclass(frozen=True, eq=False)
class Pen:
    """Draws in a style whose capitals begin at the row `cap` and whose small letters at `x`."""

    style: MarkStyle
    cap: float
    x: float

    @property
    def weight(self) -> float:
        """Of its strokes, in cells."""
        return max(0.92 * self.style.stem_width, 1.2)

    def bar(self, start: tuple[float, float], end: tuple[float, float], weight: float = 1.0) -> Array:
        """A straight stroke, cut square at both ends; upright ones lean with the style."""
        points = np.array([start, end]) + 0.0
        points[:, 0] += self.style.slant * ((BASELINE + self.cap) / 2 - points[:, 1])
        way = points[1] - points[0]
        length = float(np.hypot(*way))
        rows, columns = np.indices((CELL_PX, CELL_PX)) + 0.5
        along = ((columns - points[0, 0]) * way[0] + (rows - points[0, 1]) * way[1]) / length
        across = ((columns - points[0, 0]) * way[1] - (rows - points[0, 1]) * way[0]) / length
        inside = np.minimum(length / 2 - np.abs(along - length / 2), self.weight * weight / 2 - np.abs(across))
        return np.asarray(np.clip(inside, -FIELD_LIMIT_PX, FIELD_LIMIT_PX), np.float32)

    def level(self, height: float, width: float) -> Array:
        """A level bar around the middle, `height` cells above the baseline."""
        half = width / 2
        return self.bar((_MIDDLE - half, BASELINE - height), (_MIDDLE + half, BASELINE - height), 0.9)

    def dot(self) -> Array:
        """The dot on the baseline."""
        if self.style.dot is None:
            radius = 0.65 * self.weight
            return stroked(((_MIDDLE, BASELINE - radius, radius),) * 2)
        _, bottom = ink_ends(self.style.dot, axis=1)
        left, right = ink_ends(self.style.dot, axis=0)
        return moved(self.style.dot, _MIDDLE - (left + right) / 2, BASELINE - bottom)

    def comma(self) -> Array:
        """The dot with a tail."""
        top, _ = ink_ends(self.dot(), axis=1)
        left, right = ink_ends(self.dot(), axis=0)
        size = (right - left) / 2
        start = (_MIDDLE + size * 0.3, (top + BASELINE) / 2, size * 0.7)
        return joined([self.dot(), stroked((start, (_MIDDLE - size * 0.35, BASELINE + size * 1.5, size * 0.35)))])

    def exclamation(self) -> Array:
        """A stem that grows thinner, over the dot."""
        top, _ = ink_ends(self.dot(), axis=1)
        stem = self.bar((_MIDDLE, self.cap), (_MIDDLE, top - max(2.0, 0.7 * self.weight)), 1.15)
        return joined([stem, self.dot()])

    def question(self) -> Array:
        """A hook over the dot."""
        top, _ = ink_ends(self.dot(), axis=1)
        radius, half = 0.21 * (BASELINE - self.cap), self.weight / 2
        turns = np.linspace(-0.42, 0.27, 24) * 2 * np.pi
        x, y = _MIDDLE, self.cap + radius + half
        hook = [(x + radius * float(np.sin(turn)), y - radius * float(np.cos(turn)), half) for turn in turns]
        hook = [point for point in hook if point[0] > x - radius * 1.05 and (point[1] <= y or point[0] > x)]
        foot = top - max(2.0, 0.7 * self.weight) - half
        stem = [(x, y + 1.35 * radius, half), (x, max(foot, y + 1.4 * radius), half)]
        return joined([stroked([*hook, *stem]), self.dot()])

    def quote(self) -> Array:
        """A short stroke at the height of capitals."""
        return self.bar((_MIDDLE, self.cap), (_MIDDLE, self.cap + 0.32 * (BASELINE - self.cap)))

    def parenthesis(self, side: int) -> Array:
        """A bow, thickest in its middle; 1 opens, -1 closes."""
        turns = np.linspace(-1, 1, 15)
        height = (BASELINE + 5 - self.cap) / 2 + 1
        return stroked(
            [
                (
                    _MIDDLE + side * 5 * (float(t) ** 2 - 0.5) - self.style.slant * height * float(t),
                    self.cap - 1 + height * (1 + float(t)),
                    self.weight / 2 * (1 - 0.35 * abs(float(t))),
                )
                for t in turns
            ]
        )

    def bracket(self, side: int) -> Array:
        """A stem with two arms; 1 opens, -1 closes."""
        x, top, bottom = _MIDDLE - side * 2, self.cap - 1, BASELINE + 6
        half = 0.45 * self.weight
        arms = [self.bar((x - side * half, y), (x + side * 5, y), 0.9) for y in (top + half, bottom - half)]
        return joined([self.bar((x, top), (x, bottom), 0.9), *arms])

    def angle(self, side: int, low: float, high: float) -> Array:
        """Two strokes that meet at the left (1) or right (-1), between two heights over the baseline."""
        middle, half = BASELINE - (low + high) / 2, (high - low) / 2
        tip, end = _MIDDLE - side * half / 2, _MIDDLE + side * half / 2
        return joined([self.bar((tip, middle), (end, middle + way * half), 0.85) for way in (-1, 1)])

    def plus(self) -> Array:
        """Two strokes across each other."""
        return joined([self.level(11, 17), self.bar((_MIDDLE, BASELINE - 19.5), (_MIDDLE, BASELINE - 2.5), 0.9)])

    def asterisk(self) -> Array:
        """Three strokes through one point at the height of capitals."""
        y, turns = self.cap + 6.5, np.arange(3) * np.pi / 3 + np.pi / 2
        ways = [(6 * float(np.cos(turn)), 6 * float(np.sin(turn))) for turn in turns]
        return joined([self.bar((_MIDDLE - dx, y - dy), (_MIDDLE + dx, y + dy), 0.75) for dx, dy in ways])

    def upside_down(self, field: Array) -> Array:
        """The same turned by half a turn, hanging from the height of small letters."""
        turned = field[::-1, ::-1]
        top, _ = ink_ends(turned, axis=1)
        return moved(np.ascontiguousarray(turned), 0, self.x - top)

    def ring(self) -> Array:
        """A small ring at the height of capitals."""
        rows, columns = np.indices((CELL_PX, CELL_PX)) + 0.5
        away = np.hypot(columns - _MIDDLE, rows - self.cap - 5.5)
        return np.asarray(0.4 * self.weight - np.abs(away - 5.5 + 0.4 * self.weight), np.float32)


_HALF_X: Final = 10.0
SIGNS: Final[Mapping[str, Callable[[Pen], Array]]] = {
    ".": Pen.dot,
    ",": Pen.comma,
    "!": Pen.exclamation,
    "?": Pen.question,
    "¡": lambda pen: pen.upside_down(pen.exclamation()),
    "¿": lambda pen: pen.upside_down(pen.question()),
    "'": Pen.quote,
    "-": lambda pen: pen.level(_HALF_X, 10),
    "–": lambda pen: pen.level(_HALF_X, 20),
    "—": lambda pen: pen.level(_HALF_X, 40),
    "_": lambda pen: pen.level(-4, 22),
    "(": lambda pen: pen.parenthesis(1),
    ")": lambda pen: pen.parenthesis(-1),
    "[": lambda pen: pen.bracket(1),
    "]": lambda pen: pen.bracket(-1),
    "/": lambda pen: pen.bar((_MIDDLE - 6, BASELINE + 4), (_MIDDLE + 6, pen.cap - 1), 0.9),
    "\\": lambda pen: pen.bar((_MIDDLE - 6, pen.cap - 1), (_MIDDLE + 6, BASELINE + 4), 0.9),
    "|": lambda pen: pen.bar((_MIDDLE, pen.cap - 3), (_MIDDLE, BASELINE + 8), 0.9),
    "+": Pen.plus,
    "=": lambda pen: joined([pen.level(7, 17), pen.level(15, 17)]),
    "<": lambda pen: pen.angle(1, 2, 20),
    ">": lambda pen: pen.angle(-1, 2, 20),
    "‹": lambda pen: pen.angle(1, 4, 16),
    "›": lambda pen: pen.angle(-1, 4, 16),
    "*": Pen.asterisk,
    "°": Pen.ring,
}
"""How each sign is drawn."""
# Signs that are others side by side: the sign, and where it stands in advance widths and in heights: 0 at the
# baseline, 1 with its top at small letters, 2 with its top at capitals.
COMPOSED: Final[Mapping[str, tuple[tuple[str, float, int], ...]]] = {
    ":": ((".", 0, 0), (".", 0, 1)),
    ";": ((",", 0, 0), (".", 0, 1)),
    "…": ((".", 0, 0), (".", 1, 0), (".", 2, 0)),
    '"': (("'", 0, 0), ("'", 0.8, 0)),
    "’": ((",", 0, 2),),
    "”": ((",", 0, 2), (",", 0.8, 2)),
    "‚": ((",", 0, 0),),
    "„": ((",", 0, 0), (",", 0.8, 0)),
    "«": (("‹", 0, 0), ("‹", 0.7, 0)),
    "»": (("›", 0, 0), ("›", 0.7, 0)),
    "·": ((".", 0, 3),),
}
