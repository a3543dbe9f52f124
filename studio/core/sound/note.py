"""Names, numbers and frequencies of musical notes: C4 is MIDI number 60, A4 is 69 and sounds at 440 Hz."""

import math
import re
from typing import Final

NOTE_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS: Final = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_PATTERN: Final = re.compile(r"([A-Ga-g])([#♯b♭]?)(-1|\d)")
HIGHEST: Final = 127


def note_name(number: int) -> str:
    """The name of a MIDI number, 0..127, with sharps: 61 is "C#4"."""
    return f"{NOTE_NAMES[number % 12]}{number // 12 - 1}"


def note_number(name: str) -> int | None:
    """The MIDI number of a name such as "C4", "f#3" or "Bb3"; None where it is no note."""
    found = _PATTERN.fullmatch(name.strip())
    if found is None:
        return None
    letter, shift, octave = found.groups()
    number = 12 * (int(octave) + 1) + _STEPS[letter.upper()] + _SHIFTS[shift]
    return number if 0 <= number <= HIGHEST else None


def frequency_hz(number: float) -> float:
    """The frequency of a MIDI number in equal temperament, also between two notes."""
    return float(440.0 * 2.0 ** ((number - 69) / 12))


def cents_between(one_hz: float, other_hz: float) -> float:
    """How far the first frequency lies above the second, in hundredths of a semitone; both above zero."""
    return 1200 * math.log2(one_hz / other_hz)
