"""Breaks files: bytes, numbers and names in them, also inside archives whose checksums are right again afterwards."""

import contextlib
import gzip
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

MAX_EDITS = 4
MAX_BYTES = 4 << 20
_PLACES = 1 << 32
_SHORT = 64


class Edit(NamedTuple):
    """One change; all four are only drawn here, and mean something once the file is known."""

    kind: int
    place: int
    length: int
    value: int


class Mutation(NamedTuple):
    """What is done to which file of a sample; `inside` is whether archives are opened first."""

    file: int
    inside: bool
    edits: tuple[Edit, ...]

    @classmethod
    def of_json(cls, values: Any) -> "Mutation":
        """Take it as JSON has it."""
        file, inside, edits = values
        return cls(file, inside, tuple(Edit(*one) for one in edits))


_EDIT = st.builds(
    Edit, st.integers(0, 255), st.integers(0, _PLACES - 1), st.integers(0, _PLACES - 1), st.integers(0, 255)
)
MUTATIONS = st.builds(
    Mutation, st.integers(0, 255), st.booleans(), st.lists(_EDIT, min_size=1, max_size=MAX_EDITS).map(tuple)
)


def drawn(random: random.Random) -> Mutation:
    """One of `MUTATIONS`, a hundred times as fast as Hypothesis draws it."""
    sizes = (256, _PLACES, _PLACES, 256)
    edits = tuple(Edit(*(random.randrange(n) for n in sizes)) for _ in range(random.choice((1, 1, 2, MAX_EDITS))))
    return Mutation(random.randrange(256), random.random() < 0.5, edits)


def mutated(data: bytes, mutation: Mutation) -> bytes:
    """The broken file, of at most 4 MiB."""
    if mutation.inside:
        with contextlib.suppress(zipfile.BadZipFile, OSError, zlib.error, EOFError, struct.error):
            return _inside(data, mutation.edits)
    return _edited(data, mutation.edits)


def _edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    for edit in edits:
        data = _EDITS[edit.kind % len(_EDITS)](data, edit)[:MAX_BYTES]
    return data


def _inside(data: bytes, edits: Sequence[Edit]) -> bytes:
    if data.startswith(b"PK\3\4"):
        return _in_zip(data, edits)
    if data.startswith(b"\x1f\x8b"):
        return gzip.compress(_edited(gzip.decompress(data), edits), 1)
    if data.startswith(b"\x89PNG"):
        return _with_checksums(_edited(data, edits))
    return _edited(data, edits)


def _in_zip(data: bytes, edits: Sequence[Edit]) -> bytes:
    """One member changed, the rest as it was; the directory and the checksums fit."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        infos = source.infolist()
        chosen = infos[edits[0].place % len(infos)]
        for info in infos:
            member = source.read(info)
            target.writestr(info, _edited(member, edits) if info is chosen else member, info.compress_type)
    return made.getvalue()


def _with_checksums(png: bytes) -> bytes:
    made, place = bytearray(png[:8]), 8
    while place + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, place)
        body = png[place + 4 : place + 8 + length]
        made += png[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += 12 + length
    return bytes(made)


def _span(data: bytes, edit: Edit) -> tuple[int, int]:
    """Where the edit begins and ends: mostly a short part, sometimes a long one."""
    start = edit.place % (len(data) + 1)
    longest = len(data) - start if edit.length & 1 else _SHORT
    return start, min(start + edit.length // 2 % (longest + 1), len(data))


def _flip(data: bytes, edit: Edit) -> bytes:
    if not data:
        return data
    place = edit.place % len(data)
    return data[:place] + bytes([data[place] ^ (1 << edit.value % 8)]) + data[place + 1 :]


def _set(data: bytes, edit: Edit) -> bytes:
    place = edit.place % (len(data) + 1)
    return data[:place] + bytes([edit.value]) + data[place + 1 :]


def _cut(data: bytes, edit: Edit) -> bytes:
    return data[: edit.place % (len(data) + 1)]


def _remove(data: bytes, edit: Edit) -> bytes:
    start, end = _span(data, edit)
    return data[:start] + data[end:]


def _repeat(data: bytes, edit: Edit) -> bytes:
    start, end = _span(data, edit)
    return data[:end] + data[start:end] * (1 + edit.value % 40) + data[end:]


def _splice(data: bytes, edit: Edit) -> bytes:
    """Put a part over another place."""
    start, end = _span(data, edit)
    place = (edit.place * 31 + edit.value) % (len(data) + 1)
    return data[:place] + data[start:end] + data[place + end - start :]


def _fill(data: bytes, edit: Edit) -> bytes:
    start, end = _span(data, edit)
    return data[:start] + (b"\0", b"\xff", b" ", b"\x80")[edit.value % 4] * (end - start) + data[end:]


def _insert(data: bytes, edit: Edit) -> bytes:
    place = edit.place % (len(data) + 1)
    part = random.Random(edit.length).randbytes(1 + edit.value % _SHORT)
    return data[:place] + part + data[place:]


_HUGE = (0, 1, -1, 1 << 15, 1 << 16, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 40, 1 << 60, (1 << 63) - 1, -(1 << 63))
_LAYOUTS = ("<H", ">H", "<I", ">I", "<Q", ">Q")


def _number(data: bytes, edit: Edit) -> bytes:
    """Write a huge or negative number over two, four or eight bytes."""
    layout = _LAYOUTS[edit.length % len(_LAYOUTS)]
    n_bytes = struct.calcsize(layout)
    number = struct.pack(layout, _HUGE[edit.value % len(_HUGE)] & ((1 << 8 * n_bytes) - 1))
    place = edit.place % (len(data) + 1)
    return data[:place] + number + data[place + n_bytes :]


_NUMBER_TEXT = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_STRING_TEXT = re.compile(rb'"[^"\\]{0,200}"')
_VALUES = (
    *(b"0 -1 1 0.5 1e400 -1e400 1e308 1e-320 NaN null true false 2147483648 4294967297 1000000000".split()),
    *(b'9223372036854775808 -9223372036854775809 [] {} [[]] "" "x"'.split()),
    b"9" * 400,
    b'"\\ud800"',
    b'"\\u0000"',
    b'{"a":1}',
    b"[1,2,3]",
    b"-0.0",
    b'"../../../etc/passwd"',
)


def _text_number(data: bytes, edit: Edit) -> bytes:
    return _replaced(data, edit, _NUMBER_TEXT)


def _text_value(data: bytes, edit: Edit) -> bytes:
    return _replaced(data, edit, _STRING_TEXT)


def _replaced(data: bytes, edit: Edit, pattern: re.Pattern[bytes]) -> bytes:
    found = _nearby(data, edit.place, pattern)
    if not found:
        return _number(data, edit)
    start, end = found[0]
    return data[:start] + _VALUES[edit.value % len(_VALUES)] + data[end:]


def _swap(data: bytes, edit: Edit) -> bytes:
    """Two strings change places, which may be keys."""
    one, two = (_nearby(data, place, _STRING_TEXT) for place in (edit.place, edit.length))
    if not one or not two or one == two:
        return _splice(data, edit)
    (a, b), (c, d) = sorted((one[0], two[0]))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:] if b <= c else data


def _nearby(data: bytes, place: int, pattern: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Where the first match behind a place is, else the first of all; in texts of many megabytes only nearby."""
    start = place % (len(data) + 1)
    found = pattern.search(data, start, start + 100_000) or pattern.search(data, 0, 100_000)
    return [found.span()] if found else []


def _nest(data: bytes, edit: Edit) -> bytes:
    start, end = _span(data, edit)
    depth = 1 << edit.value % 12
    opening, closing = ((b"[", b"]"), (b'{"a":', b"}"), (b"(", b")"))[edit.length % 3]
    return data[:start] + opening * depth + data[start:end] + closing * depth + data[end:]


_EDITS: tuple[Callable[[bytes, Edit], bytes], ...] = (
    _flip,
    _set,
    _cut,
    _remove,
    _repeat,
    _splice,
    _fill,
    _insert,
    _number,
    _text_number,
    _text_value,
    _swap,
    _nest,
    _text_number,
    _text_value,
    _flip,
)
