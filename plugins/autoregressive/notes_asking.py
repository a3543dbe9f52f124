"""Notes as they can be asked for: instruments, keys, and how hard they are struck."""

from dataclasses import dataclass
from typing import Final

from studio.core.text import N_

from .notes_config import NotesConfig
from .notes_telling import AskedNote, told_of, waves_of
from .sound_asking import Keys, Offer, Told, Words
from .sound_params import SoundParams

VELOCITIES: Final = {49: N_("Soft"), 80: N_("Medium"), 112: N_("Loud")}
RMS: Final = 0.1


@dataclass(frozen=True)
class NotesAsking:
    """What a model of notes can be asked for."""

    config: NotesConfig

    @property
    def instruments(self) -> Words:
        """Who may play."""
        return Words("instrument", N_("Instrument"), {name: name for name in self.config.instruments})

    @property
    def keys(self) -> Keys:
        """Which notes."""
        return Keys(self.config.pitches)

    @property
    def offer(self) -> Offer:
        hardness = Words("velocity", N_("How hard the key is struck (velocity)"), VELOCITIES, is_content=False)
        return Offer((self.instruments, self.keys, hardness), N_("You asked for {pitch} of the {instrument}."), RMS)

    def told(self, params: SoundParams, n_samples: int) -> Told:
        note = AskedNote(self.instruments.place(params), float(self.keys.pitch(params)), float(params.velocity))
        return told_note(note, n_samples, self.config)


def told_note(note: AskedNote, n_samples: int, config: NotesConfig) -> Told:
    """What is told of a note that is so long."""
    return Told(told_of([note], n_samples, config)[0], waves_of([note], n_samples, config)[0])
