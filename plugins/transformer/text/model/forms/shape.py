"""What a written text may look like, as a tree: characters, one after another, one of several, again and again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points from the first to the last of each pair, in order, with gaps between the pairs."""
_LAST: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)
"""Halves of characters, which no text has."""


@dataclass(frozen=True)
class Chars:
    """One character of a set that is not empty."""

    ranges: Ranges


@dataclass(frozen=True)
class ShapeSequence:
    """All parts, one after another; an empty text for none."""

    parts: tuple["Shape", ...] = ()


@dataclass(frozen=True)
class Either:
    """One of the ways."""

    ways: tuple["Shape", ...]


@dataclass(frozen=True)
class Repeat:
    """A part at least and at most so often; None is without end."""

    part: "Shape"
    least: int = 0
    most: int | None = None


Shape: TypeAlias = Chars | ShapeSequence | Either | Repeat


def literal(text: str) -> ShapeSequence:
    """Exactly this text."""
    return ShapeSequence(tuple(Chars(((ord(char), ord(char)),)) for char in text))


def row(*parts: Shape) -> ShapeSequence:
    """The parts, one after another."""
    return ShapeSequence(parts)


def maybe(part: Shape) -> Repeat:
    """The part, or nothing."""
    return Repeat(part, 0, 1)


def chars(text: str) -> Chars:
    """One of the characters of a text."""
    return Chars(joined_ranges((ord(char), ord(char)) for char in text))


def joined_ranges(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """Pairs in any order as ranges with gaps between them."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def other_ranges(ranges: Ranges) -> Ranges:
    """All characters that are not in a set."""
    return tuple(_gaps(joined_ranges((*ranges, _SURROGATES))))


def without(ranges: Ranges, others: Ranges) -> Ranges:
    """The characters of a set that are not in another one."""
    return other_ranges((*other_ranges(ranges), *others))


def _gaps(ranges: Ranges) -> Iterator[tuple[int, int]]:
    begin = 0
    for first, last in ranges:
        if first > begin:
            yield begin, first - 1
        begin = last + 1
    if begin <= _LAST:
        yield begin, _LAST


@cache
def digits() -> Ranges:
    """Decimal digits of all scripts, as Python's expressions know them."""
    return _those(str.isdecimal)


@cache
def letters() -> Ranges:
    """Letters and figures of all scripts, and the low line."""
    return joined_ranges((*_those(str.isalnum), (ord("_"), ord("_"))))


@cache
def spaces() -> Ranges:
    """What separates words and lines."""
    return _those(str.isspace)


def _those(test: Callable[[str], bool]) -> Ranges:
    return joined_ranges((code, code) for code in range(_LAST + 1) if test(chr(code)))


ANY: Final = other_ranges(((ord("\n"), ord("\n")),))
"""All characters but the end of a line."""
