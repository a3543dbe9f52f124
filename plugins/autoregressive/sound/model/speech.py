"""Spoken words by voice: what can be asked of a model of them, and what its network is told.

A network that looks back over an eighth of a second cannot keep a word in mind, so the phonemes are told (linguistic
features and pitch, as in section 3.2 of van den Oord et al. 2016, arXiv 1609.03499). The turns of the voice are told as
sines and cosines of its first partials.

Shape letters: V voices, W words or, of a sound, waves, S segments of a word (a phoneme or a pause each), N numbers of a
timbre, F stretches, T samples, C numbers told.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.translation import N_

from ..conditioning import ConditioningOffer, SoundConditioning, SoundPart, WordChoice
from ..params import SoundParams
from ..signal import RATE_HZ, FloatArray
from .config import WaveConfig
from .wavenet import SoundNetwork

MAX_VOICES: Final = 128
MAX_WORDS: Final = 32
MAX_PHONEMES: Final = 64
MAX_SEGMENTS: Final = 16
N_PER_SEGMENT: Final = 4
"""Its phoneme, its stretches, and the pitch in Hz at its beginning and end (0 where it is voiceless)."""
N_PACES: Final = 3
_MIDDLE_HZ: Final = 140.0
_SHORTEST_S: Final = 0.01
PAUSE: Final = 0
"""The place of the pause among the phonemes."""
RMS: Final = 0.1
MAX_STRETCHES: Final = 1000
MAX_HZ: Final = 2000.0
SPELLED: Final = {
    "_": "",
    "@": "uh",
    "E": "e",
    "I": "i",
    "T": "th",
    "V": "u",
    "aI": "eye",
    "eI": "ay",
    "i:": "ee",
    "i@": "ear",
    "o@": "or",
    "oU": "oh",
    "u:": "oo",
}
"""Phonemes as one would write them; all others are letters."""


@dataclass(frozen=True)
class SpeechWaveNetConfig:
    """Attributes:
    words, voices: by name. phonemes: by name, the first is the pause.
    n_segments: of the longest word. n_timbre: numbers that tell a voice.
    wave: the sizes of the network.
    """

    words: tuple[str, ...]
    voices: tuple[str, ...]
    phonemes: tuple[str, ...]
    wave: WaveConfig
    n_segments: int = 8
    n_timbre: int = 8

    def __post_init__(self) -> None:
        counts = ((self.words, MAX_WORDS), (self.voices, MAX_VOICES), (self.phonemes, MAX_PHONEMES))
        has_all = all(0 < len(names) <= most for names, most in counts) and 0 < self.n_segments <= MAX_SEGMENTS
        is_told = self.wave.n_told == n_conditioning(len(self.phonemes), self.n_timbre) and self.wave.n_waves % 2 == 0
        if not (has_all and is_told):
            raise UserError(N_("The sizes in this model’s file are impossible."))


def n_conditioning(n_phonemes: int, n_timbre: int) -> int:
    """This phoneme, the last and the next one; where in it; whether there is a voice and how high; whose it is."""
    return 3 * n_phonemes + 2 + 2 * N_PACES + 2 + n_timbre


class SpeechWaveNet(SoundNetwork):
    """A WaveNet whose sounds are words.

    Attributes:
        segments: (V, W, S, 4) how each voice says each word, see N_PER_SEGMENT; zeros behind its last segment.
        timbres: (V, N) what tells the voices apart.
    """

    config: SpeechWaveNetConfig
    segments: Tensor
    timbres: Tensor

    def __init__(self, config: SpeechWaveNetConfig) -> None:
        super().__init__(config)
        n_voices, n_words = len(config.voices), len(config.words)
        self.register_buffer("segments", torch.zeros(n_voices, n_words, config.n_segments, N_PER_SEGMENT))
        self.register_buffer("timbres", torch.zeros(n_voices, config.n_timbre))


@dataclass(frozen=True, eq=False)
class WordRequest:
    """What is asked for, stretch by stretch.

    Attributes:
        phonemes: (F,) places among those of the configuration.
        turns: (F,) turns that the voice has made at the beginning of each stretch.
        is_voiced: (F,) where there is a voice at all.
        timbre: (N,) whose voice it is.
    """

    phonemes: npt.NDArray[np.uint8]
    turns: npt.NDArray[np.float64]
    is_voiced: npt.NDArray[np.bool_]
    timbre: FloatArray

    def lasting(self, n_stretches: int) -> "WordRequest":
        """The same, cut or with silence behind it."""
        n_more = max(0, n_stretches - len(self.phonemes))
        pad = (0, n_more)
        return WordRequest(
            np.pad(self.phonemes, pad)[:n_stretches],
            np.pad(self.turns, pad, mode="edge")[:n_stretches],
            np.pad(self.is_voiced, pad)[:n_stretches],
            self.timbre,
        )


def word_request(network: SpeechWaveNet, voice: int, word: int) -> WordRequest:
    """A word as one of the voices says it."""
    segments = network.segments[voice, word].double().numpy()
    segments = segments[segments[:, 1] > 0]  # (S, 4)
    lengths = segments[:, 1].astype(int)
    pitch = np.concatenate([np.linspace(first, last, int(n)) for _, n, first, last in segments])
    turns = np.concatenate([[0.0], np.cumsum(pitch)[:-1]]) * network.config.wave.hop / RATE_HZ
    phonemes = np.repeat(segments[:, 0].astype(np.uint8), lengths)
    return WordRequest(phonemes, turns, pitch > 0, network.timbres[voice].float().numpy())


def stretch_conditioning(word: WordRequest, config: SpeechWaveNetConfig) -> FloatArray:
    """(F, C) for each stretch of a word."""
    starts, ends = runs(word.phonemes)
    names = word.phonemes[starts]
    last, following = np.concatenate([[PAUSE], names[:-1]]), np.concatenate([names[1:], [PAUSE]])
    lengths = ends - starts
    around = [np.repeat(near, lengths) for near in (names, last, following)]
    one_hot = np.concatenate([np.eye(len(config.phonemes))[near] for near in around], 1)
    passed = np.arange(len(word.phonemes)) - np.repeat(starts, lengths)
    whole = np.repeat(lengths, lengths)
    timbre = np.tile(word.timbre, (len(passed), 1))
    return np.concatenate([one_hot, _places(passed, whole, config), _voice(word, config), timbre], 1).astype(np.float32)


def runs(phonemes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(S,) the stretches at which segments begin, and those before which they end."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(phonemes.astype(int))) + 1])
    return starts, np.concatenate([starts[1:], [len(phonemes)]])


def _places(
    passed: npt.NDArray[np.int64], whole: npt.NDArray[np.int64], config: SpeechWaveNetConfig
) -> npt.NDArray[np.float64]:
    """(F, 8): the share of a segment that is over, its length, and how near its ends are at three paces."""
    stretch_s = config.wave.hop / RATE_HZ
    paces_s = _SHORTEST_S * 3.0 ** np.arange(N_PACES)
    left = whole - 1 - passed
    near = [np.exp(-gone[:, None] * stretch_s / paces_s) for gone in (passed, left)]
    share = (passed + 0.5) / whole
    return np.concatenate([share[:, None], np.log(whole * stretch_s / 0.1)[:, None], *near], 1)


def _voice(word: WordRequest, config: SpeechWaveNetConfig) -> npt.NDArray[np.float64]:
    """(F, 2): whether there is a voice, and the octaves of its pitch above a middle one."""
    pitch = np.gradient(word.turns) * RATE_HZ / config.wave.hop if len(word.turns) > 1 else np.zeros(1)
    octaves = np.log2(np.maximum(pitch, 1) / _MIDDLE_HZ)
    return np.where(word.is_voiced[:, None], np.stack([np.ones(len(octaves)), octaves], 1), 0.0)


def waves_of(word: WordRequest, config: SpeechWaveNetConfig) -> FloatArray:
    """(T, W) sines, then cosines, of the first partials of the voice; zeros where there is none."""
    hop, n_stretches = config.wave.hop, len(word.phonemes)
    n_samples = n_stretches * hop
    last = word.turns[-1] + (word.turns[-1] - word.turns[-2] if n_stretches > 1 else 0.0)
    turns = np.interp(np.arange(n_samples), np.arange(n_stretches + 1) * hop, np.append(word.turns, last))
    angles = 2 * np.pi * turns[:, None] * np.arange(1, config.wave.n_waves // 2 + 1)  # (T, W / 2)
    waves = np.concatenate([np.sin(angles), np.cos(angles)], 1)
    return (waves * np.repeat(word.is_voiced, hop)[:, None]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class SpeechConditioner:
    """What a model of words can be asked for; raises UserError where its table of words makes no sense."""

    network: SpeechWaveNet

    def __post_init__(self) -> None:
        if not is_possible(self.network):
            raise UserError(N_("The model’s file is damaged."), N_("Download it again, or train the model again."))

    @property
    def words(self) -> WordChoice:
        """What may be said."""
        return WordChoice("kind", N_("Word"), {word: word for word in self.network.config.words})

    @property
    def voices(self) -> WordChoice:
        """Who may say it."""
        return WordChoice("instrument", N_("Voice"), {voice: voice for voice in self.network.config.voices})

    @cached_property
    def offer(self) -> ConditioningOffer:
        sentence = N_("You asked for “{kind}” in the voice {instrument}.")
        return ConditioningOffer((self.words, self.voices), sentence, RMS, self._parts())

    def _parts(self) -> dict[tuple[str, str], tuple[SoundPart, ...]]:
        """The phonemes of every word in every voice, spelled as one would write them."""
        config = self.network.config
        return {
            (word, voice): phonemes_of(self.network, number, place)
            for number, voice in enumerate(config.voices)
            for place, word in enumerate(config.words)
        }

    def told(self, params: SoundParams, n_samples: int) -> SoundConditioning:
        word = word_request(self.network, self.voices.place(params), self.words.place(params))
        return word_conditioning(word, n_samples, self.network.config)


def is_possible(network: SpeechWaveNet) -> bool:
    """Whether every voice says every word, in phonemes that there are, at lengths and pitches that there are."""
    phonemes, lengths, pitches = network.segments[..., 0], network.segments[..., 1], network.segments[..., 2:]
    bounds = ((phonemes, len(network.config.phonemes) - 1), (lengths, MAX_STRETCHES), (pitches, MAX_HZ))
    are_inside = all(bool(((values >= 0) & (values <= most)).all()) for values, most in bounds)
    return are_inside and bool((lengths > 0).any(-1).all())


def phonemes_of(network: SpeechWaveNet, voice: int, word: int) -> tuple[SoundPart, ...]:
    """The phonemes of a word, the pause behind it included."""
    config, rows = network.config, network.segments[voice, word].tolist()
    parts: list[SoundPart] = []
    first = 0
    for phoneme, n_stretches, *_ in rows:
        name = config.phonemes[int(phoneme)]
        if n_stretches and (parts or int(phoneme) != PAUSE):
            parts.append(SoundPart(SPELLED.get(name, name), first))
        first += int(n_stretches) * config.wave.hop
    return tuple(parts)


def word_conditioning(word: WordRequest, n_samples: int, config: SpeechWaveNetConfig) -> SoundConditioning:
    """What is told of a word that is so long, with silence behind it, or cut."""
    lasting = word.lasting(-(-n_samples // config.wave.hop))
    return SoundConditioning(stretch_conditioning(lasting, config), waves_of(lasting, config)[:n_samples])
