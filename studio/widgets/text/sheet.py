"""How a text is shown, and the drawing of it as chips: a tint behind each word, the cursor, what is selected, arcs."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import accumulate
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from studio.core.scene_codec import Stored, flag, row
from studio.core.text.token import TextToken, joined, thickness_px, visible, word_of
from studio.render.bundled_font import mono_font, signs_without_font
from studio.render.text_block import TextStyle, Tinted, united
from studio.render.text_layout import TextLayout, is_within_sign
from studio.widgets.text.code import TextCode, part_colour
from studio.widgets.text.tint import ink, tint
from studio.widgets.theme import theme

FONT_PX: Final = 19
LINE_SHARE: Final = 1.95
"""Of the height of the letters: how far apart lines are; arcs need some air."""
CHARS_A_LINE: Final = 66
_RADIUS_PX: Final = 3.0
_MUTED_ALPHA: Final = 0.35
_SELECTED_ALPHA: Final = 0.35
_ARC_ALPHA: Final = 0.9
_MAX_ARCS: Final = 64
_LEAST_CELLS: Final = 8


def text_font(is_bold: bool = False) -> QFont:
    """The font of the text: every character equally wide, no ligatures."""
    font = mono_font(theme().scaled(FONT_PX))
    font.setWeight(QFont.Weight.Bold if is_bold else QFont.Weight.Normal)
    return font


@dataclass(frozen=True)
class Stretch:
    """A part of a token on a line; a token has several where it is broken, or where the direction changes.

    Attributes:
        token: its number. line: counted from 0. left, right: in pixels.
    """

    token: int
    line: int
    left: float
    right: float


class TextSheet:
    """Lays out tokens and paints them.

    Attributes:
        layout: where everything stands.
        unseen: how many of the first tokens are greyed, since the model does not see them any more.
        line_px: the height of a line.
        language: what the text is written in, "python" or nothing that is coloured.
        boxed: a sign of the text that no font of this computer draws; "" where there is none.
    """

    def __init__(self) -> None:
        self.tokens: tuple[TextToken, ...] = ()
        self.look = TextLook()
        self.current = self.pointed = -1
        self.muted: frozenset[int] = frozenset()
        self.unseen = 0
        self.arcs: tuple[Arc, ...] = ()
        self.layout = TextLayout(TextStyle(text_font(), 100, 1))
        self.line_px = self._width = 0.0
        self.boxed = ""
        self.language, self._code = "", TextCode()
        self._ends: list[int] = []  # of the tokens, in the text
        self._groups: list[tuple[int, ...]] = []  # the tokens of each chip
        self._chip_of: list[int] = []
        self._chips: list[TextToken] = []
        self._stretches: dict[int, tuple[Stretch, ...]] = {}  # of lines that were looked at

    def go_on(self, tokens: tuple[TextToken, ...]) -> int:
        """Show these tokens; returns the first line that may have changed. `arrange` gives lines and chips places."""
        n_same = _n_same(self.tokens, tokens)
        self.tokens = tokens
        del self._ends[n_same:]
        lengths = [len(token.piece) for token in tokens[n_same:]]
        self._ends += list(accumulate(lengths, initial=self._ends[-1] if self._ends else 0))[1:]
        first = self.layout.set_text("".join(token.piece for token in tokens))
        self._code = TextCode.of(self.layout.text, self.language)
        self._look_for_boxes(n_same)
        first = min(first, self.layout.line_of(self._forget_chips(n_same)))
        self._stretches = {line: found for line, found in self._stretches.items() if line < first}
        return first

    def arrange(self, limit_s: float | None = None) -> bool:
        """Give lines and chips their places, all of them or for about so long; returns whether all have one now."""
        began_s = time.perf_counter()
        while not self.layout.go_on(0):
            self._join_to_chips()
            if limit_s is not None and time.perf_counter() - began_s > limit_s:
                return False
        self._join_to_chips()
        return True

    def set_look(self, look: "TextLook") -> None:
        """Show it otherwise, at the same places."""
        self.look = look
        self._forget_chips(0)
        self._join_to_chips()

    def set_language(self, language: str) -> None:
        """Colour the text as one in this language."""
        self.language = language
        self._code = TextCode.of(self.layout.text, language)

    def _look_for_boxes(self, n_same: int) -> None:
        first = self._ends[n_same - 1] if n_same and not self.boxed else 0
        self.boxed = next(signs_without_font(self.layout.text[first:]), "")

    def fit(self, width: float) -> None:
        """Begin anew where lines have another width, in pixels."""
        if width != self._width:
            self.lay_out(width)

    def lay_out(self, width: float) -> None:
        """Begin anew in lines of this width, in pixels, or in another font."""
        self._width = width
        font = text_font()
        metrics = QFontMetricsF(font)
        self.line_px = round(metrics.ascent() * LINE_SHARE)
        least = _LEAST_CELLS * metrics.horizontalAdvance("0")
        self.layout = TextLayout(TextStyle(font, max(width, least), self.line_px), self.layout.text)
        self._stretches.clear()

    def _forget_chips(self, n_same: int) -> int:
        """Let go the chips that may change where the first tokens stay; returns where those begin in the text."""
        while self._groups and self._groups[-1][-1] >= n_same - 1:
            self._groups.pop()
        n_tokens = self._groups[-1][-1] + 1 if self._groups else 0
        del self._chips[len(self._groups) :], self._chip_of[n_tokens:]
        return self._ends[n_tokens - 1] if n_tokens else 0

    def _join_to_chips(self) -> None:
        """Join the tokens that stand in lines to chips; a sign that is cut into tokens stays whole."""
        layout, tokens = self.layout, self.tokens
        last = len(tokens) if layout.is_whole else min(bisect_left(self._ends, layout.n_laid_out) + 1, len(tokens))
        if last <= len(self._chip_of):
            return
        self._forget_chips(len(self._chip_of))
        first, n_kept = len(self._chip_of), len(self._groups)
        numbers = range(last - first)
        found = [(number,) for number in numbers] if self.look.shows_tokens else joined(tokens[first:last])
        for group in (tuple(first + number for number in group) for group in found):
            if len(self._groups) > n_kept and is_within_sign(layout.text, self._ends[group[0] - 1]):
                self._groups[-1] += group
            else:
                self._groups.append(group)
        self._chips += [word_of(tokens, group) for group in self._groups[n_kept:]]
        self._chip_of += [chip for chip, group in enumerate(self._groups[n_kept:], n_kept) for _ in group]

    @staticmethod
    def column_px() -> float:
        """How wide a line may be."""
        return CHARS_A_LINE * QFontMetricsF(text_font()).horizontalAdvance("0")

    def chip_of(self, token: int) -> int:
        """The number of the chip to which a token belongs, -1 for none."""
        return self._chip_of[token] if 0 <= token < len(self._chip_of) else -1

    # Where tokens stand

    def token_span(self, token: int) -> tuple[int, int]:
        """The characters of a token, first and behind the last."""
        return self._ends[token - 1] if token else 0, self._ends[token]

    def lines_of(self, token: int) -> range:
        """The lines on which the chip of a token stands; none where that does not stand yet."""
        chip = self.chip_of(token)
        if chip < 0:
            return range(0)
        first, last = self.token_span(self._groups[chip][0])[0], self.token_span(self._groups[chip][-1])[1]
        if first >= self.layout.n_laid_out:
            return range(0)
        return range(self.layout.line_of(first), self.layout.line_of(max(last - 1, first)) + 1)

    def is_rtl(self, token: int) -> bool:
        """Whether the paragraph of a token runs from right to left."""
        return bool(lines := self.lines_of(token)) and self.layout.is_rtl(lines[0])

    def stretches_on(self, line: int) -> tuple[Stretch, ...]:
        """The parts of tokens on a line, in the order of the text."""
        if line not in self._stretches:
            spans = self.layout.token_spans(line, self._ends)
            self._stretches[line] = tuple(Stretch(token, line, left, right) for token, left, right in spans)
        return self._stretches[line]

    def stretches_of(self, token: int) -> Iterator[Stretch]:
        """The parts of a token, as far as they stand; those of its chip where it is the part of a sign."""
        found = [one for line in self.lines_of(token) for one in self.stretches_on(line)]
        own = [one for one in found if one.token == token]
        chip = self.chip_of(token)
        yield from own or (one for one in found if self.chip_of(one.token) == chip)

    def stretches(self, top: float, bottom: float) -> Iterator[Stretch]:
        """The parts of tokens between two heights."""
        for line in self._lines(top, bottom):
            yield from self.stretches_on(line)

    def _lines(self, top: float, bottom: float) -> range:
        if not self.line_px:
            return range(0)
        return range(max(int(top // self.line_px), 0), min(int(bottom // self.line_px) + 1, self.layout.n_lines))

    def token_at(self, at: QPointF) -> int:
        """The token at a point, -1 for none."""
        if not self._lines(at.y(), at.y()):
            return -1
        found = (one.token for one in self.stretches_on(int(at.y() // self.line_px)) if one.left <= at.x() < one.right)
        return next(found, -1)

    def place_at(self, at: QPointF) -> int:
        """The place in the text that is nearest to a point."""
        return self.layout.place_at(int(at.y() // self.line_px), at.x()) if self.layout.n_lines else 0

    def height(self) -> float:
        """Of all lines; guessed where not all of them stand yet."""
        share = len(self.layout.text) / max(self.layout.n_laid_out, 1)
        return round(self.layout.n_lines * max(share, 1.0)) * self.line_px

    def rect_of(self, stretch: Stretch) -> QRectF:
        """Where a part of a token stands."""
        return QRectF(stretch.left, stretch.line * self.line_px, stretch.right - stretch.left, self.line_px)

    def cursor_rect(self, place: int) -> QRectF:
        """Where the cursor stands at a place of the text; empty where nothing stands yet."""
        if not self.layout.n_lines:
            return QRectF()
        top = self.layout.line_of(place) * self.line_px
        return QRectF(self.layout.x_of(place) - 1, top + self.line_px * 0.12, 2, self.line_px * 0.76)

    def middle_of(self, token: int) -> QPointF | None:
        """The middle of a token's upper edge."""
        found = next(self.stretches_of(token), None)
        return None if found is None else QPointF((found.left + found.right) / 2, found.line * self.line_px)

    # Drawing

    def paint(self, painter: QPainter, selection: tuple[int, int], top: float, bottom: float) -> None:
        """Draw what lies between two heights."""
        lines = self._lines(top, bottom)
        chips = [found for line in lines for found in self._chips_on(line)]
        for chip, rect in chips:
            self._paint_chip(painter, self._chips[chip], rect)
        self._code.paint_guides(painter, self.layout, self.line_px, lines)
        for line in lines:
            self._paint_line(painter, line, selection)
        edged = {self.chip_of(self.pointed): False, self.chip_of(self.current): True}
        for chip, rect in chips:
            if chip in edged:
                _paint_edge(painter, rect, edged[chip])
        self._paint_arcs(painter)

    def _chips_on(self, line: int) -> Iterator[tuple[int, QRectF]]:
        """The chips on a line with their places: those of their tokens, as one where they touch each other."""
        spans: dict[int, list[tuple[float, float]]] = {}
        for one in self.stretches_on(line):
            spans.setdefault(self._chip_of[one.token], []).append((one.left, one.right))
        for chip, found in spans.items():
            for left, right in united(found):
                yield chip, QRectF(left, line * self.line_px, right - left, self.line_px)

    def _paint_chip(self, painter: QPainter, chip: TextToken, room: QRectF) -> None:
        rect = room.adjusted(0, 1, 0, -1)
        if self.look.is_underlined:
            thick = thickness_px(chip.surprise_bits)
            painter.fillRect(QRectF(rect.x() + 1, rect.bottom() - thick - 1, rect.width() - 2, thick), ink())
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint(chip.surprise_bits))
        painter.drawRoundedRect(rect, _RADIUS_PX, _RADIUS_PX)

    def _paint_line(self, painter: QPainter, line: int, selection: tuple[int, int]) -> None:
        top = line * self.line_px
        if selection[0] < selection[1]:
            hue = QColor(theme().colour.focus)
            hue.setAlphaF(_SELECTED_ALPHA)
            for left, right in self.layout.spans(line, *selection):
                painter.fillRect(QRectF(left, top + 3, right - left, self.line_px - 6), hue)
        painter.setPen(part_colour(None, None))
        self.layout.draw(painter, line, QPointF(0, top), self._tinted(line))
        for one in self.stretches_on(line) if self.muted else ():
            if one.token in self.muted:
                middle = top + self.line_px / 2
                painter.drawLine(QPointF(one.left, middle), QPointF(one.right, middle))
        if self.look.shows_signs:
            self._paint_signs(painter, line)

    def _tinted(self, line: int) -> list[Tinted]:
        """What of a line has a colour of its own: parts of a language, and tokens that are not looked at."""
        first, last = self.layout.line_span(line)
        token = bisect_right(self._ends, first)
        if not self.language and not self.muted and token >= self.unseen:
            return []
        found: list[Tinted] = []
        while token < len(self._ends) and self.token_span(token)[0] < last:
            begin, end = self.token_span(token)
            is_faint = token in self.muted or token < self.unseen
            bits = None if self.look.is_underlined else self._chips[self._chip_of[token]].surprise_bits
            for start, stop, part in self._code.runs(max(begin, first), min(end, last)):
                colour = part_colour(part, bits)
                if is_faint:
                    colour.setAlphaF(_MUTED_ALPHA)
                if part is not None or is_faint:
                    found.append((start, stop, colour))
            token += 1
        return found

    def _paint_signs(self, painter: QPainter, line: int) -> None:
        """Draw spaces and ends of lines where they stand."""
        painter.setFont(self.layout.style.font)
        for place in range(*self.layout.line_span(line)):
            char = self.layout.text[place]
            for left, right in self.layout.spans(line, place, place + 1) if char != visible(char) else ():
                room = QRectF(left, line * self.line_px, right - left, self.line_px)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, visible(char))

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


def _n_same(one: Sequence[TextToken], other: Sequence[TextToken]) -> int:
    """How many tokens two texts have in common at their beginnings."""
    if other[: len(one)] == one:
        return len(one)
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _paint_edge(painter: QPainter, rect: QRectF, is_current: bool) -> None:
    hue = theme().hues["transformer"].text if is_current else theme().colour.text_muted
    painter.setPen(QPen(QColor(hue), 2 if is_current else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 1, -0.5, -1), 4, 4)


def _arc_path(start: QPointF, end: QPointF, line_px: float) -> QPainterPath:
    path = QPainterPath(start + QPointF(0, 6))
    if abs(start.x() - end.x()) < 1 and abs(start.y() - end.y()) < 1:
        path.addEllipse(start + QPointF(0, 2), 4, 4)
        return path
    height = min(line_px * 0.7, 8 + abs(start.x() - end.x()) * 0.12)
    top = min(start.y(), end.y()) - height + 6
    path.cubicTo(QPointF(start.x(), top), QPointF(end.x(), top), end + QPointF(0, 6))
    return path


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
