"""A part of one paragraph as Qt lays it out: where its lines break, where its signs stand, and how it is drawn."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from studio.render.bundled_font import signs_without_font

TAB_CELLS: Final = 4
_UNSEEN: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2029\ud800-\udfff]")
_SHOWN: Final = {"\r": "\u200b", "\u2029": "\u2028"}
"""What is drawn of a sign that Qt would take for something else; of all others that cannot be seen, U+FFFD."""
_COMPLEX: Final = re.compile(
    "[\u0590-\u1cff\u200e\u200f\u202a-\u202e\u2066-\u2069\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U000119ff\U0001e800-\U0001efff]"
)
"""Scripts whose lines depend on what stands before them: those from right to left, and those that join or reorder."""
_TOUCHING_PX: Final = 0.5

Span = tuple[float, float]
Tinted = tuple[int, int, QColor]


@dataclass(frozen=True, eq=False)
class TextStyle:
    """What a text is laid out in; `width` and `line_px`, from line to line, in pixels."""

    font: QFont
    width: float
    line_px: float

    @cached_property
    def metrics(self) -> QFontMetricsF:
        """Of the font."""
        return QFontMetricsF(self.font)

    @cached_property
    def cell_px(self) -> float:
        """How wide a digit is; all of ASCII in a font of even widths."""
        return self.metrics.horizontalAdvance("0")

    @cached_property
    def is_even(self) -> bool:
        """Whether all letters are equally wide."""
        return {self.metrics.horizontalAdvance(char) for char in "iW .fl"} == {self.cell_px}

    @cached_property
    def baseline_px(self) -> float:
        """From the top of a line."""
        return (self.line_px - self.metrics.ascent() - self.metrics.descent()) / 2 + self.metrics.ascent()

    def option(self, is_rtl: bool) -> QTextOption:
        """How Qt is to break lines, from the right where the paragraph begins there."""
        option = QTextOption(Qt.AlignmentFlag.AlignRight if is_rtl else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(TAB_CELLS * self.cell_px)
        return option


class TextBlock:
    """Lays out and draws; all places are counted in characters from its beginning.

    Attributes:
        text: without the end of its paragraph. starts: where its lines begin.
        is_rtl: whether its paragraph runs from right to left.
        is_complex: whether a line of it may depend on those before.
    """

    def __init__(self, text: str, style: TextStyle, is_rtl: bool) -> None:
        self.text, self.is_rtl, self._style = text, is_rtl, style
        self.is_complex = is_rtl or is_complex(text)
        self._is_even = not is_rtl and style.is_even and text.isascii() and text.isprintable()
        is_wide = not text.isascii() and max(text) > "\uffff"
        self._units = [0, *accumulate(1 + (char > "\uffff") for char in text)] if is_wide else None
        self._made: tuple[QTextLayout, list[QTextLine]] | None = None
        self.starts = [self._place(line.textStart()) for line in self._lines] or [0]

    def release(self) -> None:
        """Let Qt's part go; it is made anew when it is asked for."""
        self._made = None

    @property
    def _layout(self) -> QTextLayout:
        return self._laid_out()[0]

    @property
    def _lines(self) -> list[QTextLine]:
        return self._laid_out()[1]

    def _laid_out(self) -> tuple[QTextLayout, list[QTextLine]]:
        if self._made is None:
            shown = self.text
            if not shown.isprintable():
                shown = _UNSEEN.sub(lambda found: _SHOWN.get(found[0], "\ufffd"), shown)
            layout, style = QTextLayout(shown, self._style.font), self._style
            layout.setTextOption(style.option(self.is_rtl))
            layout.beginLayout()
            lines: list[QTextLine] = []
            while shown and (line := layout.createLine()).isValid():
                line.setLineWidth(style.width)
                line.setPosition(QPointF(0, len(lines) * style.line_px + style.baseline_px - line.ascent()))
                lines.append(line)
            layout.endLayout()
            self._made = layout, lines
        return self._made

    def _unit(self, place: int) -> int:
        return place if self._units is None else self._units[place]

    def _place(self, unit: int) -> int:
        return unit if self._units is None else bisect_right(self._units, unit) - 1

    def _end(self, line: int) -> int:
        return self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)

    def x_of(self, line: int, place: int) -> float:
        """Where the cursor before a character of a line stands; behind its last one at its end."""
        if not self.text:
            return self._style.width if self.is_rtl else 0.0
        if self._is_even:
            return min((place - self.starts[line]) * self._style.cell_px, self._style.width)
        return float(self._lines[line].cursorToX(self._unit(place))[0])  # type: ignore[index]  # PySide: (x, place)

    def place_at(self, line: int, x: float) -> int:
        """The place in a line that is nearest to a point."""
        first, last = self.starts[line], self._end(line)
        if self._is_even:
            return min(max(first + round(x / self._style.cell_px), first), last)
        return min(max(self._place(self._lines[line].xToCursor(x)), first), last) if self.text else 0

    def spans(self, line: int, first: int, last: int) -> list[Span]:
        """What characters take of a line, (left, right) from left to right: several where the direction changes.

        Signs that are joined to one are taken whole.
        """
        first, last = max(first, self.starts[line]), min(last, self._end(line))
        if first >= last:
            return []
        if self._is_even:
            return [(self.x_of(line, first), self.x_of(line, last))]
        first, last = self.whole(first)[0], self.whole(last - 1)[1]
        found: list[Span] = []
        edges = [
            first,
            *(place + side for place in range(first, last) if self.text[place] == "\t" for side in (0, 1)),
            last,
        ]
        for begin, end in pairwise(edges):
            if self.text[begin:end] == "\t":
                found.append(_ordered(self.x_of(line, begin), self.x_of(line, end)))
            elif begin < end:
                runs = self._lines[line].glyphRuns(self._unit(begin), self._unit(end) - self._unit(begin))
                rects = [run.boundingRect() for run in runs]  # none where a line ends in spaces
                found += [(rect.left(), rect.right()) for rect in rects] or [
                    _ordered(self.x_of(line, begin), self.x_of(line, end))
                ]
        return united(found)

    def whole(self, place: int) -> tuple[int, int]:
        """Begin and end of the sign that a person sees, of which a character is a part."""
        if self._is_even:
            return place, place + 1
        layout, unit = self._layout, self._unit(place)
        first = unit if layout.isValidCursorPosition(unit) else layout.previousCursorPosition(unit)
        last = layout.nextCursorPosition(first)
        return self._place(first), max(self._place(last), place + 1)

    def beside(self, place: int, way: int) -> int:
        """The next place to the left (-1) or right (1), as it is seen; the same where there is none."""
        layout, unit = self._layout, self._unit(place)
        return self._place(layout.leftCursorPosition(unit) if way < 0 else layout.rightCursorPosition(unit))

    def draw(self, painter: QPainter, line: int, at: QPointF, tinted: Sequence[Tinted] = ()) -> None:
        """Draw a line with its left upper corner there; `tinted` characters of it (first, last) in another colour."""
        if not self.text:
            return
        top = QPointF(at.x(), at.y() - line * self._style.line_px)
        for box in self._boxes(line):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.translated(at))
        if not tinted:
            self._lines[line].draw(painter, top)
            return
        room = QRectF(
            at.x() - self._style.cell_px, at.y(), self._style.width + 2 * self._style.cell_px, self._style.line_px
        )
        painter.save()
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        self._layout.draw(painter, top, [self._format(*one) for one in tinted], room)
        painter.restore()

    def _boxes(self, line: int) -> Iterator[QRectF]:
        """Where signs of a line are that no font draws, and Qt neither: most fonts have nothing in their place."""
        end = self.starts[line]
        for place in self._lost[bisect_left(self._lost, end) : bisect_left(self._lost, self._end(line))]:
            if place >= end:
                first, end = self.whole(place)
                runs = self._lines[line].glyphRuns(self._unit(first), self._unit(end) - self._unit(first))
                if any(0 in run.glyphIndexes() for run in runs):
                    ascent = self._style.metrics.capHeight()
                    for left, right in self.spans(line, first, end):
                        yield QRectF(left + 2, self._style.baseline_px - ascent, max(right - left - 4, 1), ascent)

    @cached_property
    def _lost(self) -> list[int]:
        """The places of signs that no font of this computer draws."""
        lost = set(signs_without_font(self.text))
        return [place for place, char in enumerate(self.text) if char in lost] if lost else []

    def edges(self, line: int) -> Span:
        """Where the words of a line begin and end, in pixels from the left."""
        if self._is_even or not self.text:
            return self.x_of(line, self.starts[line]), self.x_of(line, self._end(line))
        rect = self._lines[line].naturalTextRect()
        return rect.left(), rect.right()

    def _format(self, first: int, last: int, colour: QColor) -> QTextLayout.FormatRange:
        found = QTextLayout.FormatRange()
        found.start, found.length = self._unit(first), self._unit(last) - self._unit(first)
        look = QTextCharFormat()
        look.setForeground(QBrush(colour))
        found.format = look
        return found


def is_complex(text: str) -> bool:
    """Whether a text has signs whose lines depend on what stands before them."""
    return not text.isascii() and bool(_COMPLEX.search(text))


def _ordered(one: float, other: float) -> Span:
    return min(one, other), max(one, other)


def united(spans: Sequence[Span]) -> list[Span]:
    """In their order on the line, those that touch each other as one."""
    found: list[Span] = []
    for left, right in sorted(spans):
        if found and left - found[-1][1] < _TOUCHING_PX:
            found[-1] = found[-1][0], max(found[-1][1], right)
        else:
            found.append((left, right))
    return found
