"""Opens instant-ngp snapshots: MessagePack, mostly packed by gzip or zlib, read within bounds."""

import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgpack

from studio.core.container.source import cut_short, file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_

MAX_BYTES: Final = 512 << 20
# A small file may unpack to this much, a larger one to so many times its size: an empty density grid packs well.
_ALLOWANCE_BYTES: Final = 64 << 20
_MAX_RATIO: Final = 100
_CHUNK_BYTES: Final = 1 << 20
_START_BYTES: Final = 64 << 10
_MAX_ITEMS: Final = 2_000_000
_MAX_LIST: Final = 20_000
_MAX_KEYS: Final = 1_000
_MAX_TEXT_BYTES: Final = 4_096
_GZIP_OR_ZLIB: Final = 47  # window bits: 15, plus 32 for finding out which of the two
_KEYS: Final = (b"\xa8snapshot", b"\xa8encoding", b"\xacdir_encoding", b"\xabrgb_network")
_MAPS: Final = (*range(0x80, 0x90), 0xDE, 0xDF)


def looks_like_snapshot(path: Path) -> bool:
    """Whether a file begins like a snapshot; no more than its start is read."""
    with open_regular(path) as file:
        start = file.read(_START_BYTES)
    if _is_packed(start):
        try:
            start = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(start, _START_BYTES)
        except zlib.error:
            return False
    return start[:1] != b"" and start[0] in _MAPS and sum(key in start for key in _KEYS) >= 2


def read_snapshot(path: Path) -> dict[str, Any]:
    """The whole content of a snapshot as plain data.

    Raises UserError where it is cut short, broken, too large, or no table.
    """
    with open_regular(path) as file:
        size = file_size(file)
        if size > MAX_BYTES:
            raise _too_large()
        is_packed = _is_packed(file.read(2))
        file.seek(0)
        if is_packed:
            return _unpack(_inflate(file, min(MAX_BYTES, _ALLOWANCE_BYTES + _MAX_RATIO * size)))
        return _unpack(file.read(MAX_BYTES))


def _is_packed(start: bytes) -> bool:
    """Whether data begin like gzip, or like zlib: two bytes that are a multiple of 31 (RFC 1950)."""
    is_zlib = len(start) > 1 and start[0] & 0x8F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return start[:2] == b"\x1f\x8b" or is_zlib


def _inflate(file: BinaryIO, max_bytes: int) -> bytearray:
    """Unpack piece by piece, and stop at the first byte too many."""
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    data = bytearray()
    try:
        while not inflater.eof:
            packed = inflater.unconsumed_tail or file.read(_CHUNK_BYTES)
            if not packed:
                raise cut_short()
            data += inflater.decompress(packed, _CHUNK_BYTES)
            if len(data) > max_bytes:
                raise UserError(N_("This file would unpack to an impossible size."))
    except zlib.error as error:
        raise _broken() from error
    return data


def _unpack(data: bytes | bytearray) -> dict[str, Any]:
    budget = _Budget()
    try:
        values = msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            list_hook=budget.list_of,
            object_pairs_hook=budget.table_of,
            max_ext_len=0,
            max_array_len=_MAX_LIST,
            max_map_len=_MAX_KEYS,
            max_str_len=_MAX_TEXT_BYTES,
        )
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise _broken() from error
    if not isinstance(values, dict):
        raise _broken()
    return values


class _Budget:
    """Counts what is made of a file, since a byte of MessagePack can become a hundred in memory."""

    def __init__(self) -> None:
        self._n_left = _MAX_ITEMS

    def list_of(self, items: list[Any]) -> list[Any]:
        """Let a list pass."""
        self._spend(len(items))
        return items

    def table_of(self, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
        """Make a table whose keys are texts and differ."""
        self._spend(len(pairs))
        table = {key: value for key, value in pairs if isinstance(key, str)}
        if len(table) != len(pairs):
            raise _broken()
        return table

    def _spend(self, n_items: int) -> None:
        self._n_left -= n_items + 1
        if self._n_left < 0:
            raise _too_large()


def _too_large() -> UserError:
    return UserError(N_("This snapshot is too large to open."))


def _broken() -> UserError:
    return UserError(N_("This snapshot is damaged."), N_("Copy or download it again."))
