"""What a model of sounds can be asked for, and what its network is told of it: all that engine and panel know of it.

Another kind of model brings a configuration, a network (`SoundNetwork`), an `Asking`, and its line in
`sound_models.KINDS`. Shape letters: T samples, F stretches, C numbers told, W waves.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

from studio.core.error import UserError
from studio.core.note import note_name
from studio.core.text import N_, translate

from .sound_params import SoundParams
from .wave_law import FloatArray


class Told(NamedTuple):
    """What a network is told of one sound: `numbers` (F, C) of its stretches, `waves` (T, W)."""

    numbers: FloatArray
    waves: FloatArray


@dataclass(frozen=True)
class Words:
    """One of several words is asked for.

    Attributes:
        param: the setting (`SoundParams`) that holds the choice. title: of what is chosen.
        labels: what the setting may be, and the word for it, the first one to begin with.
        is_content: whether the words are the model's, not the program's: those of the program are translated.
    """

    param: str
    title: str
    labels: Mapping[Any, str]
    is_content: bool = True

    def value(self, params: SoundParams) -> Any:
        """What is chosen; where nothing is, the first."""
        chosen = getattr(params, self.param)
        return chosen if chosen != "" else next(iter(self.labels))

    def place(self, params: SoundParams) -> int:
        """Where the choice stands among all; raises UserError where it is none of them."""
        chosen = self.value(params)
        if chosen not in self.labels:
            raise UserError(
                N_("This model does not know “{name}”.").format(name=str(chosen)[:40]),
                N_("Ask for one of {names}.").format(names=", ".join(self.labels.values())),
            )
        return list(self.labels).index(chosen)

    def word(self, params: SoundParams) -> str:
        """What the choice is called."""
        text = self.labels.get(self.value(params), "")
        return text if self.is_content else translate(text)

    def another(self, params: SoundParams) -> Any:
        """Another choice by chance; of the program's own words the same."""
        chosen = self.value(params)
        others = [value for value in self.labels if value != chosen]
        return random.choice(others) if others and self.is_content else chosen


@dataclass(frozen=True)
class Keys:
    """A key of a piano is asked for. Attributes: as of `Words`, and `pitches`: the notes, as MIDI counts them."""

    pitches: range
    param: str = "pitch"
    title: str = N_("Note")

    def value(self, params: SoundParams) -> int:
        """The key."""
        pitch: int = getattr(params, self.param)
        return pitch

    def pitch(self, params: SoundParams) -> int:
        """The key; raises UserError where there is no such key."""
        pitch = self.value(params)
        if pitch not in self.pitches:
            low, high = note_name(self.pitches[0]), note_name(self.pitches[-1])
            raise UserError(
                N_("This model does not know the note {note}.").format(note=note_name(pitch)),
                N_("It knows {low} to {high}.").format(low=low, high=high),
            )
        return pitch

    def word(self, params: SoundParams) -> str:
        """The name of the note."""
        return note_name(self.value(params))

    def another(self, params: SoundParams) -> int:
        """Any key by chance."""
        return random.choice(self.pitches)

    def nearest(self, pitch: float) -> int:
        """The key that is nearest to a pitch."""
        return min(max(round(pitch), self.pitches[0]), self.pitches[-1])


Picker: TypeAlias = Words | Keys


class Part(NamedTuple):
    """A part of a sound that the network is told of in turn: what it is called, and the sample at which it begins."""

    name: str
    first: int


@dataclass(frozen=True)
class Offer:
    """What a person may ask a model for.

    Attributes:
        pickers: what there is to choose, in the order in which it is shown.
        sentence: says what was asked for; holds the pickers' settings in braces.
        rms: how loud the learnt sounds are, 0 to 1, to which a person's own one is matched.
        parts: of what a sound consists, by the values of the pickers; of most models nothing is known of it.
    """

    pickers: tuple[Picker, ...]
    sentence: str
    rms: float
    parts: Mapping[tuple[Any, ...], tuple[Part, ...]] = field(default_factory=dict)

    def parts_of(self, params: SoundParams) -> tuple[Part, ...]:
        """What the sound that is asked for consists of, in turn."""
        return self.parts.get(tuple(picker.value(params) for picker in self.pickers), ())

    def asked(self, params: SoundParams) -> str:
        """What was asked for, in a sentence."""
        return translate(self.sentence).format(**{picker.param: picker.word(params) for picker in self.pickers})

    def title(self, param: str) -> str:
        """Of what a setting chooses."""
        return next(picker.title for picker in self.pickers if picker.param == param)

    def another(self, params: SoundParams) -> dict[str, Any]:
        """Another choice by chance, by setting."""
        return {picker.param: picker.another(params) for picker in self.pickers}

    def keys(self) -> Keys | None:
        """The piano, where there is one."""
        return next((picker for picker in self.pickers if isinstance(picker, Keys)), None)


class Asking(Protocol):
    """One model's side of it.

    Attributes:
        offer: what may be asked for.
    """

    @property
    def offer(self) -> Offer: ...

    def told(self, params: SoundParams, n_samples: int) -> Told:
        """What the network is told of a sound that is so long; raises UserError where the model does not know it."""
