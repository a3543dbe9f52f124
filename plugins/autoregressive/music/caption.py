"""What is said about a piece in plain words: where it is, which chord sounds, and how sure the model was."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_, _, plural, translate, within

from .grid import HOLD_TOKEN, VOICES, value_of
from .notes import VoiceNote
from .theory import FIFTH, OCTAVE, chord_name, parallels, pitch_name
from .view_model import MusicViewModel

TERM: Final = N_(
    "A decoder-only transformer predicts what comes next, voice by voice (Music Transformer); it sees what you "
    "keep in advance, including what lies ahead (DeepBach, Coconet)"
)


def lead(seen: MusicViewModel, at: int) -> str:
    """Where it is: "Bar 3 of 8, beat 2."."""
    text = _("Bar {bar} of {n}, beat {beat}.")
    return text.format(bar=seen.bar_of(at) + 1, n=len(seen.bars), beat=seen.beat_of(at))


def describe(
    seen: MusicViewModel, at: int, voice: int, note: VoiceNote | None, chance: float | None, is_wanted: bool
) -> str:
    """What sounds at a sixteenth, and how sure the model was of a voice's note there."""
    chord = chord_name([int(pitch) for pitch in seen.pitches[at] if pitch], seen.grid.key)
    text = _("The chord is {chord}.").format(chord=chord) if chord else ""
    if not seen.is_whole:
        growing = _("The model continues note by note around the notes that are kept.")
        return f"{text} {growing}".strip()
    if note is None:
        rest = _("Click a note, or an empty spot to add one: the other voices adapt.")
        return f"{text} {rest}".strip()
    return f"{text} {note_words(seen, voice, note, chance, is_wanted)}".strip()


def note_words(seen: MusicViewModel, voice: int, note: VoiceNote, chance: float | None, is_wanted: bool) -> str:
    """How sure the model was of a note."""
    name, who = pitch_name(note.pitch, seen.grid.key), within(translate(VOICES[voice]))
    if chance is None:
        return _("The {voice} sings {note}.").format(voice=who, note=name)
    made = N_("The model was {percent:.0f} % certain that the {voice} sings {note}.")
    kept = N_("The {voice} sings {note}, as you asked; the model would have been {percent:.0f} % certain of it.")
    return translate(kept if is_wanted else made).format(percent=100 * chance, voice=who, note=name)


def instead_words(seen: MusicViewModel, voice: int, note: VoiceNote | None) -> str:
    """What the bars are instead of."""
    who = within(translate(VOICES[voice]))
    if note is None:
        return _("Click a note to see other choices for it.")
    text = _("Instead of {note} in the {voice}, bar {bar}, beat {beat}:")
    name = pitch_name(note.pitch, seen.grid.key)
    return text.format(note=name, voice=who, bar=seen.bar_of(note.start) + 1, beat=seen.beat_of(note.start))


def faults_in(seen: MusicViewModel) -> list[tuple[int, int, int]]:
    """(sixteenth, upper voice, lower voice) of parallel fifths and octaves in what is there."""
    values = seen.grid.values[: seen.place] if not seen.is_whole else seen.grid.values
    return sorted([*parallels(values, FIFTH), *parallels(values, OCTAVE)])


def piece_words(seen: MusicViewModel, bits: float | None, usual: tuple[float, float] | None, n_faults: int) -> str:
    """How likely the whole is, beside Bach's own, and how many parallels there are."""
    if bits is None:
        return _("Still being written.")
    text = _("<b>{bits:.1f} bits a beat</b>").format(bits=bits)
    if usual is not None:
        real = _("Bach’s own: {low:.1f} to {high:.1f}").format(low=usual[0], high=usual[1])
        text += f"<br>{real}"
    faults = plural("{n} parallel fifth or octave (dotted)", "{n} parallel fifths or octaves (dotted)", n_faults)
    none = _("No parallel fifths or octaves")
    return f"{text}<br>{faults if n_faults else none}"


def token_name(token: int, key: int) -> str:
    """A token in words: a pitch, a rest, or that nothing new begins."""
    if token == HOLD_TOKEN:
        return _("held")
    value = value_of(token)
    return pitch_name(value, key) if value else _("rest")


def likeliest(chances: npt.NDArray[np.float32], n: int) -> list[int]:
    """The likeliest of K tokens, best first."""
    return [int(token) for token in np.argsort(-chances, kind="stable")[:n]]
