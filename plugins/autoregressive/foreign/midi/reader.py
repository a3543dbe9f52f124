"""Reads music out of MIDI files onto the grid of four voices; sizes are checked before anything is believed. No Qt.

Shape letters: T sixteenths, V = 4 voices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.container.source import file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_, plural

from ...music.grid import HIGHEST, LOWEST, MAX_STEPS, Bytes, VoiceGrid, bars_of, key_of_signature
from ...music.notes import VoiceNote, column_of
from ...music.theory import found_key
from .tracks import MidiFacts, MidiTracks, read_tracks
from .voices import MidiNote, has_drums, music_in, shared

SUFFIXES: Final = (".mid", ".midi")
MAX_BYTES: Final = 1 << 20
_WHAT: Final = N_("Choose a MIDI file with one melody or up to four voices.")


@dataclass(frozen=True, eq=False)
class ImportedMusic:
    """Music out of a file.

    Attributes:
        tempo_bpm: beats a minute, None where the file does not say. sentence: what was left out, "" for nothing.
    """

    grid: VoiceGrid
    tempo_bpm: float | None
    sentence: str = ""


def read_midi(path: Path) -> ImportedMusic:
    """The music in a file.

    Parts become voices from high to low; where one has chords, its notes are told apart by their height.

    Raises:
        UserError: it is no MIDI file, too large, or holds nothing that four voices could sing.
    """
    with open_regular(path) as opened:
        if file_size(opened) > MAX_BYTES:
            raise UserError(N_("This MIDI file is larger than a megabyte."), _WHAT)
        file = read_tracks(opened.read())
    heard, facts = music_in(file)
    if facts is None:
        raise _nothing(file)
    return _on_a_grid(file, heard, facts)


def _nothing(file: MidiTracks) -> UserError:
    if has_drums(file):
        return UserError(N_("This MIDI file contains only drums, which no voice can sing."), _WHAT)
    return UserError(N_("This MIDI file contains no notes."), _WHAT)


def _on_a_grid(file: MidiTracks, heard: Sequence[MidiNote], facts: MidiFacts) -> ImportedMusic:
    bar = facts.bar
    lead = _lead(min(note.step for note in heard), facts)
    n_steps = max(round(max(note.end for note in heard) - lead), 1)
    n_kept = min(-(-n_steps // bar) * bar, MAX_STEPS // bar * bar)
    found = shared([note for note in heard if note.step - lead < n_kept])
    columns = [_column(voice, lead, n_kept) for voice in found.voices]
    values = np.stack([column for column, _ in columns], 1)
    key = found_key(values[:, 0]) if facts.fifths is None else key_of_signature(facts.fifths)
    said = (
        *file.sentences,
        *facts.sentences,
        N_("Only the first {n} bars were used.").format(n=n_kept // bar) if n_steps > n_kept else "",
        *_lost(found.n_left_out, found.n_cut, sum(n_quick for _, n_quick in columns)),
    )
    places, bars = bars_of(n_kept, bar)
    return ImportedMusic(VoiceGrid(values, places, bars, key), facts.tempo_bpm, " ".join(one for one in said if one))


def _lead(first: int, facts: MidiFacts) -> int:
    """The sixteenth at which the bar of the first note begins: empty bars before it are left out."""
    return facts.bar_from + (first - facts.bar_from) // facts.bar * facts.bar


def _lost(n_left_out: int, n_cut: int, n_quick: int) -> list[str]:
    """What is said of notes that are not as the file has them."""
    said = [
        (
            n_left_out,
            N_("{n} note of more than four voices was left out."),
            N_("{n} notes of more than four voices were left out."),
        ),
        (
            n_cut,
            N_("{n} note ends early, since another needs its voice."),
            N_("{n} notes end early, since others need their voices."),
        ),
        (
            n_quick,
            N_("{n} note shorter than a sixteenth was left out."),
            N_("{n} notes shorter than a sixteenth were left out."),
        ),
    ]
    return [plural(one, more, n) for n, one, more in said if n]


def _column(notes: Sequence[MidiNote], lead: int, n_steps: int) -> tuple[Bytes, int]:
    """What a voice (T,) sings, where a note ends as the next one begins; and how many begin in one sixteenth."""
    found: list[VoiceNote] = []
    n_quick = 0
    for note in sorted(notes, key=lambda one: (one.start, -one.pitch)):
        start = note.step - lead
        end = max(round(note.end) - lead, start + 1)
        if found and found[-1].start == start:
            n_quick += 1
            continue
        if found and found[-1].end > start:
            found[-1] = VoiceNote(found[-1].start, start - found[-1].start, found[-1].pitch)
        found.append(VoiceNote(start, min(end, n_steps) - start, within(note.pitch)))
    return column_of(found, n_steps), n_quick


def within(pitch: int) -> int:
    """A pitch moved by octaves until voices can sing it."""
    while pitch < LOWEST:
        pitch += 12
    while pitch > HIGHEST:
        pitch -= 12
    return pitch
