"""The notes in the tracks of a MIDI file, in sixteenths, shared among soprano, alto, tenor and bass; drums are none.

A part is what one track has on one channel: a voice, a staff of two, a hand with chords, or all there is.
"""

import bisect
import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ...music.grid import N_VOICES
from .tracks import MidiFacts, MidiTracks, facts_in, too_much

MAX_NOTES: Final = 20_000
DRUMS: Final = 9
_LEGATO: Final = 0.8
PLACES: Final = {1: (0,), 2: (0, 3), 3: (0, 1, 3), 4: (0, 1, 2, 3)}
"""Which voices sing where so many are needed: the outer ones first."""


@dataclass(frozen=True)
class MidiNote:
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


def music_in(file: MidiTracks) -> tuple[list[MidiNote], MidiFacts | None]:
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


def _heard(span: _Span, step_ticks: float) -> MidiNote:
    """A note that ends where it begins lasts a sixteenth."""
    start, end = span.start / step_ticks, span.end / step_ticks
    return MidiNote(start, end if end > start else start + 1, span.pitch, span.part)


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


@dataclass(frozen=True, eq=False)
class SharedNotes:
    """Notes as voices sing them.

    Attributes:
        voices: the notes of soprano, alto, tenor and bass; where two of a voice overlap, the earlier one ends.
        n_left_out: how many no voice sings. n_cut: how many end early since another note took their voice.
    """

    voices: list[list[MidiNote]]
    n_left_out: int
    n_cut: int


def shared(heard: Sequence[MidiNote]) -> SharedNotes:
    """Share notes among four voices, parts from high to low.

    Four parts are the four voices. Of fewer parts each gets as many voices as sound in it at once; where four do not
    suffice, or there are more parts, all notes are told apart by height whichever part they are in.
    """
    staves = _staves(heard)
    for staff, notes in staves:
        for group in _together(notes):
            staff.take(group)
    sung = [one for staff, _ in staves for one in staff.sung]
    return SharedNotes(
        [[note for place, note in sung if place == voice] for voice in range(N_VOICES)],
        sum(staff.n_left_out for staff, _ in staves),
        sum(staff.n_cut for staff, _ in staves),
    )


def _staves(heard: Sequence[MidiNote]) -> list[tuple["_Staff", list[MidiNote]]]:
    """The voices and notes of each part, from high to low; one for all where they need more than four voices."""
    parts: dict[tuple[int, int], list[MidiNote]] = {}
    for note in heard:
        parts.setdefault(note.part, []).append(note)
    lines = sorted(parts.values(), key=lambda notes: -float(np.mean([note.pitch for note in notes])))
    needed = [1 if len(lines) == N_VOICES else n_at_once(line) for line in lines]
    if sum(needed) > N_VOICES:
        lines, needed = [list(heard)], [N_VOICES]
    places = iter(PLACES[sum(needed)])
    return [(_Staff(tuple(itertools.islice(places, n))), line) for n, line in zip(needed, lines, strict=True)]


def n_at_once(notes: Sequence[MidiNote]) -> int:
    """How many notes sound at once at most; those that only overlap a little do not."""
    most, ends = 0, list[float]()
    for note in sorted(notes, key=lambda one: one.start):
        while ends and ends[0] <= note.start:
            heapq.heappop(ends)
        heapq.heappush(ends, note.core_end)
        most = max(most, len(ends))
    return most


def _together(notes: Sequence[MidiNote]) -> Iterator[list[MidiNote]]:
    """Notes that begin in the same sixteenth, and not one after the other, from high to low."""
    group: list[MidiNote] = []
    for note in sorted(notes, key=lambda one: one.start):
        if group and (note.step != group[0].step or note.start >= min(one.core_end for one in group)):
            yield sorted(group, key=lambda one: -one.pitch)
            group = []
        group.append(note)
    if group:
        yield sorted(group, key=lambda one: -one.pitch)


@dataclass(eq=False)
class _Staff:
    """The voices of one part, from high to low, and what they sing so far."""

    places: tuple[int, ...]
    sung: list[tuple[int, MidiNote]] = field(default_factory=list)
    n_left_out: int = 0
    n_cut: int = 0
    _last: dict[int, MidiNote] = field(default_factory=dict)

    def take(self, notes: list[MidiNote]) -> None:
        """Let voices sing notes that begin together, from high to low; two of one pitch are one."""
        distinct = [notes[0], *(note for above, note in itertools.pairwise(notes) if note.pitch != above.pitch)]
        kept = self._kept(distinct)
        self.n_left_out += len(distinct) - len(kept)
        held = {place: note for place, note in self._last.items() if note.core_end > kept[0].start}
        for place, note in zip(self._chosen(kept, held), kept, strict=True):
            self.n_cut += place in held
            self._last[place] = note
            self.sung.append((place, note))

    def _kept(self, notes: list[MidiNote]) -> list[MidiNote]:
        """As many as there are voices: the highest and the lowest; of two for one voice, that of the outer side."""
        n = len(self.places)
        if len(notes) <= n:
            return notes
        if n == 1:
            return notes[-1:] if self.places[0] == N_VOICES - 1 else notes[:1]
        return [*notes[: n - 1], notes[-1]]

    def _chosen(self, notes: list[MidiNote], held: dict[int, MidiNote]) -> tuple[int, ...]:
        """A voice for each note: free ones first, then the order by height, then those which so many should take."""
        heights = sorted([*notes, *held.values()], key=lambda note: -note.pitch)
        wanted = self._spread(len(heights))
        ideal = [wanted[next(at for at, one in enumerate(heights) if one is note)] for note in notes]

        def cost(chosen: tuple[int, ...]) -> tuple[int, int, int]:
            far = sum(abs(place - other) for place, other in zip(chosen, ideal, strict=True))
            return sum(place in held for place in chosen), _n_crossed(chosen, notes, held), far

        return min(itertools.combinations(self.places, len(notes)), key=cost)

    def _spread(self, n: int) -> list[int]:
        """The voices that so many sounding notes should take, from high to low: the outer ones first."""
        top, bottom = self.places[0], self.places[-1]
        if n == 1:
            return [top if top == 0 else bottom]
        inner = list(self.places[1:-1]) or [bottom]
        return [top, *(inner[min(at, len(inner) - 1)] for at in range(n - 2)), bottom]


def _n_crossed(chosen: Sequence[int], notes: Sequence[MidiNote], held: dict[int, MidiNote]) -> int:
    """How often a note would lie on the wrong side of one that is held in another voice."""
    return sum(
        (place < other) != (note.pitch >= below.pitch)
        for place, note in zip(chosen, notes, strict=True)
        for other, below in held.items()
        if other not in chosen
    )
