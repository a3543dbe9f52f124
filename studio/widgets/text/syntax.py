"""What the parts of a Python text are, as Python's own tokenizer says; a text may be unfinished or wrong anywhere."""

import keyword
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Final, Literal

Part = Literal["keyword", "definition", "string", "number", "comment"]

INDENT: Final = 4
MAX_CHARS: Final = 20_000
"""Of a text, so many characters are looked at from its beginning."""
_QUOTES: Final = ('"', "'")
_OPEN: Final = re.compile(r"""\s*([rbfuRBFU]{0,2}(\"{3}|'{3}|["']))""")
_NO_SOURCE: Final = re.compile("[\0\ud800-\udfff]")  # no source may hold them, so Python's tokenizer breaks on them
_OTHERS: Final[dict[int, Part]] = {tokenize.NUMBER: "number", tokenize.COMMENT: "comment"}


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
