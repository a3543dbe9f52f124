"""Makes the cells of a piece that are not given, sixteenth by sixteenth.

The network's keys and values are kept, and each die depends on its seed, its sixteenth and its voice alone.

Shape letters: T sixteenths, V = 4 voices, D width.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import limited_threads
from studio.core.seed import generator

from .music_asking import examples, nothing_before
from .music_grid import (
    HOLD,
    HOLD_TOKEN,
    N_SOUNDS,
    N_TOKENS,
    N_VOICES,
    ORDER,
    UNKNOWN,
    Bytes,
    Flags,
    Grid,
    sounds_of,
    tokens_of,
    value_of,
)
from .music_model import ChoraleTransformer
from .music_step import StepNetwork

Floats = npt.NDArray[np.float32]
MIN_TEMPERATURE: Final = 1e-3
PERFECT: Final = (0, 7)
"""Semitones of octaves and fifths, whatever octaves lie between."""


class MusicSampler:
    """A piece that is being made.

    Attributes:
        values: (T, V), of which all before `place` are settled, and given ones beyond.
        surprise: (T, V) float32 bits of every settled cell at temperature 1, given ones too.
    """

    def __init__(
        self,
        network: ChoraleTransformer,
        grid: Grid,
        is_given: Flags,
        seed: int,
        temperature: float = 1.0,
        is_known: Flags | None = None,
        no_parallels: bool = False,
    ) -> None:
        """`is_known` are cells that the network knows beforehand, all given ones where it is None.

        Others that are given are settled already: they were made before, and are only read as they come. With
        `no_parallels` nothing is drawn that makes a parallel fifth or octave with a voice that is told or known.
        """
        self.network, self.is_given = network, is_given
        self.seed, self.temperature = seed, max(temperature, MIN_TEMPERATURE)
        self.no_parallels = no_parallels
        self.values: Bytes = np.where(is_given, grid.values, HOLD).astype(np.uint8)
        self.surprise: Floats = np.zeros(self.values.shape, np.float32)
        self.place = 0
        self._sounds = nothing_before().astype(np.int64)  # (V,) of the sixteenth before
        self._begins = np.zeros(N_VOICES, np.float32)
        self.is_known = known = is_given if is_known is None else is_known
        asked = examples([Grid(self.values, grid.places, grid.bars, grid.key)], [known], [0], [nothing_before()])
        with limited_threads(1), torch.no_grad():
            context = network.context(asked.known)[0]  # (T, D)
        self._steps = StepNetwork(network, context, grid.key)

    def __len__(self) -> int:
        return len(self.values)

    def advance(self) -> None:
        """Settle the four cells of the next sixteenth."""
        at = self.place
        state = self._steps.state(at, self._sounds, self._begins)
        sounds, begins = self._sounds.copy(), np.zeros(N_VOICES, np.float32)
        for head, voice in zip(self._steps.heads, ORDER, strict=True):
            logits = head(state, self._sounds, sounds, begins, self._steps.key).astype(np.float64)
            value = self._told(voice, logits, self._ruled_out(voice, sounds) if self.no_parallels else [])
            if value != HOLD:
                sounds[voice] = int(sounds_of(np.array(value, np.uint8)))
            elif sounds[voice] == UNKNOWN:
                sounds[voice] = 0  # nothing to go on with: a rest
            begins[voice] = value != HOLD
        self._sounds, self._begins, self.place = sounds, begins, at + 1

    def _ruled_out(self, voice: int, sounds: npt.NDArray[np.int64]) -> list[int]:
        """Tokens by which a voice would go in parallel with one that is told (its sound differs) or known."""
        found = []
        for other in range(N_VOICES):
            value = int(self.values[self.place, other]) if self.is_known[self.place, other] else HOLD
            now = int(sounds[other]) if value == HOLD else int(sounds_of(np.array(value, np.uint8)))
            token = parallel_sound(int(self._sounds[voice]), int(self._sounds[other]), now)
            if other != voice and token is not None:
                found.append(token)
        return found

    def _told(self, voice: int, logits: npt.NDArray[np.float64], ruled_out: list[int]) -> int:
        """The cell of a voice: as given, or drawn; its surprise is noted, as the network told it."""
        if self._sounds[voice] == UNKNOWN:
            logits[HOLD_TOKEN] = -np.inf
        allowed = logits.copy()
        allowed[ruled_out] = -np.inf
        if not self.is_given[self.place, voice]:
            roll = generator(self.seed, "note", self.place, voice).random()
            heap = np.cumsum(_softmax(allowed / self.temperature))
            token = int(np.searchsorted(heap, roll * heap[-1], side="right").clip(0, N_TOKENS - 1))
            self.values[self.place, voice] = value_of(token)
        value = int(self.values[self.place, voice])
        chance = float(_softmax(logits)[int(tokens_of(np.array(value, np.uint8)))])
        self.surprise[self.place, voice] = -math.log2(max(chance, 1e-12))
        return value


def parallel_sound(own: int, other: int, now: int) -> int | None:
    """The sound with which a voice would follow another from a fifth or an octave to the next one.

    Args:
        own, other: what both sang. now: what the other one sings. All are sounds of `music_grid`.
    """
    is_sung = all(0 < sound < N_SOUNDS for sound in (own, other, now))
    if not is_sung or now == other or abs(own - other) % 12 not in PERFECT:
        return None
    follows = own + now - other
    return follows if 0 < follows < N_SOUNDS else None


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()
