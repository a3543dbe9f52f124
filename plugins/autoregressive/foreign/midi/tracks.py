"""Takes a MIDI file apart into its tracks, and reads metre, key and tempo where its music begins."""

import io
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.translation import N_

from ...music.grid import MAX_BAR, STEPS_PER_BEAT

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
TEMPO_RANGE: Final = (40.0, 200.0)
USUAL_BPM: Final = 120.0
USUAL_BAR: Final = 16
"""What a file means that says nothing, by the standard: 4/4 at 120 beats a minute."""
_SAME_TEMPO: Final = 0.01
_MAJORS: Final = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINORS: Final = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m")
_FIFTHS: Final = {name: place - 7 for names in (_MAJORS, _MINORS) for place, name in enumerate(names)}

Event = tuple[int, Any]
"""A message of a file and the tick at which it stands."""


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
        N_("This MIDI file is too long or too complex to be read here."),
        N_("Choose a MIDI file with one melody or up to four voices."),
    )


def _damaged() -> UserError:
    return UserError(N_("This MIDI file cannot be read."), N_("It is damaged, or is not a MIDI file."))


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
    text = N_("This MIDI file contains {n} separate pieces: only the first was used.")
    return patterns[:1], text.format(n=len(patterns))


def _shortness(n_claimed: int, chunks: list[tuple[bytes, bool]]) -> str:
    """What is said of a file that ends too soon."""
    if not all(is_whole for _, is_whole in chunks):
        return N_("A track of this MIDI file is cut short: what is there was used.")
    if n_claimed > len(chunks):
        text = N_("This MIDI file should have {n} tracks but has {m}: those were used.")
        return text.format(n=n_claimed, m=len(chunks))
    return ""


@dataclass(frozen=True)
class MidiFacts:
    """What a file says of its music, where that begins.

    Attributes:
        bar: sixteenths of a bar, 4 to 32. bar_from: the sixteenth from which bars are counted.
        fifths: sharps of the key, flats negative; None where the file does not say.
        tempo_bpm: beats a minute; None where the file does not say.
        step_ticks: ticks of a sixteenth. sentences: what it says that is not kept.
    """

    bar: int
    bar_from: int
    fifths: int | None
    tempo_bpm: float | None
    step_ticks: float
    sentences: tuple[str, ...]


def facts_in(file: MidiTracks, first: int, last: int) -> MidiFacts:
    """What holds at the tick of the first note; what is said between it and the tick of the last end is later."""
    metres, keys, tempi = (_events(file, kind) for kind in ("time_signature", "key_signature", "set_tempo"))
    tempi = [tempo for tempo in tempi if tempo[1].tempo > 0]
    tempo = _tempo(tempi, first, file.is_clock)
    step_ticks = (file.ticks * 60 / (tempo or USUAL_BPM) if file.is_clock else file.ticks) / STEPS_PER_BEAT
    metre, key = _in_force(metres, first), _in_force(keys, first)
    said = (_metre_words(metres, first, last), _tempo_words(tempi, first, last))
    return MidiFacts(
        _bar(metre) or USUAL_BAR,
        0 if metre is None else round(metre[0] / step_ticks),
        None if key is None else _FIFTHS.get(key[1].key),
        tempo,
        step_ticks,
        tuple(sentence for sentence in said if sentence),
    )


def _events(file: MidiTracks, kind: str) -> list[Event]:
    """All of a kind in the order of time, whichever tracks they are on."""
    found: list[Event] = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == kind:
                found.append((ticks, message))
    return sorted(found, key=lambda event: event[0])


def _in_force(events: Sequence[Event], at: int) -> Event | None:
    """What was said last until a tick."""
    return next((event for event in reversed(events) if event[0] <= at), None)


def _bar(metre: Event | None) -> int | None:
    """Sixteenths of a bar; None where it has no whole number of them, too few or too many."""
    if metre is None:
        return USUAL_BAR
    n_steps, rest = divmod(metre[1].numerator * 4 * STEPS_PER_BEAT, metre[1].denominator)
    return n_steps if not rest and STEPS_PER_BEAT <= n_steps <= MAX_BAR else None


def _metre_words(metres: Sequence[Event], first: int, last: int) -> str:
    bar = _bar(_in_force(metres, first))
    if bar is None:
        return N_("These bars cannot be shown here, so bars of 4/4 are shown instead.")
    if any(first < metre[0] < last and _bar(metre) != bar for metre in metres):
        return N_("The metre changes during the piece: the one at the beginning is used throughout.")
    return ""


def _tempo(tempi: Sequence[Event], first: int, is_clock: bool) -> float | None:
    """Beats a minute, within bounds; a file that counts no beats has the usual ones."""
    now = _in_force(tempi, first)
    if now is None:
        return USUAL_BPM if tempi or is_clock else None
    return _bpm(now)


def _asked_bpm(tempo: Event) -> float:
    return 60e6 / float(tempo[1].tempo)


def _bpm(tempo: Event) -> float:
    return min(max(_asked_bpm(tempo), TEMPO_RANGE[0]), TEMPO_RANGE[1])


def _tempo_words(tempi: Sequence[Event], first: int, last: int) -> str:
    now, said = _tempo(tempi, first, is_clock=True) or USUAL_BPM, _in_force(tempi, first)
    if said is not None and abs(_asked_bpm(said) / now - 1) > _SAME_TEMPO:
        sentence = N_("This music asks for {asked:,.0f} beats a minute, but is played at {now:.0f}.")
        return sentence.format(asked=_asked_bpm(said), now=now)
    if any(first < tempo[0] < last and abs(_bpm(tempo) / now - 1) > _SAME_TEMPO for tempo in tempi):
        return N_("The tempo changes during the piece: the one at the beginning is used throughout.")
    return ""
