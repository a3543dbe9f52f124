"""What a model of sounds can be asked for, and what its network is told: all that engine and panel know of it.

Another kind of model brings a configuration, a network (`SoundNetwork`), an `Asking`, and its line in
`weights.KINDS`.

Shape letters: T samples, F stretches, C numbers told, W waves.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import numpy as np

from studio.core.error import UserError
from studio.core.sound.note import note_name
from studio.core.sound.wave import N_FADE
from studio.core.translation import N_, translate

from .params import SoundParams
from .signal import RATE_HZ, FloatArray

N_DECAYS: Final = 8
N_TIMES: Final = N_DECAYS + 1
_SHORTEST_S: Final = 0.004


def time_numbers(n_samples: int, hop: int, n_learnt: int) -> FloatArray:
    """(F, 9) for stretches of `hop`: what is left of the beginning at eight paces, and of the sound while it fades out.

    A sound that is longer than those that were learnt goes on as they were before they faded.
    """
    starts = np.arange(0, n_samples, hop)
    passed_s = np.minimum(starts, max(0, n_learnt - N_FADE)) / RATE_HZ
    paces_s = _SHORTEST_S * 2.0 ** np.arange(N_DECAYS)
    left = np.clip((n_samples - starts) / N_FADE, 0, 1)
    return np.concatenate([np.exp(-passed_s[:, None] / paces_s), left[:, None]], 1).astype(np.float32)


class SoundConditioning(NamedTuple):
    """What a network is told of one sound: `numbers` (F, C) of its stretches, `waves` (T, W)."""

    numbers: FloatArray
    waves: FloatArray


@dataclass(frozen=True)
class WordChoice:
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
                N_("Choose one of {names}.").format(names=", ".join(self.labels.values())),
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
class KeyChoice:
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


Picker: TypeAlias = WordChoice | KeyChoice


class SoundPart(NamedTuple):
    """A part of a sound that the network is told of in turn: what it is called, and the sample at which it begins."""

    name: str
    first: int


@dataclass(frozen=True)
class ConditioningOffer:
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
    parts: Mapping[tuple[Any, ...], tuple[SoundPart, ...]] = field(default_factory=dict)

    def parts_of(self, params: SoundParams) -> tuple[SoundPart, ...]:
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

    def keys(self) -> KeyChoice | None:
        """The piano, where there is one."""
        return next((picker for picker in self.pickers if isinstance(picker, KeyChoice)), None)


class Conditioner(Protocol):
    """One model's side of it.

    Attributes:
        offer: what may be asked for.
    """

    @property
    def offer(self) -> ConditioningOffer: ...

    def told(self, params: SoundParams, n_samples: int) -> SoundConditioning:
        """What the network is told of a sound that is so long; raises UserError where the model does not know it."""
