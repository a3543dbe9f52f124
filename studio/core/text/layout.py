"""Where every character of a text stands: lines broken at spaces, and each token's stretches of them; no drawing."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_UNITS: Final = re.compile(r"\n|\S+|[^\S\n]+")
"""What stays on one line: a word, the spaces between two, or the end of a line."""
_JOINED: Final = frozenset("\u200d\ufe0f\u20e3")


@dataclass(frozen=True)
class Stretch:
    """The part of a token that stands on one line.

    Attributes:
        token: its number.
        first, last: its characters, as places in the whole text; `last` is behind the end.
        line: counted from 0.
        left, right: in pixels.
    """

    token: int
    first: int
    last: int
    line: int
    left: float
    right: float


@dataclass(frozen=True)
class TextLayout:
    """A text, laid out.

    Attributes:
        text: all of it.
        stretches: in the order of the text.
        lefts: of every character, in pixels, and that of the cursor behind the last one.
        lines: on which every character stands, likewise with one more.
        n_lines: how many lines there are.
    """

    text: str
    stretches: tuple[Stretch, ...]
    lefts: tuple[float, ...]
    lines: tuple[int, ...]
    n_lines: int

    def token_at(self, line: int, x: float) -> int:
        """The token at a place, -1 for none."""
        found = (one.token for one in self.stretches if one.line == line and one.left <= x < one.right)
        return next(found, -1)

    def place_at(self, line: int, x: float) -> int:
        """The place in the text that is nearest to a point: there a cursor goes."""
        line = min(max(line, 0), self.n_lines - 1)
        first, last = self.lines.index(line), len(self.lines) - 1 - self.lines[::-1].index(line)
        return min(range(first, last + 1), key=lambda place: abs(self.lefts[place] - x))


def lay_out(
    pieces: Sequence[str], width: float, advance: Callable[[str], float], known: TextLayout | None = None
) -> TextLayout:
    """Lay out the pieces of a text, one for each token; `advance` gives the width of a character in pixels.

    A word that is wider than a line is broken where it must; one space hangs over the end of a line. `known` is the
    layout, of the same width, of a text that has the first of these pieces alone: only what is behind it, and its last
    word, is laid out then.
    """
    text = "".join(pieces)
    first = _last_unit(known.text) if known is not None else 0
    lefts, lines = (list(known.lefts[:first]), list(known.lines[:first])) if known is not None else ([], [])
    x, line = (known.lefts[first], known.lines[first]) if known is not None else (0.0, 0)
    for unit in _UNITS.findall(text, first):
        steps = [0.0 if _is_joined(char) else advance(char) for char in unit]
        hangs = unit == "\n" or (len(unit) == 1 and unit.isspace())
        if not hangs and x > 0 and x + sum(steps) > width:
            x, line = 0.0, line + 1
        for step in steps:
            if not hangs and x > 0 and x + step > width:
                x, line = 0.0, line + 1
            lefts.append(x)
            lines.append(line)
            x += step
        if unit == "\n":
            x, line = 0.0, line + 1
    lefts.append(x)
    lines.append(line)
    kept, token, place = _kept_stretches(known, first)
    new = _stretches(pieces, token, place, text, lefts, lines, advance)
    return TextLayout(text, (*kept, *new), tuple(lefts), tuple(lines), line + 1)


def _last_unit(text: str) -> int:
    """Where the last of what stays on one line begins: what comes behind the text may become part of it."""
    last = text.rfind("\n", 0, max(len(text) - 1, 0)) + 1
    for unit in _UNITS.finditer(text, last):
        last = unit.start()
    return last


def _kept_stretches(known: TextLayout | None, first: int) -> tuple[Sequence[Stretch], int, int]:
    """The stretches of whole tokens that end before a place; the next token and where it begins."""
    if known is None:
        return (), 0, 0
    n_kept = len(known.stretches)
    while n_kept and known.stretches[n_kept - 1].last > first:
        n_kept -= 1
    while 0 < n_kept < len(known.stretches) and known.stretches[n_kept - 1].token == known.stretches[n_kept].token:
        n_kept -= 1
    if n_kept < len(known.stretches):
        return known.stretches[:n_kept], known.stretches[n_kept].token, known.stretches[n_kept].first
    return known.stretches, (known.stretches[-1].token + 1 if known.stretches else 0), len(known.text)


def token_of_place(pieces: Sequence[str], place: int) -> int:
    """The token to which a character belongs; behind the end, how many tokens there are."""
    return bisect_right(list(accumulate(map(len, pieces))), place)


def _is_joined(char: str) -> bool:
    return char in _JOINED or unicodedata.combining(char) > 0


def _stretches(
    pieces: Sequence[str],
    begin: int,
    first: int,
    text: str,
    lefts: Sequence[float],
    lines: Sequence[int],
    advance: Callable[[str], float],
) -> Iterator[Stretch]:
    """Those of the tokens from one on, which begins at the character `first`."""
    for token, piece in enumerate(pieces[begin:], begin):
        end = first + len(piece)
        while first < end:
            last = first + 1
            while last < end and lines[last] == lines[first]:
                last += 1
            width = 0.0 if _is_joined(text[last - 1]) else advance(text[last - 1])
            yield Stretch(token, first, last, lines[first], lefts[first], lefts[last - 1] + width)
            first = last
