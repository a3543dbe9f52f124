"""How a text is shown, and the drawing of it as chips: a tint behind each word, the cursor, what is selected, arcs."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from studio.core.scene_codec import Stored, flag, row
from studio.core.text.layout import Stretch, TextLayout, lay_out
from studio.core.text.token import TextToken, joined, thickness_px, visible, word_of
from studio.widgets.text.code import TextCode, part_colour
from studio.widgets.text.syntax import Part
from studio.widgets.text.tint import ink, tint
from studio.widgets.theme import theme

FONT_PX: Final = 19
LINE_SHARE: Final = 1.95
"""Of the height of the letters: how far apart lines are; arcs need some air."""
CHARS_A_LINE: Final = 66
_RADIUS_PX: Final = 3.0
_MUTED_ALPHA: Final = 0.35
_ARC_ALPHA: Final = 0.9
_MAX_ARCS: Final = 64
_FLAGS: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip


def text_font(is_bold: bool = False) -> QFont:
    """The font of the text: every character equally wide, no ligatures."""
    font = QFont(theme().face.mono)
    font.setPixelSize(theme().scaled(FONT_PX))
    font.setWeight(QFont.Weight.Bold if is_bold else QFont.Weight.Normal)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setFeature(QFont.Tag("liga"), 0)
    return font


class TextSheet:
    """Lays out tokens and paints them.

    Attributes:
        layout: where everything stands.
        unseen: how many of the first tokens are greyed, since the model does not see them any more.
        line_px: the height of a line.
        language: what the text is written in, "python" or nothing that is coloured.
    """

    def __init__(self) -> None:
        self.tokens: tuple[TextToken, ...] = ()
        self.look = TextLook()
        self.current = self.pointed = -1
        self.muted: frozenset[int] = frozenset()
        self.unseen = 0
        self.arcs: tuple[Arc, ...] = ()
        self.layout: TextLayout = lay_out((), 100, lambda _: 1.0)
        self.line_px = self._cell_px = self._width = 0.0
        self.language, self._code = "", TextCode()
        self._chip_of: tuple[int, ...] = ()
        self._chips: tuple[TextToken, ...] = ()

    def go_on(self, tokens: tuple[TextToken, ...], width: float) -> None:
        """Show these tokens; where they go on from those that are shown, only what is new is arranged."""
        n_known = len(self.tokens)
        goes_on = width == self._width and tokens[:n_known] == self.tokens
        self.tokens = tokens
        self.lay_out(width, self.layout if goes_on else None)

    def lay_out(self, width: float, known: TextLayout | None = None) -> None:
        """Arrange the tokens in lines of this width, in pixels; `known` is how the first of them stand already."""
        self._width = width
        metrics = QFontMetricsF(text_font())
        self.line_px = round(metrics.ascent() * LINE_SHARE)
        advance = lru_cache(4096)(metrics.horizontalAdvance)
        cell = self._cell_px = advance("0")
        widths = {"\n": cell, "\t": 4 * cell}
        pieces = [token.piece for token in self.tokens]
        self.layout = lay_out(pieces, max(width, 8 * cell), lambda char: widths.get(char) or advance(char), known)
        self._code = TextCode.of(self.layout.text, self.language)
        self._group()

    def _group(self) -> None:
        numbers = range(len(self.tokens))
        groups = [(number,) for number in numbers] if self.look.shows_tokens else joined(self.tokens)
        self._chips = tuple(word_of(self.tokens, group) for group in groups)
        self._chip_of = tuple(chip for chip, group in enumerate(groups) for _ in group)

    @staticmethod
    def column_px() -> float:
        """How wide a line may be."""
        return CHARS_A_LINE * QFontMetricsF(text_font()).horizontalAdvance("0")

    def chip_of(self, token: int) -> int:
        """The number of the chip to which a token belongs, -1 for none."""
        return self._chip_of[token] if 0 <= token < len(self._chip_of) else -1

    def line_of(self, token: int) -> int:
        """The line on which a token ends, -1 where it is not drawn."""
        return next((one.line for one in reversed(self.layout.stretches) if one.token == token), -1)

    def height(self) -> float:
        """Of all lines."""
        return self.layout.n_lines * self.line_px

    def rect_of(self, stretch: Stretch) -> QRectF:
        """Where a part of a token stands."""
        top = stretch.line * self.line_px
        return QRectF(stretch.left, top, stretch.right - stretch.left, self.line_px)

    def cursor_rect(self, place: int) -> QRectF:
        """Where the cursor stands at a place of the text."""
        place = min(place, len(self.layout.lefts) - 1)
        left, line = self.layout.lefts[place], self.layout.lines[place]
        return QRectF(left - 1, line * self.line_px + self.line_px * 0.12, 2, self.line_px * 0.76)

    def middle_of(self, token: int) -> QPointF | None:
        """The middle of a token's upper edge."""
        found = next((one for one in self.layout.stretches if one.token == token), None)
        return None if found is None else QPointF((found.left + found.right) / 2, found.line * self.line_px)

    def paint(self, painter: QPainter, selection: tuple[int, int], top: float, bottom: float) -> None:
        """Draw what lies between two heights."""
        shown = [
            one
            for one in self.layout.stretches
            if (one.line + 1) * self.line_px >= top and one.line * self.line_px <= bottom
        ]
        for run in _runs(shown, self._chip_of):
            self._paint_chip(painter, run)
        self._code.paint_guides(painter, self.layout, self.line_px, self._cell_px)
        painter.setFont(text_font())
        for _, line in groupby(shown, lambda one: one.line):
            self._paint_line(painter, list(line), selection)
        for run in _runs(shown, self._chip_of):
            self._paint_edge(painter, run)
        self._paint_arcs(painter)

    def _paint_chip(self, painter: QPainter, run: Sequence[Stretch]) -> None:
        chip = self._chips[self._chip_of[run[0].token]]
        rect = self.rect_of(run[0]).united(self.rect_of(run[-1])).adjusted(0, 1, 0, -1)
        if self.look.is_underlined:
            thick = thickness_px(chip.surprise_bits)
            painter.fillRect(QRectF(rect.x() + 1, rect.bottom() - thick - 1, rect.width() - 2, thick), ink())
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint(chip.surprise_bits))
        painter.drawRoundedRect(rect, _RADIUS_PX, _RADIUS_PX)

    def _paint_edge(self, painter: QPainter, run: Sequence[Stretch]) -> None:
        chip = self._chip_of[run[0].token]
        if chip not in (self.chip_of(self.current), self.chip_of(self.pointed)):
            return
        is_current = chip == self.chip_of(self.current)
        hue = theme().hues["transformer"].text if is_current else theme().colour.text_muted
        painter.setPen(QPen(QColor(hue), 2 if is_current else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = self.rect_of(run[0]).united(self.rect_of(run[-1]))
        painter.drawRoundedRect(rect.adjusted(0.5, 1, -0.5, -1), 4, 4)

    def _paint_line(self, painter: QPainter, line: Sequence[Stretch], selection: tuple[int, int]) -> None:
        """Draw a line at once where all of it looks alike: that costs a tenth of drawing its tokens one by one."""
        first, last = line[0].first, line[-1].last
        text = self.layout.text[first:last].rstrip("\n")
        is_marked = max(first, selection[0]) < min(last, selection[1]) or any(
            one.token in self.muted or one.token < self.unseen for one in line
        )
        is_plain = text.isascii() and text.isprintable() and not self.language and not self.look.shows_signs
        if is_plain and not is_marked:
            painter.setPen(part_colour(None, None))
            painter.drawText(self.rect_of(line[0]), _FLAGS, text)
            return
        for stretch in line:
            self._paint_text(painter, stretch, selection)

    def _paint_text(self, painter: QPainter, stretch: Stretch, selection: tuple[int, int]) -> None:
        rect = self.rect_of(stretch)
        first, last = max(stretch.first, selection[0]), min(stretch.last, selection[1])
        if first < last:
            lefts = self.layout.lefts
            end = lefts[last] if last < stretch.last else stretch.right
            hue = QColor(theme().colour.focus)
            hue.setAlphaF(0.35)
            painter.fillRect(QRectF(lefts[first], rect.y() + 3, end - lefts[first], rect.height() - 6), hue)
        for run in self._code.runs(stretch.first, stretch.last):
            self._paint_run(painter, stretch, *run)
        if stretch.token in self.muted:
            painter.drawLine(rect.center() - QPointF(rect.width() / 2, 0), rect.center() + QPointF(rect.width() / 2, 0))

    def _paint_run(self, painter: QPainter, stretch: Stretch, first: int, last: int, part: Part | None) -> None:
        bits = None if self.look.is_underlined else self._chips[self._chip_of[stretch.token]].surprise_bits
        colour = part_colour(part, bits)
        if stretch.token in self.muted or stretch.token < self.unseen:
            colour.setAlphaF(_MUTED_ALPHA)
        painter.setPen(colour)
        rect, text = self.rect_of(stretch), self.layout.text[first:last]
        rect.setLeft(self.layout.lefts[first])
        painter.drawText(rect, _FLAGS, visible(text) if self.look.shows_signs else text.replace("\n", ""))

    def _paint_arcs(self, painter: QPainter) -> None:
        most = max((arc.weight for arc in self.arcs), default=0.0)
        if most <= 0:
            return
        for arc in sorted(self.arcs, key=lambda one: one.weight)[-_MAX_ARCS:]:
            start, end = self.middle_of(arc.token), self.middle_of(arc.to)
            if start is None or end is None:
                continue
            colour = QColor(theme().hues["transformer"].text)
            colour.setAlphaF(_ARC_ALPHA * arc.weight / most)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 0.5 + 3.0 * arc.weight / most))
            painter.drawPath(_arc_path(start, end, self.line_px))


def _arc_path(start: QPointF, end: QPointF, line_px: float) -> QPainterPath:
    path = QPainterPath(start + QPointF(0, 6))
    if abs(start.x() - end.x()) < 1 and abs(start.y() - end.y()) < 1:
        path.addEllipse(start + QPointF(0, 2), 4, 4)
        return path
    height = min(line_px * 0.7, 8 + abs(start.x() - end.x()) * 0.12)
    top = min(start.y(), end.y()) - height + 6
    path.cubicTo(QPointF(start.x(), top), QPointF(end.x(), top), end + QPointF(0, 6))
    return path


def _runs(stretches: Sequence[Stretch], chip_of: Sequence[int]) -> list[list[Stretch]]:
    """Stretches of one chip on one line together."""
    runs: list[list[Stretch]] = []
    for one in stretches:
        before = runs[-1][-1] if runs else None
        if before and before.line == one.line and chip_of[before.token] == chip_of[one.token]:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


@dataclass(frozen=True)
class TextLook:
    """What a person chose.

    Attributes:
        shows_tokens: each token a chip of its own, not each word.
        is_underlined: surprise as the thickness of a line, not as a colour.
        shows_signs: spaces and ends of lines can be seen.
    """

    shows_tokens: bool = False
    is_underlined: bool = False
    shows_signs: bool = False


_BOXES: Final = row(flag(), 3, 3)
STORED_LOOK: Final = Stored(lambda look: list(astuple(look)), lambda values: TextLook(*_BOXES.read(values)))
"""How scenes keep it."""


@dataclass(frozen=True)
class Arc:
    """A line from one token to another over the text; `weight` is 0 to 1."""

    token: int
    to: int
    weight: float
