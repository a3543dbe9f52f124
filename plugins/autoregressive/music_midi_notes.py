"""The notes in the tracks of a MIDI file, in sixteenths; drums are none."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .music_midi_facts import Facts, facts_in
from .music_midi_file import MidiTracks, too_much

MAX_NOTES: Final = 20_000
DRUMS: Final = 9
_LEGATO: Final = 0.8


@dataclass(frozen=True)
class Heard:
    """A note as a file has it.

    Attributes:
        start, end: in sixteenths since the file began. pitch: MIDI. part: the track and channel that it is on.
    """

    start: float
    end: float
    pitch: int
    part: tuple[int, int]

    @property
    def step(self) -> int:
        """The sixteenth in which it begins."""
        return round(self.start)

    @property
    def core_end(self) -> float:
        """Until when it counts as held: a hand lets go of a note a little after the next one has begun."""
        return self.end - min(_LEGATO, (self.end - self.start) / 2)


@dataclass(frozen=True)
class _Span:
    """A note in ticks."""

    start: int
    end: int
    pitch: int
    part: tuple[int, int]


def music_in(file: MidiTracks) -> tuple[list[Heard], Facts | None]:
    """All notes and what the file says of them; None where there are no notes.

    Raises UserError where there are more than 20,000.
    """
    spans = [span for number, track in enumerate(file.tracks) for span in _spans(track, number)]
    if len(spans) > MAX_NOTES:
        raise too_much()
    if not spans:
        return [], None
    facts = facts_in(file, min(span.start for span in spans), max(span.end for span in spans))
    return [_heard(span, facts.step_ticks) for span in spans], facts


def has_drums(file: MidiTracks) -> bool:
    """Whether drums are beaten."""
    return any(message.type == "note_on" and message.channel == DRUMS for track in file.tracks for message in track)


def _heard(span: _Span, step_ticks: float) -> Heard:
    """A note that ends where it begins lasts a sixteenth."""
    start, end = span.start / step_ticks, span.end / step_ticks
    return Heard(start, end if end > start else start + 1, span.pitch, span.part)


def _spans(track: Any, number: int) -> Iterator[_Span]:
    """The notes of a track; one that never ends does so as the next of its channel begins, the last with the track."""
    ticks, sounding, begun = 0, dict[tuple[int, int], int](), dict[int, list[int]]()
    for message in track:
        ticks += message.time
        if message.type not in ("note_on", "note_off") or message.channel == DRUMS:
            continue
        key, begins = (message.channel, message.note), message.type == "note_on" and message.velocity > 0
        if begins and sounding.get(key) == ticks:  # the same note twice at once
            continue
        if key in sounding:
            yield _Span(sounding.pop(key), ticks, message.note, (number, message.channel))
        if begins:
            sounding[key] = ticks
            begun.setdefault(message.channel, []).append(ticks)
    for (channel, pitch), began in sounding.items():
        starts = [*begun[channel], ticks]
        yield _Span(began, starts[min(bisect.bisect_right(starts, began), len(starts) - 1)], pitch, (number, channel))
