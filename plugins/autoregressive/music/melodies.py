"""Melodies to begin with: old tunes that belong to everybody, and one made up for this program; no torch, no Qt."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.sound.note import note_number
from studio.core.translation import N_

from .grid import HOLD, N_VOICES, REST, STEPS_PER_BEAT, Bytes, Flags, VoiceGrid, bars_of


@dataclass(frozen=True)
class Melody:
    """A tune for the soprano.

    Attributes:
        title: what it is called. source: who made it.
        key: pitch class of the major key with the same signature. bar: sixteenths of a bar. upbeat: sixteenths before.
        notes: "name:beats" or "name" for a beat, apart by spaces; bar lines are only to be read.
    """

    title: str
    source: str
    key: int
    notes: str
    bar: int = 16
    upbeat: int = 0


MELODIES: Final = {
    "joy": Melody(
        N_("Ode to Joy"),
        N_("Ludwig van Beethoven, 1824"),
        7,
        "B4 B4 C5 D5 | D5 C5 B4 A4 | G4 G4 A4 B4 | B4:1.5 A4:.5 A4:2 |"
        "B4 B4 C5 D5 | D5 C5 B4 A4 | G4 G4 A4 B4 | A4:1.5 G4:.5 G4:2",
    ),
    "star": Melody(
        N_("Little star"),
        N_("French tune, 18th century"),
        5,
        "F4 F4 C5 C5 | D5 D5 C5:2 | Bb4 Bb4 A4 A4 | G4 G4 F4:2 |"
        "C5 C5 Bb4 Bb4 | A4 A4 G4:2 | F4 F4 C5 C5 | D5 D5 C5:2 | Bb4 Bb4 A4 A4 | G4 G4 F4:2",
    ),
    "grace": Melody(
        N_("Amazing grace"),
        N_("American tune, 1829"),
        9,
        "E4 | A4:2 C#5:.5 A4:.5 | C#5:2 B4 | A4:2 F#4 | E4:2 E4 | A4:2 C#5:.5 A4:.5 | C#5:2 B4 | E5:2 C#5 |"
        "E5:2 C#5:.5 A4:.5 | C#5:2 B4 | A4:2 F#4 | E4:2 E4 | A4:2 C#5:.5 A4:.5 | C#5:2 B4 | A4:2",
        bar=12,
        upbeat=4,
    ),
    "moon": Melody(
        N_("By moonlight"),
        N_("French tune, 18th century"),
        7,
        "G4 G4 G4 A4 | B4:2 A4:2 | G4 B4 A4 A4 | G4:4 | A4 A4 A4 A4 | E4:2 E4:2 | A4 G4 F#4 E4 | D4:4 |"
        "G4 G4 G4 A4 | B4:2 A4:2 | G4 B4 A4 A4 | G4:4",
    ),
    "dawn": Melody(
        N_("Before dawn"),
        N_("written for this program"),
        0,
        "A4 B4 C5 A4 | E5 D5 C5:2 | D5 C5 B4 A4 | B4:4 | C5 C5 D5 E5 | F5 E5 D5:2 | E5 C5 B4:1.5 A4:.5 | A4:4",
    ),
}
FIRST: Final = "joy"


def melody_grid(name: str) -> VoiceGrid:
    """A piece of which only the soprano sings, the melody of a name."""
    melody = MELODIES[name]
    column: list[int] = []
    for note in melody.notes.replace("|", " ").split():
        pitch, _, beats = note.partition(":")
        length = round(float(beats or 1) * STEPS_PER_BEAT)
        column += [note_number(pitch) or REST, *[HOLD] * (length - 1)]
    return soprano_alone(np.array(column, np.uint8), melody.bar, melody.upbeat, melody.key)


def soprano_alone(column: Bytes, bar: int, upbeat: int, key: int) -> VoiceGrid:
    """A piece of which only the soprano (T,) sings."""
    values = empty_values(len(column))
    values[:, 0] = column
    return VoiceGrid(values, *bars_of(len(column), bar, upbeat), key)


def empty_values(n_steps: int) -> Bytes:
    """(T, V) in which nobody sings."""
    values = np.full((n_steps, N_VOICES), HOLD, np.uint8)
    values[:1] = REST
    return values


def empty_grid(n_bars: int, bar: int = 16, key: int = 0) -> VoiceGrid:
    """A piece of so many bars in which nobody sings yet."""
    return VoiceGrid(empty_values(n_bars * bar), *bars_of(n_bars * bar, bar), key)


def only_soprano(grid: VoiceGrid) -> Flags:
    """(T, V): the soprano is kept, all else is to be made."""
    is_kept = np.zeros(grid.values.shape, np.bool_)
    is_kept[:, 0] = True
    return is_kept
