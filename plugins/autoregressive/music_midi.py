"""Reads music out of MIDI files onto the grid of four voices; sizes are checked before anything is believed. No Qt.

Shape letters: T sixteenths, V = 4 voices.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.text import N_

from .music_chord import found_key
from .music_edit import Note, column_of
from .music_grid import HIGHEST, LOWEST, MAX_BAR, MAX_STEPS, N_VOICES, STEPS_PER_BEAT, Grid, bars_of, key_of_signature

SUFFIXES: Final = (".mid", ".midi")
MAX_BYTES: Final = 1 << 20
MAX_MESSAGES: Final = 100_000
MAX_NOTES: Final = 20_000
TEMPO_RANGE: Final = (40.0, 200.0)
_DRUMS: Final = 9
_WHAT: Final = N_("Choose a MIDI file of one melody or of up to four voices.")


@dataclass(frozen=True, eq=False)
class Imported:
    """Music out of a file.

    Attributes:
        tempo_bpm: beats a minute, None where the file does not say. sentence: what was left out, "" for nothing.
    """

    grid: Grid
    tempo_bpm: float | None
    sentence: str = ""


@dataclass(frozen=True)
class _Heard:
    """A note as a file has it: in beats, with the track and channel that it is on."""

    start: float
    end: float
    pitch: int
    part: tuple[int, int]


def read_midi(path: Path) -> Imported:
    """The music in a file.

    Parts become voices from high to low; a single part that has chords is told apart by the height of its notes.

    Raises:
        UserError: it is no MIDI file, too large, or holds nothing that four voices could sing.
    """
    import mido

    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(N_("This MIDI file is larger than a megabyte."), _WHAT)
        file = mido.MidiFile(path)
        return _read(file)
    except UserError:
        raise
    except Exception as error:  # the library has plain exceptions of its own, such as for a key that there is not
        raise UserError(N_("This MIDI file cannot be read."), N_("It is damaged, or no MIDI file.")) from error


def _read(file: Any) -> Imported:
    if sum(map(len, file.tracks)) > MAX_MESSAGES or not 0 < file.ticks_per_beat <= 1 << 15:
        raise UserError(N_("This MIDI file holds more than can be read here."), _WHAT)
    heard = _heard(file)
    if not heard:
        raise UserError(N_("This MIDI file holds no notes."), _WHAT)
    first = min(note.start for note in heard) // 1
    n_beats = max(note.end for note in heard)
    bar, fifths, tempo = _facts(file)
    lead = int(first) // max(bar // STEPS_PER_BEAT, 1) * (bar // STEPS_PER_BEAT)  # empty bars before are left out
    n_steps = max(round((n_beats - lead) * STEPS_PER_BEAT), 1)
    n_kept = min(-(-n_steps // bar) * bar, MAX_STEPS // bar * bar)
    parts = _voices(heard)
    values = np.stack([_column(part, lead, n_kept) for part in parts], 1)
    key = found_key(values[:, 0]) if fifths is None else key_of_signature(fifths)
    places, bars = bars_of(n_kept, bar)
    text = N_("Only the first {n} bars were taken.").format(n=n_kept // bar) if n_steps > n_kept else ""
    return Imported(Grid(values, places, bars, key), tempo, text)


def _heard(file: Any) -> list[_Heard]:
    """All notes of all tracks but drums."""
    notes: list[_Heard] = []
    for number, track in enumerate(file.tracks):
        ticks, sounding = 0, dict[tuple[int, int], int]()
        for message in track:
            ticks += message.time
            if message.type not in ("note_on", "note_off") or message.channel == _DRUMS:
                continue
            key = (message.channel, message.note)
            began = sounding.pop(key, None)
            if began is not None and ticks > began:
                beats = began / file.ticks_per_beat, ticks / file.ticks_per_beat
                notes.append(_Heard(*beats, message.note, (number, message.channel)))
            if message.type == "note_on" and message.velocity > 0:
                sounding[key] = ticks
        if len(notes) > MAX_NOTES:
            raise UserError(N_("This MIDI file holds more than can be read here."), _WHAT)
    return notes


def _facts(file: Any) -> tuple[int, int | None, float | None]:
    """Sixteenths of a bar, sharps of the key and beats a minute, as the file first says."""
    bar, fifths, tempo = 16, None, None
    metas = [message for track in file.tracks for message in track if message.is_meta]
    for message in reversed(metas):
        if message.type == "time_signature":
            wanted = message.numerator * 4 * STEPS_PER_BEAT // message.denominator
            bar = wanted if 4 <= wanted <= MAX_BAR else 16
        elif message.type == "key_signature":
            fifths = _FIFTHS.get(message.key)
        elif message.type == "set_tempo" and message.tempo > 0:
            tempo = min(max(60e6 / message.tempo, TEMPO_RANGE[0]), TEMPO_RANGE[1])
    return bar, fifths, tempo


_MAJORS: Final = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINORS: Final = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m")
_FIFTHS: Final = {name: place - 7 for names in (_MAJORS, _MINORS) for place, name in enumerate(names)}
_PLACES: Final = {1: (0,), 2: (0, 3), 3: (0, 1, 3), 4: (0, 1, 2, 3)}
"""Which voices sing where so many parts are there: the outer ones first."""


def _voices(heard: Sequence[_Heard]) -> list[list[_Heard]]:
    """The notes of soprano, alto, tenor and bass."""
    parts: dict[tuple[int, int], list[_Heard]] = {}
    for note in heard:
        parts.setdefault(note.part, []).append(note)
    lines = sorted(parts.values(), key=lambda notes: -float(np.mean([note.pitch for note in notes])))
    if len(lines) > N_VOICES or (len(lines) == 1 and _has_chords(lines[0])):
        return _by_height(heard)
    voices: list[list[_Heard]] = [[] for _ in range(N_VOICES)]
    for place, line in zip(_PLACES[len(lines)], lines, strict=True):
        voices[place] = line
    return voices


def _has_chords(notes: Sequence[_Heard]) -> bool:
    ordered = sorted(notes, key=lambda note: note.start)
    return any(one.end > other.start + 0.13 for one, other in itertools.pairwise(ordered))


def _by_height(heard: Sequence[_Heard]) -> list[list[_Heard]]:
    """Notes that begin together, told apart by height: the highest are the soprano's, the lowest the bass's."""
    voices: list[list[_Heard]] = [[] for _ in range(N_VOICES)]
    chords: dict[int, list[_Heard]] = {}
    for note in heard:
        chords.setdefault(round(note.start * STEPS_PER_BEAT), []).append(note)
    for _, chord in sorted(chords.items()):
        ordered = sorted(chord, key=lambda note: -note.pitch)
        kept = ordered if len(ordered) <= N_VOICES else [*ordered[: N_VOICES - 1], ordered[-1]]
        for place, note in zip(_PLACES[len(kept)], kept, strict=True):
            voices[place].append(note)
    return voices


def _column(notes: Sequence[_Heard], lead_beats: int, n_steps: int) -> Any:
    """What a voice (T,) sings; a note ends where the next one begins."""
    found: list[Note] = []
    for note in sorted(notes, key=lambda one: (one.start, -one.pitch)):
        start = round((note.start - lead_beats) * STEPS_PER_BEAT)
        end = max(round((note.end - lead_beats) * STEPS_PER_BEAT), start + 1)
        if start >= n_steps or (found and found[-1].start == start):
            continue
        if found and found[-1].end > start:
            found[-1] = Note(found[-1].start, start - found[-1].start, found[-1].pitch)
        found.append(Note(start, min(end, n_steps) - start, within(note.pitch)))
    return column_of(found, n_steps)


def within(pitch: int) -> int:
    """A pitch moved by octaves until voices can sing it."""
    while pitch < LOWEST:
        pitch += 12
    while pitch > HIGHEST:
        pitch -= 12
    return pitch
