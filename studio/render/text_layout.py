"""Where every sign of a text stands: Qt breaks, orders and joins; only what changed is laid out again, part by part."""

import re
import time
import unicodedata
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QTextBoundaryFinder
from PySide6.QtGui import QPainter

from studio.render.text_block import Span, TextBlock, TextStyle, Tinted, is_complex

MAX_CHARS: Final = 2000
"""Of a paragraph, at most so many characters are laid out at once."""
TURN_CHARS: Final = 6000
"""So many are laid out before the clock is looked at: a few milliseconds, and a text of a few pages at once."""
_MOST_MADE: Final = 200  # blocks of which Qt's part is kept: about 40 bytes for each character
_SEARCHED: Final = 4000  # characters of a paragraph in which its direction is looked for
_NEAR: Final = 64  # characters beside a place that decide whether it lies within a sign
_HALVES: Final = re.compile("[\ud800-\udfff]")
_PARTS: Final = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
_SPACE: Final = re.compile(r"\s")
_OPENING, _CLOSING = frozenset(("LRI", "RLI", "FSI")), "PDI"


class Row(NamedTuple):
    """A line: where it begins in the text, and which line of which block it is."""

    first: int
    block: TextBlock
    line: int


class Paragraph(NamedTuple):
    """Where one begins and ends in the text, without the end of its line; whether it runs from right to left."""

    first: int
    last: int
    is_rtl: bool


class TextLayout:
    """Attributes:
    text: all of it. style: what it is laid out in.
    """

    def __init__(self, style: TextStyle, text: str = "") -> None:
        self.style, self.text = style, ""
        self._rows: list[Row] = []
        self._firsts: list[int] = []
        self._next: int | None = 0  # where the next line begins; None where all stand
        self._paragraph: Paragraph | None = None
        self._before: tuple[list[Row], list[int], int | None, int, int] = ([], [], None, 0, 0)
        self._made: OrderedDict[int, TextBlock] = OrderedDict()
        self.set_text(text)

    # Laying out

    @property
    def is_whole(self) -> bool:
        """Whether all lines stand."""
        return self._next is None

    @property
    def n_lines(self) -> int:
        """How many lines stand."""
        return len(self._rows)

    @property
    def n_laid_out(self) -> int:
        """How many characters stand."""
        return len(self.text) if self._next is None else self._next

    def set_text(self, text: str) -> int:
        """Take another text; returns the first line that may differ from before. `go_on` lays it out."""
        same = _same(self.text, text)
        if self._rows and self._next is None and same == len(self.text) == len(text):
            return len(self._rows)
        n_kept = self._kept(same, text) if self._rows else 0
        first = self._firsts[n_kept] if n_kept < len(self._rows) else self._next
        tail = _same(self.text[same:][::-1], text[same:][::-1])
        behind = len(text) - tail, len(text) - len(self.text)
        self._before = self._rows[n_kept:], self._firsts[n_kept:], self._next, *behind
        del self._rows[n_kept:], self._firsts[n_kept:]
        self.text, self._next, self._paragraph = text, first, None
        return n_kept

    def go_on(self, limit_s: float | None = None) -> bool:
        """Lay out what does not stand yet, all of it or for about so long; returns whether all stands now."""
        began_s, first = time.perf_counter(), self.n_laid_out
        while self._next is not None:
            self._lay_out_next(self._next)
            if limit_s is not None and self.n_laid_out - first > TURN_CHARS:
                first = self.n_laid_out - TURN_CHARS
                if time.perf_counter() - began_s > limit_s:
                    break
        return self.is_whole

    def _kept(self, same: int, text: str) -> int:
        """How many lines stay where only the first characters do.

        A line may depend on a word that follows it, and in some scripts on all of its block.
        """
        number = self.line_of(same)
        row = self._rows[number]
        paragraph = self.text.rfind("\n", 0, row.first) + 1
        is_near = same - paragraph <= MAX_CHARS
        is_turned = _runs_from_right(text, paragraph) != row.block.is_rtl
        has_joined = not row.block.is_complex and is_complex(text[same : same + MAX_CHARS])
        if is_turned or (has_joined and is_near):
            return bisect_left(self._firsts, paragraph)
        if row.block.is_complex:
            return bisect_left(self._firsts, row.first - row.block.starts[row.line])
        has_word = _SPACE.search(self.text, row.first, same)
        return number if has_word or row.first == paragraph else number - 1

    def _lay_out_next(self, first: int) -> None:
        if self._join_before(first):
            return
        paragraph = self._paragraph
        if paragraph is None or not paragraph.first <= first <= paragraph.last:
            begin, end = self.text.rfind("\n", 0, first) + 1, self.text.find("\n", first)
            paragraph = Paragraph(begin, len(self.text) if end < 0 else end, _runs_from_right(self.text, begin))
            self._paragraph = paragraph
        last = min(first + MAX_CHARS, paragraph.last)
        block = self._block(self.text[first:last], paragraph.is_rtl)
        starts, is_last = block.starts, last == paragraph.last
        if not is_last and len(starts) > 1:
            last = first + starts[-1]
            starts = starts[:-1]
        self._rows += [Row(first + start, block, line) for line, start in enumerate(starts)]
        self._firsts += [first + start for start in starts]
        self._next = last if not is_last else last + 1 if last < len(self.text) else None

    def _join_before(self, first: int) -> bool:
        """Take the lines of the text before, where they stay from here on."""
        rows, firsts, end, changed, moved = self._before
        at = bisect_left(firsts, first - moved)
        if first < changed or at == len(firsts) or firsts[at] != first - moved:
            return False
        is_new = not first or self.text[first - 1] == "\n"
        row = rows[at]
        if not is_new and (row.block.is_complex or _runs_from_right(self.text, self.text.rfind("\n", 0, first) + 1)):
            return False
        self._rows += [row._replace(first=row.first + moved) for row in rows[at:]]
        self._firsts += [one + moved for one in firsts[at:]]
        self._next, self._before = None if end is None else end + moved, ([], [], None, 0, 0)
        return True

    def _block(self, text: str, is_rtl: bool) -> TextBlock:
        block = TextBlock(text, self.style, is_rtl)
        self._keep_made(block)
        return block

    def _keep_made(self, block: TextBlock) -> None:
        self._made[id(block)] = block
        self._made.move_to_end(id(block))
        while len(self._made) > _MOST_MADE:
            self._made.popitem(last=False)[1].release()

    # Where things stand

    def line_of(self, place: int) -> int:
        """The line of a place of the text; the last one that stands for what does not stand yet."""
        return max(bisect_right(self._firsts, place) - 1, 0)

    def line_span(self, line: int) -> tuple[int, int]:
        """First and behind the last character of a line, the end of the line included."""
        last = self._firsts[line + 1] if line + 1 < len(self._firsts) else self.n_laid_out
        return self._firsts[line], last

    def is_rtl(self, line: int) -> bool:
        """Whether the paragraph of a line runs from right to left."""
        return self._rows[line].block.is_rtl

    def x_of(self, place: int) -> float:
        """Where the cursor at a place of the text stands, in pixels from the left."""
        line = self.line_of(place)
        block, at = self._within(line, place)
        return block.x_of(self._rows[line].line, at)

    def place_at(self, line: int, x: float) -> int:
        """The place in the text that is nearest to a point: there a cursor goes."""
        line = min(max(line, 0), self.n_lines - 1)
        row, (_, last) = self._rows[line], self.line_span(line)
        block, begin = self._within(line, row.first)
        found = block.place_at(row.line, x) + row.first - begin
        is_broken = line + 1 < self.n_lines and self.text[last - 1] != "\n"
        return self.whole(last - 1)[0] if is_broken and found >= last else found

    def spans(self, line: int, first: int, last: int) -> list[Span]:
        """What characters of the text take of a line, (left, right) in pixels, from left to right.

        Several where the direction of writing changes; the end of a line is as wide as a digit.
        """
        begin, end = self.line_span(line)
        first, last = max(first, begin), min(last, end)
        if first >= last:
            return []
        row, has_end = self._rows[line], self.text[last - 1] == "\n"
        block, at = self._within(line, first)
        found = block.spans(row.line, at, at + last - first - has_end)
        if has_end:
            (left, right), cell_px = block.edges(row.line), self.style.cell_px
            found = [(left - cell_px, left), *found] if block.is_rtl else [*found, (right, right + cell_px)]
        return found

    def token_spans(self, line: int, ends: Sequence[int]) -> Iterator[tuple[int, float, float]]:
        """Of each token that has a part on a line: (its number, left, right), where `ends` says where tokens end.

        A token of several runs comes several times; one that is a part of a sign has all of it.
        """
        first, last = self.line_span(line)
        token = bisect_right(ends, first)
        while token < len(ends) and (begin := ends[token - 1] if token else 0) < last:
            for left, right in self.spans(line, begin, ends[token]):
                yield token, left, right
            token += 1

    def whole(self, place: int) -> tuple[int, int]:
        """Begin and end of the sign that a person sees, of which a character is a part."""
        line = self.line_of(place)
        block, at = self._within(line, place)
        if at >= len(block.text):
            return place, min(place + 1, len(self.text))
        first, last = block.whole(at)
        return first + place - at, last + place - at

    def beside(self, place: int, way: int) -> int:
        """The next place to the left (-1) or right (1), as a person sees it; at the end of a line, on the next one."""
        line = self.line_of(place)
        block, at = self._within(line, place)
        found = block.beside(at, way) + place - at
        first, last = self.line_span(line)
        if found != place and first <= found < last + (last == len(self.text)):
            return found
        if (way > 0) != block.is_rtl:
            return min(last, len(self.text)) if line + 1 < self.n_lines else place
        return self.before(first)

    def before(self, place: int) -> int:
        """Where the sign before a place begins."""
        return self.whole(place - 1)[0] if place > 0 else 0

    def _within(self, line: int, place: int) -> tuple[TextBlock, int]:
        """The block of a line, ready to be asked, and a place in it."""
        row = self._rows[line]
        self._keep_made(row.block)
        return row.block, min(max(place - row.first, 0) + row.block.starts[row.line], len(row.block.text))

    # Drawing

    def draw(self, painter: QPainter, line: int, at: QPointF, tinted: Sequence[Tinted] = ()) -> None:
        """Draw a line with its left upper corner there; `tinted` characters of it (first, last) in another colour."""
        row = self._rows[line]
        block, begin = self._within(line, row.first)
        moved = begin - row.first
        block.draw(painter, row.line, at, [(first + moved, last + moved, colour) for first, last, colour in tinted])


def is_within_sign(text: str, place: int) -> bool:
    """Whether a place lies inside of what a person sees as one sign: a letter and its accent, an emoji of several."""
    if not 0 < place < len(text) or not (_is_joined(text[place]) or _joins(text[place - 1])):
        return False
    first = max(place - _NEAR, 0)
    near = _HALVES.sub("\ufffd", text[first : place + _NEAR])
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, near)
    finder.setPosition(len(near[: place - first].encode("utf-16-le")) // 2)
    return not finder.isAtBoundary()


def _is_joined(char: str) -> bool:
    """Whether a character may belong to the sign before it: marks, letters of Hangul, and parts of emoji."""
    return char > "\u02ff" and (unicodedata.category(char)[0] in "MC" or bool(_PARTS.match(char)))


def _joins(char: str) -> bool:
    """Whether a character may take the next one into its sign."""
    return char > "\u02ff" and unicodedata.category(char) in ("Mn", "Cf")


def _runs_from_right(text: str, first: int) -> bool:
    """Whether the paragraph that begins there does: its first strong sign says so (UAX #9, P2 and P3)."""
    end = text.find("\n", first, first + _SEARCHED)
    return _is_rtl(text[first : first + _SEARCHED if end < 0 else end])


def _is_rtl(text: str) -> bool:
    if text.isascii():
        return False
    n_open = 0
    for char in text:
        kind = unicodedata.bidirectional(char)
        n_open += kind in _OPENING
        n_open -= kind == _CLOSING and n_open > 0
        if not n_open and kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def _same(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    most = min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
