"""Finds what Manifold Studio wrote into a GIF, as a comment before its first picture."""

from typing import Any, BinaryIO

from studio.core.container.metadata import MAX_TEXT_BYTES, broken_metadata, parse_labelled, too_much_metadata
from studio.core.container.source import read_exactly
from studio.core.error import UserError
from studio.core.text import N_

_MAX_BLOCKS = 10_000
_SIGNATURES = (b"GIF87a", b"GIF89a")
_EXTENSION, _COMMENT = 0x21, 0xFE


def read_gif_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a GIF that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    if file.read(6) not in _SIGNATURES:
        raise UserError(N_("This is not a GIF picture."))
    flags = read_exactly(file, 7)[4]
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)  # the colours
    for _ in range(_MAX_BLOCKS):
        if read_exactly(file, 1)[0] != _EXTENSION:
            return None
        if read_exactly(file, 1)[0] != _COMMENT:
            _skip_blocks(file)
        elif (values := parse_labelled(_read_blocks(file))) is not None:
            return values
    raise broken_metadata()


def _read_blocks(file: BinaryIO) -> bytes:
    text = bytearray()
    while n_bytes := read_exactly(file, 1)[0]:
        text += read_exactly(file, n_bytes)
        if len(text) > MAX_TEXT_BYTES + 64:
            raise too_much_metadata()
    return bytes(text)


def _skip_blocks(file: BinaryIO) -> None:
    for _ in range(_MAX_BLOCKS):
        n_bytes = read_exactly(file, 1)[0]
        if not n_bytes:
            return
        file.seek(n_bytes, 1)
    raise broken_metadata()
