"""What a MIDI file says of metre, key and tempo where its music begins, and whether it says something else later."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.text import N_

from .music_grid import MAX_BAR, STEPS_PER_BEAT
from .music_midi_file import MidiTracks

TEMPO_RANGE: Final = (40.0, 200.0)
USUAL_BPM: Final = 120.0
USUAL_BAR: Final = 16
"""What a file means that says nothing, by the standard: 4/4 at 120 beats a minute."""
_SAME_TEMPO: Final = 0.01
_MAJORS: Final = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINORS: Final = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m")
_FIFTHS: Final = {name: place - 7 for names in (_MAJORS, _MINORS) for place, name in enumerate(names)}

Event = tuple[int, Any]
"""A message of a file and the tick at which it stands."""


@dataclass(frozen=True)
class Facts:
    """What a file says of its music, where that begins.

    Attributes:
        bar: sixteenths of a bar, 4 to 32. bar_from: the sixteenth from which bars are counted.
        fifths: sharps of the key, flats negative; None where the file does not say.
        tempo_bpm: beats a minute; None where the file does not say.
        step_ticks: ticks of a sixteenth. sentences: what it says that is not kept.
    """

    bar: int
    bar_from: int
    fifths: int | None
    tempo_bpm: float | None
    step_ticks: float
    sentences: tuple[str, ...]


def facts_in(file: MidiTracks, first: int, last: int) -> Facts:
    """What holds at the tick of the first note; what is said between it and the tick of the last end is later."""
    metres, keys, tempi = (_events(file, kind) for kind in ("time_signature", "key_signature", "set_tempo"))
    tempi = [tempo for tempo in tempi if tempo[1].tempo > 0]
    tempo = _tempo(tempi, first, file.is_clock)
    step_ticks = (file.ticks * 60 / (tempo or USUAL_BPM) if file.is_clock else file.ticks) / STEPS_PER_BEAT
    metre, key = _in_force(metres, first), _in_force(keys, first)
    said = (_metre_words(metres, first, last), _tempo_words(tempi, first, last))
    return Facts(
        _bar(metre) or USUAL_BAR,
        0 if metre is None else round(metre[0] / step_ticks),
        None if key is None else _FIFTHS.get(key[1].key),
        tempo,
        step_ticks,
        tuple(sentence for sentence in said if sentence),
    )


def _events(file: MidiTracks, kind: str) -> list[Event]:
    """All of a kind in the order of time, whichever tracks they are on."""
    found: list[Event] = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == kind:
                found.append((ticks, message))
    return sorted(found, key=lambda event: event[0])


def _in_force(events: Sequence[Event], at: int) -> Event | None:
    """What was said last until a tick."""
    return next((event for event in reversed(events) if event[0] <= at), None)


def _bar(metre: Event | None) -> int | None:
    """Sixteenths of a bar; None where it has no whole number of them, too few or too many."""
    if metre is None:
        return USUAL_BAR
    n_steps, rest = divmod(metre[1].numerator * 4 * STEPS_PER_BEAT, metre[1].denominator)
    return n_steps if not rest and STEPS_PER_BEAT <= n_steps <= MAX_BAR else None


def _metre_words(metres: Sequence[Event], first: int, last: int) -> str:
    bar = _bar(_in_force(metres, first))
    if bar is None:
        return N_("The bars of this MIDI file cannot be drawn here: bars of 4/4 were drawn.")
    if any(first < metre[0] < last and _bar(metre) != bar for metre in metres):
        return N_("The metre changes within the piece: that of its beginning was kept.")
    return ""


def _tempo(tempi: Sequence[Event], first: int, is_clock: bool) -> float | None:
    """Beats a minute, within bounds; a file that counts no beats has the usual ones."""
    now = _in_force(tempi, first)
    if now is None:
        return USUAL_BPM if tempi or is_clock else None
    return _bpm(now)


def _asked_bpm(tempo: Event) -> float:
    return 60e6 / float(tempo[1].tempo)


def _bpm(tempo: Event) -> float:
    return min(max(_asked_bpm(tempo), TEMPO_RANGE[0]), TEMPO_RANGE[1])


def _tempo_words(tempi: Sequence[Event], first: int, last: int) -> str:
    now, said = _tempo(tempi, first, is_clock=True) or USUAL_BPM, _in_force(tempi, first)
    if said is not None and abs(_asked_bpm(said) / now - 1) > _SAME_TEMPO:
        sentence = N_("This music asks for {asked:,.0f} beats a minute: it is played at {now:.0f}.")
        return sentence.format(asked=_asked_bpm(said), now=now)
    if any(first < tempo[0] < last and abs(_bpm(tempo) / now - 1) > _SAME_TEMPO for tempo in tempi):
        return N_("The tempo changes within the piece: that of its beginning was kept.")
    return ""
