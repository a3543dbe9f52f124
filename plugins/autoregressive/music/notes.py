"""Changes to one voice: a note set, moved, or taken away; those in its way end before it or begin behind. No Qt.

Shape letters: T sixteenths.
"""

from dataclasses import dataclass

import numpy as np

from .grid import HOLD, REST, Bytes
from .synthesis import notes_of


@dataclass(frozen=True)
class VoiceNote:
    """One note of a voice: its first sixteenth, how many it lasts, and its MIDI pitch."""

    start: int
    length: int
    pitch: int

    @property
    def end(self) -> int:
        """The sixteenth behind it."""
        return self.start + self.length


def notes_in(column: Bytes) -> list[VoiceNote]:
    """The notes of a voice (T,)."""
    pitches = np.where(column == HOLD, 0, column)
    last = np.maximum.accumulate(np.where(column != HOLD, np.arange(len(column)), 0))
    return [VoiceNote(start, end - start, pitch) for start, end, pitch in notes_of(column, pitches[last])]


def note_at(column: Bytes, step: int) -> VoiceNote | None:
    """The note that sounds in a sixteenth of a voice."""
    return next((note for note in notes_in(column) if note.start <= step < note.end), None)


def column_of(notes: list[VoiceNote], n_steps: int) -> Bytes:
    """The voice (T,) that sings notes, which do not overlap; elsewhere it rests."""
    column = np.full(n_steps, HOLD, np.uint8)
    end = 0
    for note in sorted(notes, key=lambda one: one.start):
        if note.start > end:
            column[end] = REST
        column[note.start] = note.pitch
        end = note.end
    if end < n_steps:
        column[end] = REST
    return column


def with_note(column: Bytes, note: VoiceNote) -> Bytes:
    """The voice with a note in it; others end before it, begin after it, or go."""
    return column_of([*_without_span(notes_in(column), note.start, note.end), note], len(column))


def without_note(column: Bytes, note: VoiceNote) -> Bytes:
    """The voice with a rest in the place of one of its notes."""
    return column_of([one for one in notes_in(column) if one != note], len(column))


def _without_span(notes: list[VoiceNote], start: int, end: int) -> list[VoiceNote]:
    kept = []
    for note in notes:
        if note.start < start:
            kept.append(VoiceNote(note.start, min(note.end, start) - note.start, note.pitch))
        if note.end > end:
            begin = max(note.start, end)
            kept.append(VoiceNote(begin, note.end - begin, note.pitch))
    return kept
