"""The training that makes `autoregressive/speech`, digits spoken by voice, and what its card says.

Shape letters: T samples, F stretches, C numbers told, V voices, W waves, S segments, N words.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.recipe import Measuring
from studio.api.training import (
    N_JUDGED_SAMPLES,
    PHONEMES,
    VOICELESS,
    VOICES,
    WORDS,
    Speech,
    Split,
    TrainSettings,
    in_the_middle,
    load_judge,
    load_speech_parts,
    word_pictures,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.seed import generator
from studio.core.translation import N_

from ..model.config import WaveConfig
from ..model.speech import (
    N_PER_SEGMENT,
    SpeechWaveNet,
    SpeechWaveNetConfig,
    WordRequest,
    n_conditioning,
    runs,
    stretch_conditioning,
    waves_of,
    word_conditioning,
    word_request,
)
from ..model.wavenet import SoundNetwork
from ..signal import RATE_HZ, FloatArray, levels_of
from .objective import Inputs, LevelBatches
from .recipe import SoundMaterial, SoundRecipe
from .samples import sampled_sounds

_EDGE: Final = 2
"""Stretches at either end of a segment where its pitch is not read: the one before it still sounds."""
JUDGE_FLOOR: Final = 80.0
N_TIMBRE: Final = 8
CONFIG: Final = SpeechWaveNetConfig(
    WORDS,
    VOICES,
    PHONEMES,
    WaveConfig(tuple(2**k for k in range(11)), n_conditioning(len(PHONEMES), N_TIMBRE), n_waves=8),
    n_timbre=N_TIMBRE,
)
TRAINING: Final = TrainSettings(
    n_steps=5400, n_micro=4, learning_rate=2e-3, n_warmup=100, n_decay=4900, weight_decay=1e-3, keep_best=True
)
TEMPERATURE: Final = 0.65
LONGEST_S: Final = 0.704
"""In which every word fits."""
FIRST: Final = {"kind": "seven", "instrument": "Annie"}
"""What is heard first, in a voice that was never learnt from."""
N_SHOWN: Final = 5
N_HEARD: Final = 200
SHOWN_VOICE: Final = VOICES.index("f1")


@dataclass(frozen=True, eq=False)
class SpeechBatches:
    """Draws a word by number: the same seed and number give the same one, whatever came before."""

    speech: Speech
    config: SpeechWaveNetConfig
    timbres: FloatArray
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and waves (1, T, W) of a word."""
        return self.word(int(generator(self.seed, "speech", step, micro).integers(len(self.speech.words))))

    def word(self, number: int) -> Inputs:
        """One of the words."""
        asked = request_of(self.speech, number, self.timbres)
        levels = levels_of(self.speech.sound(number), self.config.wave.n_levels)
        told, waves = stretch_conditioning(asked, self.config), waves_of(asked, self.config)
        return (
            torch.from_numpy(levels).long()[None].to(self.device),
            torch.from_numpy(told)[None].to(self.device),
            torch.from_numpy(waves)[None].to(self.device),
        )

    def each(self) -> list[Inputs]:
        """All words that are spoken plainly, one after the other."""
        return [self.word(number) for number in np.flatnonzero(self.speech.manners == 0).tolist()]


def request_of(speech: Speech, number: int, timbres: FloatArray) -> WordRequest:
    """What would have to be asked for to get this word."""
    part = speech.stretches(number)
    phonemes = speech.phonemes[part]
    turns = speech.turns[part].astype(np.float64)
    return WordRequest(phonemes, turns, is_voiced(phonemes), timbres[speech.voices[number]])


def is_voiced(phonemes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """(F,) which of these stretches have a voice."""
    table = np.array([name not in VOICELESS for name in PHONEMES])
    result: npt.NDArray[np.bool_] = table[phonemes]
    return result


def voice_timbres(speech: Speech, n_timbre: int) -> FloatArray:
    """(V, N) what tells all voices apart: principal components of the loudness of those in `speech`.

    Each number has a mean square of 1 at most over the voices in `speech`.
    """
    heard = np.unique(speech.voices)
    away = speech.timbres - speech.timbres[heard].mean(0)
    _, strengths, axes = np.linalg.svd(away[heard], full_matrices=False)
    places = away @ axes[:n_timbre].T  # (V, N)
    timbres: FloatArray = (places * np.sqrt(len(heard)) / strengths[0]).astype(np.float32)
    return timbres


def pitch_of(speech: Speech, number: int) -> npt.NDArray[np.float64]:
    """(F,) the pitch of a word in Hz, wherever a voice was looked for."""
    turns = speech.turns[speech.stretches(number)].astype(np.float64)
    return np.gradient(turns) * RATE_HZ * len(turns) / len(speech.sound(number))


def segments_of(speech: Speech, number: int, n_segments: int) -> FloatArray:
    """(S, 4) a word as a network keeps it, see SpeechWaveNet."""
    phonemes, pitch = speech.phonemes[speech.stretches(number)], pitch_of(speech, number)
    voiced, table = is_voiced(phonemes), np.zeros((n_segments, N_PER_SEGMENT), np.float32)
    for row, first, last in zip(table, *runs(phonemes), strict=False):
        begin = min(first + _EDGE, last - 1)
        inner = pitch[begin : max(last - _EDGE, begin + 1)]
        ends = np.median(inner[:3]), np.median(inner[-3:])
        row[:] = (phonemes[first], last - first, *(ends if voiced[first] else (0.0, 0.0)))
    return table


def spoken_segments(parts: list[Speech], n_voices: int, n_segments: int) -> FloatArray:
    """(V, W, S, 4) how each voice of some parts says each word plainly."""
    table = np.zeros((n_voices, len(WORDS), n_segments, N_PER_SEGMENT), np.float32)
    for speech in parts:
        for number in np.flatnonzero(speech.manners == 0).tolist():
            table[speech.voices[number], speech.words[number]] = segments_of(speech, number, n_segments)
    return table


def spoken_words(
    network: SpeechWaveNet, asked: Sequence[tuple[int, int]], seed: int, temperature: float
) -> Measuring[FloatArray]:
    """Sounds (N, T) of (voice, word) from silence, as long as the longest; word i has the seed that follows by i."""
    words = [word_request(network, voice, word) for voice, word in asked]
    n_samples = max(len(word.phonemes) for word in words) * network.config.wave.hop
    told = [word_conditioning(word, n_samples, network.config) for word in words]
    return (yield from sampled_sounds(network, told, seed, temperature))


def requested_pairs(voices: npt.NDArray[np.int64], n_words: int, n: int) -> list[tuple[int, int]]:
    """(voice, word) of `n` words: every word of every voice in turn, as often as it takes."""
    pairs = [(int(voice), word) for voice in voices for word in range(n_words)]
    return [pairs[place % len(pairs)] for place in range(n)]


def word_check(sounds: FloatArray, asked: Sequence[tuple[int, int]]) -> Check:
    """Whether the digits asked for are heard in sounds (N, T)."""
    length = min(sounds.shape[1], N_JUDGED_SAMPLES)
    pictures = word_pictures(np.stack([in_the_middle(sound[:length]) for sound in sounds]))
    heard = load_judge("speech").read(pictures.float() / 255).numpy()
    share = float(np.mean(heard == [word for _, word in asked]))
    name = N_("Judge hears the digit asked for, % of {n} in voices the model never heard").format(n=len(sounds))
    return Check(name, 100 * share, JUDGE_FLOOR)


@dataclass(frozen=True, kw_only=True)
class SpeechRecipe(SoundRecipe):
    """Words by voice, whose phonemes are told."""

    config: SpeechWaveNetConfig
    measured_on: ClassVar[str] = N_("Bits per sample of test voices")

    def material(self, device: torch.device) -> Generator[Frame, None, SoundMaterial]:
        yield from ()  # nothing here takes long
        parts = load_speech_parts()
        timbres = voice_timbres(parts[Split.TRAIN], self.config.n_timbre)
        network = SpeechWaveNet(self.config)
        table = spoken_segments(list(parts.values()), len(self.config.voices), self.config.n_segments)
        network.segments.copy_(torch.from_numpy(table))
        network.timbres.copy_(torch.from_numpy(timbres))
        batches = {
            split: SpeechBatches(speech, self.config, timbres, self.seed, device) for split, speech in parts.items()
        }
        facts = ("speech", len(parts[Split.TRAIN].words), True)
        return SoundMaterial(network, batches, facts, self._about(parts))

    def shown(self, network: SoundNetwork) -> Measuring[FloatArray]:
        assert isinstance(network, SpeechWaveNet)
        asked = [(SHOWN_VOICE, word) for word in range(0, 2 * N_SHOWN, 2)]
        return (yield from spoken_words(network, asked, self.seed, self.temperature))

    def heard(self, network: SoundNetwork, test: LevelBatches) -> Measuring[list[Check]]:
        assert isinstance(network, SpeechWaveNet)
        assert isinstance(test, SpeechBatches)
        asked = requested_pairs(np.unique(test.speech.voices).astype(np.int64), len(self.config.words), N_HEARD)
        sounds = yield from spoken_words(network, asked, self.seed, self.temperature)
        return [word_check(sounds, asked)]

    def _about(self, parts: Mapping[Split, Speech]) -> dict[str, Any]:
        learnt, held_out = parts[Split.TRAIN], np.unique(parts[Split.TEST].voices)
        n, n_voices = len(learnt.words), len(np.unique(learnt.voices))
        spoken = N_("Bits per sample are over 256 mu-law levels at temperature 1; words are spoken at {t}.")
        never = N_(
            "Voices are held out: {names} were never heard in training; the model is told only how bright they are."
        )
        return {
            "data": N_("{n:,} digits spoken by espeak-ng in {v} voices, 16 kHz").format(n=n, v=n_voices),
            "defaults": {"temperature": self.temperature, "seconds": LONGEST_S, **FIRST},
            "notes": [
                spoken.format(t=self.temperature),
                N_(
                    "The model is told which phoneme is spoken when, and at what pitch, as measured once from "
                    "espeak-ng."
                ),
                never.format(names=", ".join(VOICES[voice] for voice in held_out)),
            ],
        }


SPEECH: Final = SpeechRecipe(
    id="autoregressive/speech",
    title=N_("Spoken digits"),
    summary=N_("Learns from spoken digits in 34 voices what the next of 16,000 samples a second may be."),
    task=N_("Says a digit in the voice you ask for, sample by sample, and continues sounds."),
    minutes=80,
    config=CONFIG,
    settings=TRAINING,
    temperature=TEMPERATURE,
    seed=88,
)
