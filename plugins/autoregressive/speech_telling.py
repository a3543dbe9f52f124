"""What a WaveNet is told about a word: which phoneme is spoken and where in it, whose voice it is, and how it swings.

A network that looks back over an eighth of a second cannot keep a word in mind, so the phonemes are told (linguistic
features and pitch, as in section 3.2 of van den Oord et al. 2016, arXiv 1609.03499). The turns of the voice are told as
sines and cosines of its first partials. Shape letters: F stretches, T samples, C numbers told, W waves, S segments.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .speech_config import N_PACES, SpeechConfig, SpeechWaveNet
from .wave_law import RATE_HZ, FloatArray

_MIDDLE_HZ: Final = 140.0
_SHORTEST_S: Final = 0.01
PAUSE: Final = 0
"""The place of the pause among the phonemes."""


@dataclass(frozen=True, eq=False)
class AskedWord:
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

    def lasting(self, n_stretches: int) -> "AskedWord":
        """The same, cut or with silence behind it."""
        n_more = max(0, n_stretches - len(self.phonemes))
        pad = (0, n_more)
        return AskedWord(
            np.pad(self.phonemes, pad)[:n_stretches], np.pad(self.turns, pad, mode="edge")[:n_stretches],
            np.pad(self.is_voiced, pad)[:n_stretches], self.timbre,
        )  # fmt: skip


def asked_word(network: SpeechWaveNet, voice: int, word: int) -> AskedWord:
    """A word as one of the voices says it."""
    segments = network.segments[voice, word].double().numpy()
    segments = segments[segments[:, 1] > 0]  # (S, 4)
    lengths = segments[:, 1].astype(int)
    pitch = np.concatenate([np.linspace(first, last, int(n)) for _, n, first, last in segments])
    turns = np.concatenate([[0.0], np.cumsum(pitch)[:-1]]) * network.config.wave.hop / RATE_HZ
    phonemes = np.repeat(segments[:, 0].astype(np.uint8), lengths)
    return AskedWord(phonemes, turns, pitch > 0, network.timbres[voice].float().numpy())


def told_of(word: AskedWord, config: SpeechConfig) -> FloatArray:
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
    return np.concatenate([one_hot, _places(passed, whole, config), _voice(word, config), timbre], 1).astype(
        np.float32
    )


def runs(phonemes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(S,) the stretches at which segments begin, and those before which they end."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(phonemes.astype(int))) + 1])
    return starts, np.concatenate([starts[1:], [len(phonemes)]])


def _places(
    passed: npt.NDArray[np.int64], whole: npt.NDArray[np.int64], config: SpeechConfig
) -> npt.NDArray[np.float64]:
    """(F, 8): the share of a segment that is over, its length, and how near its ends are at three paces."""
    stretch_s = config.wave.hop / RATE_HZ
    paces_s = _SHORTEST_S * 3.0 ** np.arange(N_PACES)
    left = whole - 1 - passed
    near = [np.exp(-gone[:, None] * stretch_s / paces_s) for gone in (passed, left)]
    share = (passed + 0.5) / whole
    return np.concatenate([share[:, None], np.log(whole * stretch_s / 0.1)[:, None], *near], 1)


def _voice(word: AskedWord, config: SpeechConfig) -> npt.NDArray[np.float64]:
    """(F, 2): whether there is a voice, and the octaves of its pitch above a middle one."""
    pitch = np.gradient(word.turns) * RATE_HZ / config.wave.hop if len(word.turns) > 1 else np.zeros(1)
    octaves = np.log2(np.maximum(pitch, 1) / _MIDDLE_HZ)
    return np.where(word.is_voiced[:, None], np.stack([np.ones(len(octaves)), octaves], 1), 0.0)


def waves_of(word: AskedWord, config: SpeechConfig) -> FloatArray:
    """(T, W) sines, then cosines, of the first partials of the voice; zeros where there is none."""
    hop, n_stretches = config.wave.hop, len(word.phonemes)
    n_samples = n_stretches * hop
    last = word.turns[-1] + (word.turns[-1] - word.turns[-2] if n_stretches > 1 else 0.0)
    turns = np.interp(np.arange(n_samples), np.arange(n_stretches + 1) * hop, np.append(word.turns, last))
    angles = 2 * np.pi * turns[:, None] * np.arange(1, config.wave.n_waves // 2 + 1)  # (T, W / 2)
    waves = np.concatenate([np.sin(angles), np.cos(angles)], 1)
    return (waves * np.repeat(word.is_voiced, hop)[:, None]).astype(np.float32)
