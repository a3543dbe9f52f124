"""Four voices on a grid of sixteenths: their names, what a cell may hold, and in which order cells are told.

Shape letters: T sixteenths, V = 4 voices: soprano, alto, tenor, bass. A cell of `values` holds REST, HOLD where what
was before goes on, or the MIDI pitch that begins there.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_

VOICES: Final = (N_("Soprano"), N_("Alto"), N_("Tenor"), N_("Bass"))
SIGNS: Final = ("S", "A", "T", "B")
COLOURS: Final = ((251, 113, 133), (251, 191, 36), (45, 212, 191), (96, 165, 250))
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

N_VOICES: Final = 4
REST: Final = 0
HOLD: Final = 1
STEPS_PER_BEAT: Final = 4
LOWEST: Final = 36
HIGHEST: Final = 84
N_SOUNDS: Final = HIGHEST - LOWEST + 2
"""A rest and the pitches: what can sound."""
UNKNOWN: Final = N_SOUNDS
"""The sound of a cell of which nothing is known, and of what was before the beginning."""
N_TOKENS: Final = N_SOUNDS + 1
HOLD_TOKEN: Final = N_SOUNDS
"""A token is a sound that begins, or this one: nothing new begins."""
ORDER: Final = (0, 3, 1, 2)
"""Within a sixteenth the outer voices come first: soprano, bass, alto, tenor."""
MAX_STEPS: Final = 1024
MAX_BAR: Final = 32
NO_KEY: Final = 12
MOST_BITS: Final = 6.0
"""From here on a note counts as wholly surprising."""


@dataclass(frozen=True, eq=False)
class VoiceGrid:
    """A piece: its cells, and where each sixteenth stands.

    Attributes:
        values: (T, V) uint8. places: (T,) uint8, sixteenths since the bar began. bars: (T,) uint8, the bar's length.
        key: pitch class of the major key with the same signature, 0 for C; NO_KEY where it is not known.
    """

    values: Bytes
    places: Bytes
    bars: Bytes
    key: int

    def __len__(self) -> int:
        return len(self.values)

    def cut(self, first: int, end: int) -> "VoiceGrid":
        """Some of its sixteenths."""
        return VoiceGrid(self.values[first:end], self.places[first:end], self.bars[first:end], self.key)

    def transposed(self, semitones: int) -> "VoiceGrid":
        """The same so much higher; pitches must stay within range."""
        values = np.where(self.values > HOLD, self.values.astype(np.int64) + semitones, self.values)
        key = self.key if self.key == NO_KEY else (self.key + semitones) % 12
        return replace(self, values=values.astype(np.uint8), key=key)


def key_of_signature(fifths: int) -> int:
    """The pitch class of the major key with so many sharps (flats are negative)."""
    return fifths * 7 % 12


def sounding(values: Bytes) -> Bytes:
    """(T, V): the MIDI pitch that sounds in each cell, 0 where none does."""
    begins = values != HOLD
    begins[:1] = True
    last = np.maximum.accumulate(np.where(begins, np.arange(len(values))[:, None], 0), 0)
    found = np.take_along_axis(values, last, 0)
    return np.where(found == HOLD, REST, found).astype(np.uint8)


def known_sounds(values: Bytes, is_given: Flags) -> tuple[Numbers, Flags]:
    """What is known from given cells alone (T, V): the sound, UNKNOWN where it began in a cell that is not given.

    The flags say where something begins.
    """
    begins = is_given & (values != HOLD)
    breaks = begins | ~is_given
    breaks[:1] = True
    last = np.maximum.accumulate(np.where(breaks, np.arange(len(values))[:, None], 0), 0)
    found = np.where(begins, sounds_of(values), UNKNOWN)
    return np.take_along_axis(found, last, 0), begins


def sounds_of(values: Bytes) -> Numbers:
    """Sounds of MIDI pitches or REST, 0 .. N_SOUNDS - 1; HOLD is taken for a rest."""
    return np.where(values > HOLD, values.astype(np.int64) - LOWEST + 1, 0)


def tokens_of(values: Bytes) -> Numbers:
    """Tokens of cells; shapes alike."""
    return np.where(values == HOLD, HOLD_TOKEN, sounds_of(values))


def value_of(token: int) -> int:
    """The cell that a token stands for."""
    if token == HOLD_TOKEN:
        return HOLD
    return token + LOWEST - 1 if token else REST


def bars_of(n_steps: int, bar: int, upbeat: int = 0) -> tuple[Bytes, Bytes]:
    """Places in the bar and lengths of bars (T,) of a piece with one metre that begins with an upbeat."""
    places = (np.arange(n_steps) - upbeat) % bar
    return places.astype(np.uint8), np.full(n_steps, bar, np.uint8)


def bar_starts(places: Bytes) -> list[int]:
    """The sixteenths at which bars begin, and the first one."""
    starts = np.flatnonzero(places == 0).tolist()
    return starts if starts and starts[0] == 0 else [0, *starts]
