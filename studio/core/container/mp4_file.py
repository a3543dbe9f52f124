"""Finds what Manifold Studio wrote into an MP4 video: the comment among its tags."""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from studio.core.container.metadata import MAX_TEXT_BYTES, broken_metadata, parse_labelled, too_much_metadata
from studio.core.container.source import file_size, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

_MAX_BOXES = 100_000
# Where the comment lies, and how many bytes stand before the boxes inside each of these.
_WAY = ((b"moov", 0), (b"udta", 0), (b"meta", 4), (b"ilst", 0), (b"\xa9cmt", 0))
_DATA_HEAD_BYTES = 8  # kind of text and language


class _Box(NamedTuple):
    kind: bytes
    end: int


def read_mp4_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of an MP4 that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    end = file_size(file)
    if read_exactly(file, 8)[4:] != b"ftyp":
        raise UserError(N_("This is not an MP4 video."))
    file.seek(0)
    for kind, n_skipped in _WAY:
        box = _find(file, kind, end)
        if box is None:
            return None
        end = box.end
        file.seek(n_skipped, 1)
    return _read_comment(file, end)


def _read_comment(file: BinaryIO, end: int) -> dict[str, Any] | None:
    box = _find(file, b"data", end)
    if box is None:
        return None
    n_bytes = box.end - file.tell() - _DATA_HEAD_BYTES
    if n_bytes > MAX_TEXT_BYTES + 64:
        raise too_much_metadata()
    file.seek(_DATA_HEAD_BYTES, 1)
    return parse_labelled(read_exactly(file, max(n_bytes, 0)))


def _find(file: BinaryIO, kind: bytes, end: int) -> _Box | None:
    """The first box of a kind before `end`, with the file standing at its content; None where there is none."""
    return next((box for box in _walk(file, end) if box.kind == kind), None)


def _walk(file: BinaryIO, end: int) -> Iterator[_Box]:
    for _ in range(_MAX_BOXES):
        start = file.tell()
        if start + 8 > end:
            return
        head = read_exactly(file, 8)
        n_bytes = int.from_bytes(head[:4], "big")
        if n_bytes == 1:  # a large one, whose size follows
            n_bytes = int.from_bytes(read_exactly(file, 8), "big")
        box_end = end if n_bytes == 0 else start + n_bytes
        if not file.tell() <= box_end <= end:
            raise broken_metadata()
        yield _Box(head[4:], box_end)
        file.seek(box_end)
    raise broken_metadata()
