"""Reads the four voices of a chorale out of MusicXML, onto a grid of sixteenths; nothing of a file is run.

Shape letters: T sixteenths, V = 4 voices from high to low.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

VOICES: Final = ("soprano", "alto", "tenor", "bass")
REST: Final = 0
HOLD: Final = 1
STEPS_PER_BEAT: Final = 4
MAX_STEPS: Final = 1024
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, eq=False)
class Score:
    """One chorale.

    Attributes:
        values: (T, V) uint8; REST, HOLD where the note or rest before goes on, else the MIDI pitch that begins.
        places: (T,) uint8, sixteenths since the bar began. bars: (T,) uint8, how many the bar has.
        fifths: sharps of the key signature, flats are negative.
    """

    values: NDArray[np.uint8]
    places: NDArray[np.uint8]
    bars: NDArray[np.uint8]
    fifths: int


@dataclass
class _Voice:
    """A voice while it is read: (first sixteenth, MIDI pitch or REST) of each note, and where bars begin."""

    notes: list[tuple[int, int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    nominal: list[int] = field(default_factory=list)
    n_steps: int = 0
    fifths: int = 0


def read_score(xml: bytes) -> Score:
    """The chorale in a file of MusicXML.

    Raises:
        ValueError: it has no four voices of equal length on a grid of sixteenths, or is no such file.
    """
    try:
        root = ET.fromstring(xml)
    except ET.ParseError as error:
        raise ValueError("no MusicXML") from error
    parts = {part.get("id"): part for part in root.findall("part")}
    voices = [_voice(parts[name]) for name in _four_parts(root)]
    lengths = {voice.n_steps for voice in voices}
    if len(lengths) != 1 or not 0 < voices[0].n_steps <= MAX_STEPS:
        raise ValueError("the voices are not of one length")
    values = np.stack([_grid(voice) for voice in voices], 1)
    places, bars = _metre(voices[0])
    return Score(values, places, bars, voices[0].fifths)


def _four_parts(root: ET.Element) -> list[str]:
    """The ids of the parts that are called soprano, alto, tenor and bass, one of each."""
    titles = [(part.get("id", ""), (part.findtext("part-name") or "").lower()) for part in root.iter("score-part")]
    found = [[name for name, title in titles if title.startswith(voice)] for voice in VOICES]
    if any(len(names) != 1 for names in found):
        raise ValueError("no four voices")
    return [names[0] for names in found]


def _voice(part: ET.Element) -> _Voice:
    """The notes of a part; of a chord the first note, of several lines the first one."""
    voice, divisions, nominal, exact = _Voice(), 1, 16, 0.0
    for measure in part.findall("measure"):
        voice.starts.append(round(exact))
        at = exact
        for element in measure:
            if element.tag == "attributes":
                divisions = int(element.findtext("divisions") or divisions)
                nominal = _bar_length(element) or nominal
                voice.fifths = int(element.findtext("key/fifths") or voice.fifths)
            elif element.tag == "backup":
                break  # a second line of the same part
            elif element.tag == "note" and element.find("chord") is None and element.find("grace") is None:
                _add(voice, element, at)
                at += float(element.findtext("duration") or 0) * STEPS_PER_BEAT / divisions
        voice.nominal.append(nominal)
        exact = at
    voice.n_steps = round(exact)
    return voice


def _bar_length(attributes: ET.Element) -> int:
    """Sixteenths of a bar, 0 where the metre stays."""
    beats, kind = attributes.findtext("time/beats"), attributes.findtext("time/beat-type")
    return int(beats) * 4 * STEPS_PER_BEAT // int(kind) if beats and kind else 0


def _add(voice: _Voice, note: ET.Element, at: float) -> None:
    is_tied_on = any(tie.get("type") == "stop" for tie in note.findall("tie"))
    pitch = _pitch(note)
    goes_on = bool(voice.notes) and voice.notes[-1][1] == pitch and (is_tied_on or pitch == REST)
    if not goes_on:
        voice.notes.append((round(at), pitch))


def _pitch(note: ET.Element) -> int:
    letter, octave = note.findtext("pitch/step"), note.findtext("pitch/octave")
    if letter is None or octave is None:
        return REST
    pitch = _LETTERS[letter] + int(note.findtext("pitch/alter") or 0) + 12 * (int(octave) + 1)
    if not 12 < pitch < 128:
        raise ValueError("a pitch that nobody sings")
    return pitch


def _grid(voice: _Voice) -> NDArray[np.uint8]:
    """(T,) values of a voice; of notes shorter than a sixteenth the last one counts."""
    values = np.full(voice.n_steps, HOLD, np.uint8)
    for at, pitch in voice.notes:
        if at < voice.n_steps:
            values[at] = pitch
    if not len(values) or values[0] == HOLD:
        raise ValueError("a voice begins with nothing")
    return values


def _metre(voice: _Voice) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The place in the bar and the length of the bar (T,) of each sixteenth."""
    places, bars = np.zeros(voice.n_steps, np.uint8), np.zeros(voice.n_steps, np.uint8)
    for start, end, offset, length in _bars(voice):
        places[start:end] = (offset + np.arange(end - start)) % max(length, 1)
        bars[start:end] = length
    return places, bars


def _bars(voice: _Voice) -> Iterator[tuple[int, int, int, int]]:
    """(first sixteenth, end, place in the bar of the first, length) of each measure.

    A short one at the beginning is an upbeat; one that ends short is completed by the next short one.
    """
    so_far = 0
    for number, (start, length) in enumerate(zip(voice.starts, voice.nominal, strict=True)):
        end = voice.starts[number + 1] if number + 1 < len(voice.starts) else voice.n_steps
        missing = length - (end - start)
        if missing > 0 and number == 0:
            so_far = missing
        yield start, end, so_far, length
        so_far = (so_far + end - start) % length
