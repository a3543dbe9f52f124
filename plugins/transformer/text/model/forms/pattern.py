"""Reads a regular expression of the safe kind: what needs no look back and no look around (ECMA and Python alike)."""

import re
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

from .shape import (
    ANY,
    Chars,
    Either,
    Ranges,
    Repeat,
    Shape,
    ShapeSequence,
    digits,
    joined_ranges,
    letters,
    other_ranges,
    spaces,
)

MAX_CHARS: Final = 10_000
MAX_DEPTH: Final = 40
MAX_TIMES: Final = 4096
_TIMES: Final = re.compile(r"\{(\d*)(,?)(\d*)\}")
_HEX: Final = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")
_NAMED: Final = re.compile(r"\?:|\?P?<[A-Za-z_]\w*>")
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_PLAIN_DIGITS: Final = ((ord("0"), ord("9")),)
_PLAIN_LETTERS: Final = joined_ranges((ord(a), ord(b)) for a, b in ("09", "AZ", "__", "az"))
_PLAIN_SPACES: Final = joined_ranges((ord(char), ord(char)) for char in " \t\n\r\f\v")


def pattern_shape(text: str, is_plain: bool = False) -> Shape:
    r"""The shape of the texts that an expression matches as a whole.

    Classes, groups, `|`, `? * + {m,n}` and their lazy forms, `.`, `\d \w \s` and their opposites, escapes; `is_plain`
    lets `\d \w \s` mean those of ASCII, as in JSON schemas. `^` and `$` say nothing where they can only match.

    Raises:
        UserError: it is broken, too long, or needs what is not known here.
    """
    if len(text) > MAX_CHARS:
        raise UserError(N_("The expression is too long."), N_("Make it shorter."))
    return _PatternReader(text, is_plain).whole()


class _PatternReader:
    def __init__(self, text: str, is_plain: bool) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._is_plain = is_plain

    def whole(self) -> Shape:
        found = self._either()
        if self._at < len(self._text):
            raise self._error(N_("has a “)” without its “(”"))
        return found

    def _either(self) -> Shape:
        ways = [self._row()]
        while self._take("|"):
            ways.append(self._row())
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def _row(self) -> Shape:
        parts: list[Shape] = []
        if not self._depth:
            self._take("^")
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if not self._depth and self._text[self._at] == "$" and self._text[self._at + 1 : self._at + 2] in ("", "|"):
                self._at += 1
                break
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else ShapeSequence(tuple(parts))

    def _repeated(self, part: Shape) -> Shape:
        bounds = self._bounds()
        if bounds is None:
            return part
        self._take("?")  # lazy or not, the texts are the same
        if self._text[self._at : self._at + 1] in tuple("*+?") or _TIMES.match(self._text, self._at):
            raise self._error(N_("repeats something already repeated"))
        return Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        found = _TIMES.match(self._text, self._at)
        if found is None or found[0] == "{}":
            return None
        self._at = found.end()
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        if max(least, most or 0) > MAX_TIMES or (most is not None and most < least):
            raise self._error(N_("repeats too often, or has a maximum below its minimum"))
        return least, most

    def _atom(self) -> Shape:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._set()
        if char == ".":
            return Chars(ANY)
        if char == "\\":
            return Chars(self._escape())
        if char in "*+?":
            raise self._error(N_("repeats nothing"))
        if char in "^$":
            raise self._error(N_("has “{sign}” in the middle, where it can never match").format(sign=char))
        return Chars(((ord(char), ord(char)),))

    def _group(self) -> Shape:
        if self._text[self._at : self._at + 1] == "?":
            named = _NAMED.match(self._text, self._at)
            if named is None:
                raise self._error(N_("uses a “(?” lookaround or flag, which is not supported here"))
            self._at = named.end()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(N_("has too many nested groups"))
        found = self._either()
        self._depth -= 1
        if not self._take(")"):
            raise self._error(N_("has a “(” without its “)”"))
        return found

    def _set(self) -> Chars:
        is_other = self._take("^")
        ranges: list[tuple[int, int]] = []
        is_first = True
        while is_first or not self._take("]"):
            is_first = False
            found = self._member()
            if len(found) == 1 and found[0][0] == found[0][1] and self._is_span():
                self._at += 1
                last = self._member()
                if len(last) != 1 or last[0][0] != last[0][1] or last[0][0] < found[0][0]:
                    raise self._error(N_("has a range in “[ ]” that runs backwards"))
                found = ((found[0][0], last[0][0]),)
            ranges += found
        joined = joined_ranges(ranges)
        chosen = other_ranges(joined) if is_other else other_ranges(other_ranges(joined))
        if not chosen:
            raise self._error(N_("has an empty set of characters"))
        return Chars(chosen)

    def _is_span(self) -> bool:
        return self._text[self._at : self._at + 1] == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]")

    def _member(self) -> Ranges:
        char = self._next()
        return self._escape() if char == "\\" else ((ord(char), ord(char)),)

    def _escape(self) -> Ranges:
        char = self._next()
        if char.lower() in "dws":
            ranges = self._class(char.lower())
            return other_ranges(ranges) if char.isupper() else ranges
        if char in _SIGNS:
            return ((ord(_SIGNS[char]), ord(_SIGNS[char])),)
        found = _HEX.match(self._text, self._at - 1)
        if found is not None:
            self._at = found.end()
            code = int(next(filter(None, found.groups())), 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise self._error(N_("names a character that does not exist"))
            return ((code, code),)
        if char.isascii() and char.isalnum():
            raise self._error(N_("has “\\{sign}”, which is not supported here").format(sign=char))
        return ((ord(char), ord(char)),)

    def _class(self, name: str) -> Ranges:
        if self._is_plain:
            return {"d": _PLAIN_DIGITS, "w": _PLAIN_LETTERS, "s": _PLAIN_SPACES}[name]
        return {"d": digits, "w": letters, "s": spaces}[name]()

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._error(N_("ends too early"))
        self._at += 1
        return self._text[self._at - 1]

    def _take(self, sign: str) -> bool:
        is_there = self._text.startswith(sign, self._at)
        self._at += len(sign) if is_there else 0
        return is_there

    def _error(self, what: str) -> UserError:
        place = self._at
        return UserError(
            N_("The expression {what} (near character {place}).").format(what=what, place=max(place, 1)),
            N_("You can use letters, [a-z], \\d \\w \\s, groups, | and ? * + {1,3}."),
        )
