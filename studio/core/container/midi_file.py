"""Finds what Manifold Studio wrote into a MIDI file: a text among the first events of the first track."""

from typing import Any, BinaryIO, Final

from studio.core.container.metadata import MAX_TEXT_BYTES, parse_labelled, too_much_metadata
from studio.core.container.source import read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

SIGNATURE: Final = b"MThd"
_META: Final = 0xFF
_TEXT: Final = 0x01
_END_OF_TRACK: Final = 0x2F
_MAX_EVENTS: Final = 64
_MOST_HEAD_BYTES: Final = 64
_MAX_NUMBER_BYTES: Final = 4


def read_midi_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a MIDI file that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    n_head = int.from_bytes(read_exactly(file, 8)[4:], "big")
    if n_head > _MOST_HEAD_BYTES:
        raise _broken()
    read_exactly(file, n_head)
    if file.read(4) != b"MTrk":
        return None
    read_exactly(file, 4)
    for _ in range(_MAX_EVENTS):
        _number(file)  # the time before it
        if read_exactly(file, 1)[0] != _META:
            return None
        kind, n_bytes = read_exactly(file, 1)[0], _number(file)
        if n_bytes > MAX_TEXT_BYTES:
            raise too_much_metadata()
        if kind == _END_OF_TRACK:
            return None
        data = read_exactly(file, n_bytes)
        values = parse_labelled(data) if kind == _TEXT else None
        if values is not None:
            return values
    return None


def _number(file: BinaryIO) -> int:
    """A number of as many bytes as it needs, seven bits in each."""
    value = 0
    for _ in range(_MAX_NUMBER_BYTES):
        byte = read_exactly(file, 1)[0]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value
    raise _broken()


def _broken() -> UserError:
    return UserError(N_("The MIDI file is damaged."), N_("Export it again, or download it again."))
