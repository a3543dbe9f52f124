"""Prompts of a model of notes, read and written: an instrument, a note, and how loud: "soft piano C4"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.sound.note import note_name, note_number
from studio.core.translation import N_

DYNAMICS: Final = {"soft": 49, "medium": 80, "loud": 112}
"""Words for how hard a key is struck, as MIDI counts it."""
MEDIUM: Final = DYNAMICS["medium"]
MIDDLE_C: Final = 60


@dataclass(frozen=True)
class NotePrompt:
    """What is asked for.

    Attributes:
        instrument: by name.
        pitch: as MIDI counts notes: 60 is C4.
        velocity: how hard the key is struck, 1..127.
    """

    instrument: str
    pitch: int = MIDDLE_C
    velocity: int = MEDIUM

    @property
    def text(self) -> str:
        """It as words; a medium loudness is not mentioned."""
        words = [word for word, velocity in DYNAMICS.items() if velocity == self.velocity != MEDIUM]
        return " ".join([*words, self.instrument, note_name(self.pitch)])


def read_prompt(prompt: str, instruments: Sequence[str], pitches: range) -> NotePrompt:
    """Read a prompt of any order of its words; a note that is not named is C4, or the nearest that there is.

    Raises:
        UserError: it names no instrument, or something that the model does not know.
    """
    rest = f" {' '.join(prompt.split()).casefold()} "
    # "electric guitar" before "guitar".
    named = [name for name in sorted(instruments, key=len, reverse=True) if f" {name.casefold()} " in rest]
    if named:
        rest = rest.replace(f" {named[0].casefold()} ", " ", 1)
    pitch, velocity, unknown = None, MEDIUM, []
    for word in rest.split():
        number = note_number(word)
        if word in DYNAMICS:
            velocity = DYNAMICS[word]
        elif number is not None and pitch is None:
            pitch = number
        else:
            unknown.append(word)
    if unknown or not named:
        raise _not_understood(" ".join(unknown), instruments)
    if pitch is None:
        pitch = min(max(MIDDLE_C, pitches[0]), pitches[-1])
    if pitch not in pitches:
        raise UserError(
            N_("This model does not know the note {note}.").format(note=note_name(pitch)),
            N_("It knows {low} to {high}.").format(low=note_name(pitches[0]), high=note_name(pitches[-1])),
        )
    return NotePrompt(named[0], pitch, velocity)


def _not_understood(unknown: str, instruments: Sequence[str]) -> UserError:
    what = N_("This model does not know “{words}”.").format(words=unknown[:60]) if unknown else N_("Which instrument?")
    return UserError(what, N_("Name an instrument and a note: {names}.").format(names=", ".join(instruments)))
