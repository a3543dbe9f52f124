"""How a Python text looks: the colours of its parts, and faint lines that show how far a line is indented."""

import keyword
import re
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Final, Literal, Self

from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QPainter, QPen

from studio.render.text_layout import TextLayout
from studio.widgets.text.tint import tint
from studio.widgets.theme import theme

Part = Literal["keyword", "definition", "string", "number", "comment"]

INDENT: Final = 4
MAX_CHARS: Final = 20_000
"""Of a text, so many characters are looked at from its beginning."""
_QUOTES: Final = ('"', "'")
_OPEN: Final = re.compile(r"""\s*([rbfuRBFU]{0,2}(\"{3}|'{3}|["']))""")
_NO_SOURCE: Final = re.compile("[\0\ud800-\udfff]")  # no source may hold them, so Python's tokenizer breaks on them
_OTHERS: Final[dict[int, Part]] = {tokenize.NUMBER: "number", tokenize.COMMENT: "comment"}
LEAST_CONTRAST: Final = 4.5
_HUES: Final[dict[Part, str]] = {"keyword": "diffusion", "definition": "vae", "string": "nerf", "number": "gan"}
_GUIDE_ALPHA: Final = 0.3
_SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Mark:
    """Characters `first` up to, but not including, `last` of a text are a part of this kind."""

    first: int
    last: int
    part: Part


def python_marks(text: str) -> list[Mark]:
    """The keywords, names that are defined, strings, numbers and comments of a text, in its order.

    Where the tokenizer gives up, a quote makes a string as far as it goes, and what follows is read anew.
    """
    return _Reader(text[:MAX_CHARS]).marks


class _Reader:
    """Reads a text from error to error."""

    def __init__(self, text: str) -> None:
        text = _NO_SOURCE.sub(" ", text)
        self.marks: list[Mark] = []
        self._text = text
        self._lines = text.split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self._lines), initial=0))
        place = 0
        while place < len(text):
            place = max(self._read(place), place + 1)

    def _read(self, place: int) -> int:
        """Take what can be read from a place on without an error; returns where to go on, at least there."""
        row = bisect_right(self._starts, place) - 1
        column, end, before = place - self._starts[row], place, ""
        rest = (line + "\n" for line in chain([self._lines[row][column:]], islice(self._lines, row + 1, None)))

        def place_of(at: tuple[int, int]) -> int:
            indent = column if at[0] == 1 else 0
            return min(self._starts[min(row + at[0] - 1, len(self._lines))] + indent + at[1], len(self._text))

        try:
            for token in tokenize.generate_tokens(lambda: next(rest, "")):
                first, last = place_of(token.start), place_of(token.end)
                if token.type == tokenize.ERRORTOKEN and token.string.endswith(_QUOTES):
                    return self._take_open_string(first)
                part = _part(token, before)
                if part is not None and last > first:
                    self.marks.append(Mark(first, last, part))
                end, before = max(end, last), token.string
        except (tokenize.TokenError, SyntaxError, UnicodeError):  # the last of form feeds and signs beyond ASCII
            return self._after_error(end, end > place)
        return len(self._text)

    def _after_error(self, end: int, has_read: bool) -> int:
        """Go on with a string that was left open, else with the next line that has not been read."""
        found = _OPEN.match(self._text, end)
        if found is not None:
            return self._take_open_string(found.start(1))
        return end if has_read and self._text[end - 1] == "\n" else self._line_end(end)

    def _take_open_string(self, first: int) -> int:
        """Mark a string without an end: three quotes reach to the end of the text, one to that of the line."""
        found = _OPEN.match(self._text, first)
        is_long = found is not None and len(found[2]) == 3
        last = len(self._text) if is_long else self._line_end(first)
        self.marks.append(Mark(first, last, "string"))
        return last

    def _line_end(self, place: int) -> int:
        found = self._text.find("\n", place)
        return len(self._text) if found < 0 else found + 1


def _part(token: tokenize.TokenInfo, before: str) -> Part | None:
    if token.type == tokenize.NAME:
        if keyword.iskeyword(token.string):
            return "keyword"
        return "definition" if before in ("def", "class") else None
    name = tokenize.tok_name[token.type]
    if name == "STRING" or name.startswith("FSTRING"):  # from Python 3.12 on, an f-string comes in parts
        return "string"
    return _OTHERS.get(token.type)


def indents(text: str) -> Iterator[tuple[int, int]]:
    """Where each line begins, and how many whole indents stand there; an empty line has those of the one after."""
    lines, places = text.split("\n"), [0]
    for line in lines:
        places.append(places[-1] + len(line) + 1)
    following, found = 0, list[tuple[int, int]]()
    for line, place in zip(reversed(lines), reversed(places[:-1]), strict=True):
        if line.strip():
            following = (len(line) - len(line.lstrip(" "))) // INDENT
        found.append((place, following))
    yield from reversed(found)


@dataclass(frozen=True)
class TextCode:
    """The parts of a text; none where it is in no language that is known.

    Attributes:
        marks: in the order of the text. guides: places where a line begins, with how many indents.
    """

    marks: tuple[Mark, ...] = ()
    guides: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, text: str, language: str) -> Self:
        """Look at a text; `language` is what its model's card says."""
        if language != "python":
            return cls()
        return cls(tuple(python_marks(text)), tuple(one for one in indents(text) if one[1]))

    def runs(self, first: int, last: int) -> Iterator[tuple[int, int, Part | None]]:
        """The places from `first` up to `last`, cut where another part begins."""
        start = bisect_right(self.marks, first, key=lambda mark: mark.last)
        for mark in islice(self.marks, start, None):
            if mark.first >= last:
                break
            if first < mark.first:
                yield first, mark.first, None
                first = mark.first
            end = min(mark.last, last)
            yield first, end, mark.part
            first = end
        if first < last:
            yield first, last, None

    def paint_guides(self, painter: QPainter, layout: TextLayout, line_px: float, lines: range) -> None:
        """Draw a line at each whole indent of these lines."""
        if not self.guides or not lines:
            return
        colour = QColor(theme().colour.text_muted)
        colour.setAlphaF(_GUIDE_ALPHA)
        painter.setPen(QPen(colour, 1))
        first, last = layout.line_span(lines[0])[0], layout.line_span(lines[-1])[1]
        begin = bisect_left(self.guides, first, key=lambda guide: guide[0])
        for place, n_indents in islice(self.guides, begin, None):
            if place > last:
                break
            top = layout.line_of(place) * line_px
            for level in range(n_indents):
                x = round(level * INDENT * layout.style.cell_px) + 0.5
                painter.drawLine(QLineF(x, top, x, top + line_px))


def part_colour(part: Part | None, bits: float | None) -> QColor:
    """The colour of a part on the tint of so many bits of surprise; as near to plain text as reading it there needs."""
    plain = QColor(theme().colour.text_strong)
    if part is None:
        return plain
    colour = QColor(theme().hues[_HUES[part]].text if part in _HUES else theme().colour.text_muted)
    over = tint(bits)
    ground = mixed(QColor(theme().colour.canvas), over, over.alphaF())
    steps = (mixed(colour, plain, share) for share in _SHARES)
    return next((one for one in steps if contrast(one, ground) >= LEAST_CONTRAST), plain)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A colour with a share of another one; both opaque."""
    return QColor.fromRgbF(
        one.redF() + share * (other.redF() - one.redF()),
        one.greenF() + share * (other.greenF() - one.greenF()),
        one.blueF() + share * (other.blueF() - one.blueF()),
    )


def contrast(one: QColor, other: QColor) -> float:
    """How well a colour is read on another one, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
