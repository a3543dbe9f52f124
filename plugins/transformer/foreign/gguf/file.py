"""Reads the header of a GGUF file, version 2 or 3, within bounds, and checks that it keeps its promises.

The format is that of the ggml project: magic, version, counts, settings by name, tensors, then their blocks. Nothing
that the file claims is believed before it is checked, and no claim asks for memory that the file does not fill.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from studio.core.container.source import cut_short, file_size, open_regular, printable
from studio.core.container.weights.tensor import check_count, check_shape
from studio.core.error import UserError
from studio.core.translation import N_

from .blocks import BLOCKS, UNREAD

MAGIC: Final = b"GGUF"
MAX_SETTINGS: Final = 4096
MAX_HEADER_BYTES: Final = 128 << 20
MAX_LIST: Final = 2_000_000
MAX_TEXT_BYTES: Final = 1 << 20
_MAX_DIMENSIONS: Final = 4
_MAX_ALIGNMENT: Final = 1 << 20
_NUMBERS: Final = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_TEXT: Final = 8
_LIST: Final = 9


@dataclass(frozen=True)
class GgufTensor:
    """An array of the file.

    Attributes:
        shape: rows first, as torch has it; the file itself tells it the other way round.
        kind: how its numbers are stored, a key of BLOCKS.
        begin: where its bytes begin in the file; `n_bytes` is how many they are.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    begin: int
    n_bytes: int


@dataclass(frozen=True)
class GgufFile:
    """What a file holds: its settings, and its arrays in the order of the file."""

    path: Path
    settings: Mapping[str, Any]
    tensors: tuple[GgufTensor, ...]


def read_gguf(path: Path) -> GgufFile:
    """Read everything but the numbers.

    Raises:
        UserError: the file is cut short, of another version, contradicts itself or exceeds the bounds.
    """
    with open_regular(path) as file:
        size = file_size(file)
        reader = _GgufReader(file, min(size, MAX_HEADER_BYTES), size)
        if reader.take(4) != MAGIC:
            raise UserError(N_("This is not a GGUF file."))
        _check_version(reader.number("I"))
        n_tensors, n_settings = reader.number("Q"), reader.number("Q")
        check_count(n_tensors)
        if n_settings > MAX_SETTINGS:
            raise _broken(N_("it claims too many settings"))
        settings = _settings(reader, n_settings)
        claims = [_claim(reader) for _ in range(n_tensors)]
        alignment = _alignment(settings)
        start = -(-reader.position // alignment) * alignment
        return GgufFile(path, settings, _placed(claims, start, alignment, size))


class _GgufReader:
    """Numbers and texts one after the other; never more bytes than the header may have."""

    def __init__(self, file: BinaryIO, limit: int, size: int) -> None:
        self._file = file
        self._limit = limit
        self._size = size
        self.position = 0

    def take(self, n_bytes: int) -> bytes:
        self.position += n_bytes
        if self.position > self._size:
            raise cut_short()
        if self.position > self._limit:
            raise _broken(N_("its header is too long"))
        data = self._file.read(n_bytes)
        if len(data) != n_bytes:
            raise cut_short()
        return data

    def number(self, code: str) -> Any:
        return self.numbers(code, 1)[0]

    def numbers(self, code: str, count: int) -> tuple[Any, ...]:
        return struct.unpack(f"<{count}{code}", self.take(struct.calcsize(f"<{code}") * count))

    def text(self) -> str:
        n_bytes = self.number("Q")
        if n_bytes > MAX_TEXT_BYTES:
            raise _broken(N_("it contains an impossibly long text"))
        return self.take(n_bytes).decode("utf-8", "replace")


def _check_version(version: int) -> None:
    if version in (2, 3):
        return
    if version in (1, 2 << 24, 3 << 24):
        raise UserError(
            N_("This GGUF file is version 1, or was made for another kind of processor."),
            N_("Convert the model again with a current llama.cpp."),
        )
    raise UserError(N_("This GGUF file is version {n}, which cannot be read.").format(n=version))


def _settings(reader: _GgufReader, n_settings: int) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for _ in range(n_settings):
        name = reader.text()
        if name in settings:
            raise _broken(N_("“{name}” is in it twice").format(name=printable(name)))
        settings[name] = _value(reader, reader.number("I"))
    return settings


def _value(reader: _GgufReader, kind: int) -> Any:
    if kind == _LIST:
        return _list(reader)
    return _scalar(reader, kind)()


def _scalar(reader: _GgufReader, kind: int) -> Callable[[], Any]:
    if kind == _TEXT:
        return reader.text
    if kind in _NUMBERS:
        return lambda: reader.number(_NUMBERS[kind])
    raise _broken(N_("a setting is of an unknown type"))


def _list(reader: _GgufReader) -> list[Any]:
    kind, count = reader.number("I"), reader.number("Q")
    if count > MAX_LIST:
        raise _broken(N_("it contains an impossibly long list"))
    if kind in _NUMBERS:
        return list(reader.numbers(_NUMBERS[kind], count))
    read = _scalar(reader, kind)  # a list of lists is of an unknown type here: no known setting is one
    return [read() for _ in range(count)]


def _claim(reader: _GgufReader) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, kind and offset of a tensor, as the file claims them."""
    name = reader.text()
    n_dimensions = reader.number("I")
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS:
        raise _broken(N_("“{name}” has {n} dimensions").format(name=printable(name), n=n_dimensions))
    shape = check_shape(tuple(reversed(reader.numbers("Q", n_dimensions))))
    return printable(name), shape, reader.number("I"), reader.number("Q")


def _alignment(settings: Mapping[str, Any]) -> int:
    value = settings.get("general.alignment", 32)
    if type(value) is not int or not 1 <= value <= _MAX_ALIGNMENT or value & (value - 1):
        raise _broken(N_("its alignment is not a power of two"))
    return value


def _placed(
    claims: list[tuple[str, tuple[int, ...], int, int]], start: int, alignment: int, size: int
) -> tuple[GgufTensor, ...]:
    """The tensors where they lie: inside the file, none on top of another."""
    tensors = []
    for name, shape, kind, offset in claims:
        if offset % alignment:
            raise _broken(N_("“{name}” is not aligned").format(name=name))
        tensors.append(GgufTensor(name, shape, kind, start + offset, _stored_bytes(name, shape, kind)))
    tensors.sort(key=lambda one: (one.begin, one.n_bytes))
    if len({one.name for one in tensors}) != len(tensors):
        raise _broken(N_("two of its arrays have the same name"))
    end = start if tensors else 0
    for tensor in tensors:
        if tensor.begin < end:
            raise _broken(N_("“{name}” overlaps another array").format(name=tensor.name))
        end = tensor.begin + tensor.n_bytes
    if end > size:
        raise cut_short()
    return tuple(tensors)


def _stored_bytes(name: str, shape: tuple[int, ...], kind: int) -> int:
    """How many bytes an array takes; raises UserError where it is of a kind that is not read."""
    if kind not in BLOCKS:
        raise UserError(
            N_("“{name}” is stored as {kind}, which cannot be read.").format(name=name, kind=UNREAD.get(kind, kind)),
            N_("Use a file of one of these kinds: {kinds}.").format(
                kinds=", ".join(block.title for block in BLOCKS.values())
            ),
        )
    block = BLOCKS[kind]
    if shape[-1] % block.n_numbers:
        raise _broken(N_("the rows of “{name}” are not whole blocks").format(name=name))
    n_rows = 1
    for length in shape[:-1]:
        n_rows *= length
    return n_rows * (shape[-1] // block.n_numbers) * block.n_bytes


def _broken(why: str) -> UserError:
    return UserError(N_("This GGUF file is damaged: {why}.").format(why=why), N_("Copy or download it again."))
