"""Takes a MIDI file apart into its tracks, as the standard says: chunks of kinds that it does not name are skipped."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.text import N_

MAX_MESSAGES: Final = 100_000
MAX_TRACKS: Final = 1000
_LONGEST: Final = 0x0FFFFFFF
"""Ticks between two messages that the standard's four bytes can tell."""
_FRAMES: Final = {24: 24.0, 25: 25.0, 29: 30_000 / 1001, 30: 30.0}
"""Film frames in a second by the name that a file has for them."""
_HEAD: Final = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480)
_NO_KEY: Final = re.compile(rb"\xff\x59(?!\x02[\xf9-\xff\x00-\x07][\x00\x01])", re.DOTALL)
"""A key signature with sharps or flats that no key has."""
_UNNAMED: Final = b"\xff\x7f"


@dataclass(frozen=True, eq=False)
class MidiTracks:
    """What a MIDI file holds.

    Attributes:
        tracks: the messages of each track, as mido has them; their times are ticks since the one before.
        ticks: how many ticks a beat has, or a second where `is_clock`.
        is_clock: the file counts the frames of a film and no beats.
        sentences: what is not as the file claims, or was left out.
    """

    tracks: list[Any]
    ticks: float
    is_clock: bool
    sentences: tuple[str, ...]


def read_tracks(data: bytes) -> MidiTracks:
    """Take the bytes of a MIDI file apart.

    Raises:
        UserError: they are none, damaged, or more than can be read here.
    """
    kind, n_claimed, division = _header(data)
    ticks, is_clock = _ticks(division)
    chunks = list(_chunks(data))
    if len(chunks) > MAX_TRACKS:
        raise too_much()
    tracks = [_messages(chunk) for chunk, _ in chunks]
    if sum(map(len, tracks)) > MAX_MESSAGES:
        raise too_much()
    if any(message.time > _LONGEST for track in tracks for message in track):
        raise _damaged()
    tracks, left_out = _first_pattern(tracks) if kind == 2 else (tracks, "")
    said = (_shortness(n_claimed, chunks), left_out)
    return MidiTracks(tracks, ticks, is_clock, tuple(sentence for sentence in said if sentence))


def too_much() -> UserError:
    """What to say of a file with too many tracks, messages or notes."""
    return UserError(
        N_("This MIDI file holds more than can be read here."),
        N_("Choose a MIDI file of one melody or of up to four voices."),
    )


def _damaged() -> UserError:
    return UserError(N_("This MIDI file cannot be read."), N_("It is damaged, or no MIDI file."))


def _header(data: bytes) -> tuple[int, int, int]:
    """The file's kind, how many tracks it claims to have, and how it counts time."""
    if len(data) < 14 or data[:4] != b"MThd" or int.from_bytes(data[4:8], "big") < 6:
        raise _damaged()
    kind, n_claimed, division = struct.unpack(">HHh", data[8:14])
    return kind, n_claimed, division


def _ticks(division: int) -> tuple[float, bool]:
    """Ticks of a beat and False, or of a second and True."""
    if division > 0:
        return float(division), False
    frames, of_a_frame = _FRAMES.get(-(division >> 8)), division & 0xFF
    if frames is None or not of_a_frame:
        raise UserError(N_("This MIDI file does not say how long a beat is."), N_("Export it again."))
    return frames * of_a_frame, True


def _chunks(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each track, and whether all are there that it claims to have."""
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        n_bytes = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            chunk = data[at + 8 : at + 8 + n_bytes]
            yield chunk, len(chunk) == n_bytes
        at += 8 + n_bytes


def _messages(chunk: bytes) -> Any:
    """The messages of a track; a key that there is not is passed over."""
    try:
        return _parsed(chunk)
    except Exception as error:  # the library has plain exceptions of its own, such as for a key that there is not
        mended, n_keys = _NO_KEY.subn(_UNNAMED, chunk)
        if not n_keys:
            raise _damaged() from error
    try:
        return _parsed(mended)
    except Exception as error:
        raise _damaged() from error


def _parsed(chunk: bytes) -> Any:
    import mido

    return mido.MidiFile(file=io.BytesIO(_HEAD + b"MTrk" + struct.pack(">I", len(chunk)) + chunk)).tracks[0]


def _first_pattern(tracks: list[Any]) -> tuple[list[Any], str]:
    """In a file of patterns each track is a piece of its own: the first one with notes, and what is said of it."""
    patterns = [track for track in tracks if any(message.type == "note_on" for message in track)]
    if len(patterns) < 2:
        return tracks, ""
    text = N_("This MIDI file holds {n} pieces that do not belong together: the first one was taken.")
    return patterns[:1], text.format(n=len(patterns))


def _shortness(n_claimed: int, chunks: list[tuple[bytes, bool]]) -> str:
    """What is said of a file that ends too soon."""
    if not all(is_whole for _, is_whole in chunks):
        return N_("A track of this MIDI file is shorter than it claims: what is there was taken.")
    if n_claimed > len(chunks):
        text = N_("This MIDI file claims to have {n} tracks and has {m}: those were taken.")
        return text.format(n=n_claimed, m=len(chunks))
    return ""
