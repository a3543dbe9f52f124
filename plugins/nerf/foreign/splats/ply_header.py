"""The head of a PLY file: its elements, where each lies, and their rows within bounds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import cut_short, file_size, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import FloatArray
from .scene import damaged

MAX_HEAD_BYTES: Final = 1 << 16
_MAX_PROPERTIES: Final = 1000
_MAX_DIGITS: Final = 40
_ROWS_AT_ONCE: Final = 1 << 13  # which the caches of a processor hold
_ORDERS: Final = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_TYPES: Final = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
_END: Final = re.compile(rb"\nend_header[ \t]*\r?\n")
Rows = npt.NDArray[Any]


@dataclass
class Element:
    """One table: its name, how many rows it has, and the names and types (of numpy) of its columns.

    Attributes:
        has_lists: whether its rows differ in length.
    """

    name: str
    count: int
    columns: dict[str, str]
    has_lists: bool = False


@dataclass(frozen=True)
class PlyHead:
    """What the head says; `order` is "<", ">" or empty for a text, and the rows begin after so many bytes."""

    order: str
    elements: tuple[Element, ...]
    comments: tuple[str, ...]
    n_bytes: int

    def element(self, name: str) -> Element | None:
        """The table of this name, None where there is none."""
        return next((one for one in self.elements if one.name == name), None)

    def dtype(self, element: Element) -> np.dtype[Any]:
        """A row of a table in a binary file."""
        return np.dtype([(name, self.order + kind) for name, kind in element.columns.items()])


def is_ply(start: bytes) -> bool:
    """Whether a file begins as a PLY file does."""
    return start[:4] in (b"ply\n", b"ply\r")


def parse_head(start: bytes) -> PlyHead:
    """Read the head that the first bytes of a file hold; raises UserError where it is broken or too long."""
    end = _END.search(start, 0, MAX_HEAD_BYTES)
    if not is_ply(start) or end is None:
        raise damaged()
    try:
        lines = [line.split() for line in start[: end.start()].decode("ascii", "replace").splitlines()[1:]]
    except ValueError as error:
        raise damaged() from error
    order, elements, comments = None, list[Element](), list[str]()
    for words in filter(None, lines):
        match words:
            case ["format", kind, "1.0"] if kind in _ORDERS:
                order = _ORDERS[kind]
            case ["comment" | "obj_info", *text]:
                comments.append(" ".join(text))
            case ["element", name, count] if count.isascii() and count.isdecimal() and len(count) < 13:
                elements.append(Element(name, int(count), {}))
            case ["property", *what] if elements:
                _add_property(elements[-1], what)
            case _:
                raise damaged()
    if order is None or len({one.name for one in elements}) != len(elements):
        raise damaged()
    return PlyHead(order, tuple(elements), tuple(comments), end.end())


def _add_property(element: Element, what: Sequence[str]) -> None:
    match what:
        case ["list", _, _, _]:
            element.has_lists = True
        case [kind, name] if kind in _TYPES and name not in element.columns:
            element.columns[name] = _TYPES[kind]
        case _:
            raise damaged()
    if len(element.columns) > _MAX_PROPERTIES:
        raise damaged()


def rows_of(file: BinaryIO, head: PlyHead, element: Element, names: Sequence[str]) -> Iterator[FloatArray]:
    """The wanted columns of a table as float32 (rows, names), a few thousand rows at a time.

    Raises UserError at once where the file is too short for what its head says, so that nobody asks for memory first.
    """
    if not head.order:
        return _text_rows(file, head.n_bytes, _checked_text(file, head, element), element, names)
    return (_columns(rows, names) for rows in binary_rows(file, head, element, _ROWS_AT_ONCE))


def _columns(rows: Rows, names: Sequence[str]) -> FloatArray:
    wanted = np.empty((len(rows), len(names)), np.float32)
    for n, name in enumerate(names):
        wanted[:, n] = rows[name]
    return wanted


def binary_rows(file: BinaryIO, head: PlyHead, element: Element, n_at_once: int) -> Iterator[Rows]:
    """The rows of a table of a binary file as they lie in it, (rows,) with columns as fields; raises at once, too."""
    before = head.elements[: head.elements.index(element)]
    if any(one.has_lists for one in (*before, element)):
        raise _behind_lists()
    dtype, size = head.dtype(element), file_size(file)
    start = head.n_bytes + sum(one.count * head.dtype(one).itemsize for one in before)
    if start + element.count * dtype.itemsize > size:
        raise cut_short()
    return _read(file, start, dtype, element.count, n_at_once)


def _read(file: BinaryIO, start: int, dtype: np.dtype[Any], count: int, n_at_once: int) -> Iterator[Rows]:
    file.seek(start)
    for first in range(0, count, n_at_once):
        yield np.frombuffer(read_exactly(file, min(n_at_once, count - first) * dtype.itemsize), dtype)


def _checked_text(file: BinaryIO, head: PlyHead, element: Element) -> int:
    """How many lines stand before those of a table, once its own are known to fit."""
    if element.has_lists:
        raise _behind_lists()
    before = sum(one.count for one in head.elements[: head.elements.index(element)])
    n_left = file_size(file) - head.n_bytes
    if 2 * element.count * len(element.columns) + before > n_left + 2:  # a digit and a space each
        raise cut_short()
    return before


def _text_rows(file: BinaryIO, start: int, before: int, element: Element, names: Sequence[str]) -> Iterator[FloatArray]:
    file.seek(start)
    for _ in range(before):
        file.readline(MAX_HEAD_BYTES)
    places = [list(element.columns).index(name) for name in names]
    longest = _MAX_DIGITS * (len(element.columns) + 1)
    for first in range(0, element.count, _ROWS_AT_ONCE):
        n = min(_ROWS_AT_ONCE, element.count - first)
        lines = [file.readline(longest) for _ in range(n)]
        try:
            rows = np.loadtxt(lines, np.float32, comments=None, usecols=places, ndmin=2, encoding="ascii")
        except ValueError as error:
            raise damaged() from error
        if len(rows) != n:
            raise cut_short()
        yield rows


def _behind_lists() -> UserError:
    return UserError(N_("The splats in this PLY file stand behind lists, which cannot be read here."))
