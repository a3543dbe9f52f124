"""The arrays that a file holds, by name, and a bounded look for values that are not numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.core.container.source import cut_short, printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_TENSORS = 20_000
MAX_DIMENSIONS = 64
MAX_ELEMENTS = 1 << 48
CHECK_BYTES = 256 << 20
_CHUNK_BYTES = 1 << 20

ITEM_BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint64": 8,
    "uint32": 4,
    "uint16": 2,
    "uint8": 1,
    "bool": 1,
    "complex64": 8,
    "complex128": 16,
}


class _BitPattern(NamedTuple):
    unsigned: str  # numpy type of the same width
    mask: int  # all bits but the sign
    infinity: int  # what is larger is not a number


_PATTERNS = {
    "float64": _BitPattern("u8", (1 << 63) - 1, 0x7FF0_0000_0000_0000),
    "float32": _BitPattern("u4", 0x7FFF_FFFF, 0x7F80_0000),
    "float16": _BitPattern("u2", 0x7FFF, 0x7C00),
    "bfloat16": _BitPattern("u2", 0x7FFF, 0x7F80),
    "float8_e5m2": _BitPattern("u1", 0x7F, 0x7C),
    "float8_e4m3fn": _BitPattern("u1", 0x7F, 0x7E),  # has no infinity: 0x7E is its largest number
}
_PATTERNS["complex64"] = _PATTERNS["float32"]
_PATTERNS["complex128"] = _PATTERNS["float64"]


@dataclass(frozen=True)
class TensorInfo:
    """One array of a file: its name there, its type by numpy's or torch's name ("bfloat16") and its shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def n_elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Contents:
    """What a container was found to hold after all checks passed.

    `metadata` is what the file says about itself, `warnings` are sentences about what could not be checked.
    """

    tensors: tuple[TensorInfo, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def check_shape(shape: Sequence[object]) -> tuple[int, ...]:
    """Return `shape` as a tuple of sizes; raises UserError where it is none or promises too much."""
    sizes = tuple(size for size in shape if isinstance(size, int) and not isinstance(size, bool))
    if len(sizes) != len(shape) or any(size < 0 for size in sizes):
        raise UserError(N_("The file describes an array of impossible shape."))
    if len(sizes) > MAX_DIMENSIONS or max(sizes, default=0) > MAX_ELEMENTS or math.prod(sizes) > MAX_ELEMENTS:
        raise UserError(N_("The file describes an array of impossible size."))
    return sizes


def check_count(n_tensors: int) -> None:
    """Raise UserError where a file describes more arrays than any model has."""
    if n_tensors > MAX_TENSORS:
        raise UserError(N_("The file describes too many arrays."))


def unknown_dtype(name: str) -> UserError:
    """What to say about a number type that is not read here."""
    return UserError(N_("The file uses an unknown type of number: “{name}”.").format(name=printable(name)))


class NumberCheck:
    """Looks through streamed array bytes for NaN and infinity, within a budget shared by the whole file."""

    def __init__(self, budget_bytes: int = CHECK_BYTES) -> None:
        self._left_bytes = budget_bytes
        self._is_complete = True
        self._has_infinity = False

    def scan(self, read: Callable[[int], bytes], n_bytes: int, dtype: str, is_big_endian: bool = False) -> None:
        """Look at `n_bytes` that `read(n)` hands out; raises UserError at a NaN or a short read."""
        pattern = _PATTERNS.get(dtype)
        if pattern is None:
            return
        if n_bytes > self._left_bytes:
            self._is_complete = False
            n_bytes = self._left_bytes - self._left_bytes % ITEM_BYTES[dtype]
        self._left_bytes -= n_bytes
        unsigned = np.dtype(pattern.unsigned).newbyteorder(">" if is_big_endian else "<")
        while n_bytes > 0:
            chunk = read(min(n_bytes, _CHUNK_BYTES))
            if len(chunk) != min(n_bytes, _CHUNK_BYTES):
                raise cut_short()
            self._check(np.frombuffer(chunk, unsigned), pattern, dtype)
            n_bytes -= len(chunk)

    def warnings(self) -> tuple[str, ...]:
        """Sentences about what was found or left out, to be read after the last scan."""
        found = []
        if self._has_infinity:
            found.append(N_("Some values are infinite."))
        if not self._is_complete:
            found.append(N_("Only the first part of this large file was checked for NaN."))
        return tuple(found)

    def _check(self, bits: NDArray[np.unsignedinteger[Any]], pattern: _BitPattern, dtype: str) -> None:
        largest = int((bits & bits.dtype.type(pattern.mask)).max())
        if largest > pattern.infinity:
            raise UserError(
                N_("The file contains values that are not numbers (NaN)."),
                N_("Train the model again, or use an earlier checkpoint."),
            )
        self._has_infinity |= largest == pattern.infinity and dtype != "float8_e4m3fn"
