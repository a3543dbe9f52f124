"""Finds what Manifold Studio wrote into a WebP picture or a WAV sound, the two kinds of RIFF file."""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from studio.core.container.metadata import (
    MAX_TEXT_BYTES,
    broken_metadata,
    parse_labelled,
    parse_xml_text,
    too_much_metadata,
)
from studio.core.container.source import file_size, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

_MAX_CHUNKS = 200_000
_UNKNOWN_BYTES = 0xFFFFFFFF
"""What a program writes for a length that it does not know yet; others write 0."""
# XML writes some characters of the JSON as five.
_MAX_XML_BYTES = 5 * MAX_TEXT_BYTES


class _Chunk(NamedTuple):
    kind: bytes
    n_bytes: int


def read_webp_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a WebP file that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    for chunk in _walk_chunks(file, _announced_end(file, b"WEBP")):
        if chunk.kind == b"XMP ":
            if chunk.n_bytes > _MAX_XML_BYTES:
                raise too_much_metadata()
            return parse_xml_text(read_exactly(file, chunk.n_bytes))
    return None


def read_wav_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a WAV file that was exported here, None for any other; raises as above.

    Lengths that do not fit, as recorders leave them that were cut off, are heeded no more than by players.
    """
    _announced_end(file, b"WAVE")
    first, end = file.tell(), file_size(file)
    file.seek(first)
    for chunk in _walk_chunks(file, end, b"LIST"):
        if chunk.kind == b"LIST" and chunk.n_bytes >= 4 and read_exactly(file, 4) == b"INFO":
            values = _read_info(file, file.tell() + chunk.n_bytes - 4)
            if values is not None:
                return values
    return None


def unclosed_length_at(file: BinaryIO) -> int | None:
    """Where the four bytes stand that count the samples of a WAV file, where its writer never filled them in.

    None for any other file. A recorder that was cut off leaves 0 there, and no length of the whole file either.
    """
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    end, n_bytes = 8 + int.from_bytes(head[4:8], "little"), file_size(file)
    file.seek(len(head))
    for chunk in _walk_chunks(file, n_bytes, b""):
        if chunk.kind == b"data":
            here = file.tell()
            return here - 4 if chunk.n_bytes == 0 and (end <= here or end == 8 + _UNKNOWN_BYTES) else None
    return None


def _read_info(file: BinaryIO, end: int) -> dict[str, Any] | None:
    for chunk in _walk_chunks(file, end, b"ICMT"):
        if chunk.kind == b"ICMT":
            if chunk.n_bytes > MAX_TEXT_BYTES + 64:
                raise too_much_metadata()
            return parse_labelled(read_exactly(file, chunk.n_bytes))
    return None


def _announced_end(file: BinaryIO, kind: bytes) -> int:
    """Where a file of a kind says that it ends; it stands at its first chunk."""
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != kind:
        raise UserError(N_("This is not a RIFF file of that kind."))
    return 8 + int.from_bytes(head[4:8], "little")


def _walk_chunks(file: BinaryIO, end: int, wanted: bytes | None = None) -> Iterator[_Chunk]:
    """Yield each chunk up to `end` with the file standing at its first byte.

    Raises UserError where one reaches beyond; where one kind is `wanted`, others that do are only the last ones.
    """
    for _ in range(_MAX_CHUNKS):
        start = file.tell()
        if start + 8 > end:
            return
        head = read_exactly(file, 8)
        chunk = _Chunk(head[:4], int.from_bytes(head[4:], "little"))
        if start + 8 + chunk.n_bytes > end:
            if wanted is not None and chunk.kind != wanted:
                return
            raise broken_metadata()
        yield chunk
        file.seek(start + 8 + chunk.n_bytes + chunk.n_bytes % 2)
    raise broken_metadata()
