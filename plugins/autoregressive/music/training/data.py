"""Chorales to learn from: pieces in any key, of which some voices and bars are given and the rest is to be told.

Shape letters: B pieces at once, T sixteenths, V = 4 voices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from studio.api.training import Chorales
from studio.core.seed import generator

from ..grid import (
    HIGHEST,
    HOLD,
    LOWEST,
    MAX_BAR,
    N_VOICES,
    NO_KEY,
    Bytes,
    Flags,
    VoiceGrid,
    key_of_signature,
    sounding,
    sounds_of,
)
from ..model.encoding import ChoraleExamples, examples, nothing_before

MOST_UP: Final = 5
MOST_DOWN: Final = 6
SHARE_NOTHING: Final = 0.35
SHARE_MELODY: Final = 0.25
SHARE_REGION: Final = 0.3
SHARE_NO_KEY: Final = 0.15
REGION_STEPS: Final = (4, 64)


def grids_of(chorales: Chorales) -> list[VoiceGrid]:
    """Chorales as grids; bars longer than the network knows are left out."""
    grids = [VoiceGrid(one.values, one.places, one.bars, key_of_signature(one.fifths)) for one in chorales.scores]
    return [grid for grid in grids if fits(grid.values) and grid.bars.max() <= MAX_BAR]


def fits(values: Bytes) -> bool:
    """Whether all pitches are within the network's range."""
    pitches = values[values > HOLD]
    return bool(len(pitches)) and int(pitches.min()) >= LOWEST and int(pitches.max()) <= HIGHEST


def ways_up(values: Bytes) -> range:
    """By how many semitones a piece may be moved: at most half an octave, within the network's range."""
    pitches = values[values > HOLD].astype(int)
    return range(max(-MOST_DOWN, LOWEST - pitches.min()), min(MOST_UP, HIGHEST - pitches.max()) + 1)


def drawn_given(random: np.random.Generator, n_steps: int) -> Flags:
    """Which cells (T, V) are given: nothing, the melody or any voices; at times also all but a few bars."""
    roll = random.random()
    voices = np.zeros(N_VOICES, np.bool_)
    if SHARE_NOTHING <= roll < SHARE_NOTHING + SHARE_MELODY:
        voices[0] = True
    elif roll >= SHARE_NOTHING + SHARE_MELODY:
        number = int(random.integers(1, 2**N_VOICES - 1))  # neither none nor all
        voices = (number >> np.arange(N_VOICES) & 1).astype(np.bool_)
    given = np.tile(voices, (n_steps, 1))
    if random.random() < SHARE_REGION:
        length = int(random.integers(REGION_STEPS[0], REGION_STEPS[1] + 1))
        start = int(random.integers(0, max(1, n_steps - length + 1)))
        given[:start] = given[start + length :] = True
    return given


@dataclass(frozen=True, eq=False)
class ChoraleBatches:
    """Draws excerpts by number: the same seed and number give the same ones, whatever came before."""

    grids: Sequence[VoiceGrid]
    n_pieces: int
    n_steps: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> ChoraleExamples:
        """Excerpts in random keys with random parts given."""
        random = generator(self.seed, "chorales", step, micro)
        sizes = np.array([len(grid) for grid in self.grids], np.float64)
        chosen = random.choice(len(sizes), self.n_pieces, p=sizes / sizes.sum())
        cut = [self._cut(self.grids[number], random) for number in chosen]
        grids, to_end, past = zip(*cut, strict=True)
        given = [drawn_given(random, self.n_steps) for _ in grids]
        return examples(grids, given, to_end, past).to(self.device)

    def _cut(self, grid: VoiceGrid, random: np.random.Generator) -> tuple[VoiceGrid, int, Bytes]:
        ways = ways_up(grid.values)
        grid = grid.transposed(int(random.integers(ways.start, ways.stop)))
        if random.random() < SHARE_NO_KEY:
            grid = VoiceGrid(grid.values, grid.places, grid.bars, NO_KEY)
        return excerpt(grid, int(random.integers(0, max(1, len(grid) - self.n_steps + 1))), self.n_steps)


def excerpt(grid: VoiceGrid, first: int, n_steps: int) -> tuple[VoiceGrid, int, Bytes]:
    """So many sixteenths from one on, how many follow, and what sounded before.

    A shorter piece begins anew behind its end, far from which nothing is asked of the metre.
    """
    whole = grid
    while len(whole) < first + n_steps:
        values, places, bars = (np.concatenate(pair) for pair in zip(_arrays(whole), _arrays(grid), strict=True))
        whole = VoiceGrid(values, places, bars, grid.key)
    cut = whole.cut(first, first + n_steps)
    sounds = sounds_of(sounding(whole.values[: first + 1]))
    past = sounds[first - 1].astype(np.uint8) if first else nothing_before()
    return cut, len(whole) - first - n_steps, past


def _arrays(grid: VoiceGrid) -> tuple[Bytes, Bytes, Bytes]:
    return grid.values, grid.places, grid.bars
