"""Spoken words to learn from as levels with what is told about them, drawn by number; and what tells voices apart.

Shape letters: T samples, F stretches, C numbers told, V voices, W waves, S segments.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.training import PHONEMES, VOICELESS, WORDS, Speech
from studio.core.seed import generator

from .speech_config import N_PER_SEGMENT, SpeechConfig
from .speech_telling import AskedWord, runs, told_of, waves_of
from .wave_law import RATE_HZ, FloatArray, levels_of
from .wave_training import Inputs

_EDGE: Final = 2
"""Stretches at either end of a segment where its pitch is not read: the one before it still sounds."""


@dataclass(frozen=True, eq=False)
class SpeechBatches:
    """Draws a word by number: the same seed and number give the same one, whatever came before."""

    speech: Speech
    config: SpeechConfig
    timbres: FloatArray
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Inputs:
        """Levels (1, T), told numbers (1, F, C) and waves (1, T, W) of a word."""
        return self.word(int(generator(self.seed, "speech", step, micro).integers(len(self.speech.words))))

    def word(self, number: int) -> Inputs:
        """One of the words."""
        asked = asked_of(self.speech, number, self.timbres)
        levels = levels_of(self.speech.sound(number), self.config.wave.n_levels)
        told, waves = told_of(asked, self.config), waves_of(asked, self.config)
        return (
            torch.from_numpy(levels).long()[None].to(self.device),
            torch.from_numpy(told)[None].to(self.device),
            torch.from_numpy(waves)[None].to(self.device),
        )

    def each(self) -> list[Inputs]:
        """All words that are spoken plainly, one after the other."""
        return [self.word(number) for number in np.flatnonzero(self.speech.manners == 0).tolist()]


def asked_of(speech: Speech, number: int, timbres: FloatArray) -> AskedWord:
    """What would have to be asked for to get this word."""
    part = speech.stretches(number)
    phonemes = speech.phonemes[part]
    turns = speech.turns[part].astype(np.float64)
    return AskedWord(phonemes, turns, is_voiced(phonemes), timbres[speech.voices[number]])


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
