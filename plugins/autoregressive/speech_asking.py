"""Spoken words as they can be asked for: which word, and in whose voice."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from studio.core.error import UserError
from studio.core.text import N_

from .sound_asking import Offer, Part, Told, Words
from .sound_params import SoundParams
from .speech_config import SpeechConfig, SpeechWaveNet
from .speech_telling import PAUSE, AskedWord, asked_word, told_of, waves_of

RMS: Final = 0.1
MAX_STRETCHES: Final = 1000
MAX_HZ: Final = 2000.0
SPELLED: Final = {
    "_": "", "@": "uh", "E": "e", "I": "i", "T": "th", "V": "u", "aI": "eye", "eI": "ay", "i:": "ee", "i@": "ear",
    "o@": "or", "oU": "oh", "u:": "oo",
}  # fmt: skip
"""Phonemes as one would write them; all others are letters."""


@dataclass(frozen=True, eq=False)
class SpeechAsking:
    """What a model of words can be asked for; raises UserError where its table of words makes no sense."""

    network: SpeechWaveNet

    def __post_init__(self) -> None:
        if not is_possible(self.network):
            raise UserError(N_("The model's file is damaged."), N_("Get it again, or train the model again."))

    @property
    def words(self) -> Words:
        """What may be said."""
        return Words("kind", N_("Word"), {word: word for word in self.network.config.words})

    @property
    def voices(self) -> Words:
        """Who may say it."""
        return Words("instrument", N_("Voice"), {voice: voice for voice in self.network.config.voices})

    @cached_property
    def offer(self) -> Offer:
        sentence = N_("You asked for “{kind}” in the voice {instrument}.")
        return Offer((self.words, self.voices), sentence, RMS, self._parts())

    def _parts(self) -> dict[tuple[str, str], tuple[Part, ...]]:
        """The phonemes of every word in every voice, spelled as one would write them."""
        config = self.network.config
        return {
            (word, voice): phonemes_of(self.network, number, place)
            for number, voice in enumerate(config.voices)
            for place, word in enumerate(config.words)
        }

    def told(self, params: SoundParams, n_samples: int) -> Told:
        word = asked_word(self.network, self.voices.place(params), self.words.place(params))
        return told_word(word, n_samples, self.network.config)


def is_possible(network: SpeechWaveNet) -> bool:
    """Whether every voice says every word, in phonemes that there are, at lengths and pitches that there are."""
    phonemes, lengths, pitches = network.segments[..., 0], network.segments[..., 1], network.segments[..., 2:]
    bounds = ((phonemes, len(network.config.phonemes) - 1), (lengths, MAX_STRETCHES), (pitches, MAX_HZ))
    are_inside = all(bool(((values >= 0) & (values <= most)).all()) for values, most in bounds)
    return are_inside and bool((lengths > 0).any(-1).all())


def phonemes_of(network: SpeechWaveNet, voice: int, word: int) -> tuple[Part, ...]:
    """The phonemes of a word, the pause behind it included."""
    config, rows = network.config, network.segments[voice, word].tolist()
    parts: list[Part] = []
    first = 0
    for phoneme, n_stretches, *_ in rows:
        name = config.phonemes[int(phoneme)]
        if n_stretches and (parts or int(phoneme) != PAUSE):
            parts.append(Part(SPELLED.get(name, name), first))
        first += int(n_stretches) * config.wave.hop
    return tuple(parts)


def told_word(word: AskedWord, n_samples: int, config: SpeechConfig) -> Told:
    """What is told of a word that is so long, with silence behind it, or cut."""
    lasting = word.lasting(-(-n_samples // config.wave.hop))
    return Told(told_of(lasting, config), waves_of(lasting, config)[:n_samples])
