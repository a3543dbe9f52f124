"""Finds what Manifold Studio wrote into a PNG: which model, seed and parameters made it."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

from studio.core.container.metadata import (
    KEYWORD,
    MAX_TEXT_BYTES,
    broken_metadata,
    parse_metadata,
    too_much_metadata,
)
from studio.core.container.source import cut_short, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 100_000
_MAX_CHUNK_BYTES = (1 << 31) - 1


class _Chunk(NamedTuple):
    kind: bytes
    n_bytes: int


def read_png_text(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a PNG written by Manifold Studio, None for any other PNG.

    Raises UserError where the PNG or the metadata is broken, too large, or names anything but a model id.
    """
    for chunk in _walk_chunks(file):
        if chunk.kind not in _DECODERS or chunk.n_bytes < len(KEYWORD):
            continue
        if chunk.n_bytes > MAX_TEXT_BYTES:
            if file.read(len(KEYWORD) + 1) == KEYWORD.encode() + b"\0":
                raise too_much_metadata()
            continue
        keyword, _, body = _read_checked(file, chunk).partition(b"\0")
        if keyword == KEYWORD.encode():
            return parse_metadata(_DECODERS[chunk.kind](body))
    return None


def _walk_chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """Yield each chunk with the file standing at its first byte."""
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise UserError(N_("This is not a PNG picture."))
    for index in range(_MAX_CHUNKS):
        head = read_exactly(file, 8)
        chunk = _Chunk(head[4:], int.from_bytes(head[:4], "big"))
        if chunk.n_bytes > _MAX_CHUNK_BYTES or (index == 0 and chunk != (b"IHDR", 13)):
            raise broken_metadata()
        if chunk.kind == b"IEND":
            return
        start = file.tell()
        yield chunk
        file.seek(start + chunk.n_bytes + 4)
    raise broken_metadata()


def _read_checked(file: BinaryIO, chunk: _Chunk) -> bytes:
    data = read_exactly(file, chunk.n_bytes)
    if zlib.crc32(chunk.kind + data) != int.from_bytes(read_exactly(file, 4), "big"):
        raise broken_metadata()
    return data


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_TEXT_BYTES)
    except zlib.error as error:
        raise broken_metadata() from error
    if inflater.unconsumed_tail:
        raise too_much_metadata()
    if not inflater.eof:
        raise cut_short()
    return text


def _read_packed(body: bytes) -> bytes:
    if body[:1] != b"\0":
        raise broken_metadata()
    return _inflate(body[1:])


def _read_international(body: bytes) -> bytes:
    is_packed, method = body[:1], body[1:2]
    parts = body[2:].split(b"\0", 2)  # language, translated keyword, text
    if len(parts) != 3 or method != b"\0":
        raise broken_metadata()
    return _inflate(parts[2]) if is_packed == b"\1" else parts[2]


_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"tEXt": bytes,
    b"zTXt": _read_packed,
    b"iTXt": _read_international,
}
