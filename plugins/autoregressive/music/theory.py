"""What a chord is called, which key a piece is in, and rules of counterpoint that can be counted; no torch, no Qt.

Shape letters: T sixteenths, V = 4 voices from high to low.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.sound.note import NOTE_NAMES
from studio.core.translation import N_, translate

from .grid import HOLD, NO_KEY, STEPS_PER_BEAT, Bytes, sounding

_FLATS: Final = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")
_SHARPS: Final = tuple(name.replace("#", "♯") for name in NOTE_NAMES)
_FLAT_KEYS: Final = frozenset({1, 3, 5, 8, 10})
# Steps above the root, and how such a chord is called.
_CHORDS: Final = (
    ((0, 4, 7), N_("{root} major")),
    ((0, 3, 7), N_("{root} minor")),
    ((0, 4, 7, 10), N_("{root} seventh")),
    ((0, 3, 7, 10), N_("{root} minor seventh")),
    ((0, 4, 7, 11), N_("{root} major seventh")),
    ((0, 3, 6), N_("{root} diminished")),
    ((0, 3, 6, 9), N_("{root} diminished seventh")),
    ((0, 3, 6, 10), N_("{root} half-diminished")),
    ((0, 4, 8), N_("{root} augmented")),
    ((0, 5, 7), N_("{root} with a suspended fourth")),
    ((0, 2, 7), N_("{root} with a suspended second")),
    ((0, 4), N_("{root} major, without its fifth")),
    ((0, 3), N_("{root} minor, without its fifth")),
    ((0, 7), N_("{root} with a bare fifth")),
    ((0,), N_("{root} alone")),
)
# Krumhansl's profiles of major and minor keys (1990): how well each step above the tonic fits.
_MAJOR: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
FIFTH: Final = 7
OCTAVE: Final = 0


def pitch_name(pitch: int, key: int) -> str:
    """A MIDI pitch as it is called in a key: 70 is "B♭4" in F, "A♯4" in B."""
    return f"{class_name(pitch % 12, key)}{pitch // 12 - 1}"


def class_name(pitch_class: int, key: int) -> str:
    """The same without the octave."""
    return (_FLATS if key in _FLAT_KEYS else _SHARPS)[pitch_class]


def chord_name(pitches: Sequence[int], key: int) -> str:
    """What sounds together, in words; "" where nothing does or it has no common name.

    A chord that fits several roots is called by that of its lowest note.
    """
    if not pitches:
        return ""
    classes, lowest = {pitch % 12 for pitch in pitches}, min(pitches) % 12
    roots = [lowest, *sorted(classes - {lowest})]
    for root in roots:
        steps = tuple(sorted((one - root) % 12 for one in classes))
        for known, text in _CHORDS:
            if steps == known:
                return translate(text).format(root=class_name(root, key))
    return ""


def found_key(column: Bytes) -> int:
    """The pitch class of the major key whose signature fits a voice (T,) best; NO_KEY where it sings nothing.

    Each note counts by its length (Krumhansl and Schmuckler).
    """
    weights: npt.NDArray[np.float64] = np.zeros(12)
    sounds = 0
    for value in column.tolist():
        sounds = sounds if value == HOLD else value
        if sounds > HOLD:
            weights[sounds % 12] += 1
    if not weights.any():
        return NO_KEY
    fits = []
    for tonic in range(12):
        turned = np.roll(weights, -tonic)
        fits.append((np.corrcoef(turned, _MAJOR)[0, 1], tonic))
        fits.append((np.corrcoef(turned, _MINOR)[0, 1], (tonic + 3) % 12))
    return max(fits)[1]


def n_parallels(values: npt.NDArray[np.uint8], interval: int) -> int:
    """How often two voices go from an interval (FIFTH or OCTAVE, or one an octave wider) to the same one in parallel.

    Counted at every sixteenth at which both voices begin a new note and both pitches change.

    Args:
        values: (T, V) as a chorale's data set has them.
    """
    return len(parallels(values, interval))


def parallels(values: npt.NDArray[np.uint8], interval: int) -> list[tuple[int, int, int]]:
    """The same as (sixteenth, upper voice, lower voice) of each."""
    pitches = sounding(values).astype(np.int64)  # (T, V)
    begins = values > HOLD
    found = []
    for upper, lower in combinations(range(values.shape[1]), 2):
        both = begins[1:, upper] & begins[1:, lower]
        sing = (pitches[:-1, [upper, lower]] > 0).all(1)
        moved = (pitches[1:, upper] != pitches[:-1, upper]) & (pitches[1:, lower] != pitches[:-1, lower])
        widths = pitches[:, upper] - pitches[:, lower]
        stays = (widths[1:] == widths[:-1]) & (np.abs(widths[1:]) % 12 == interval)
        found += [(step + 1, upper, lower) for step in np.flatnonzero(both & sing & moved & stays).tolist()]
    return sorted(found)


def per_100_beats(n: int, n_steps: int) -> float:
    """A count over so many sixteenths as one per hundred beats."""
    return 100 * n * STEPS_PER_BEAT / max(n_steps, 1)
