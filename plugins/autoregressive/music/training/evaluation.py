"""Measures a network of four voices for its card: test chorales harmonised, and the 5-grams that it is held against.

One follows a single voice, the other the voices as they are told one after the other; where four sounds were never seen
in a row, the last three are asked, and so on (back-off). The better of both is the peer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from studio.api.recipe import Measuring

from ..grid import HOLD, ORDER, REST, UNKNOWN, Bytes, VoiceGrid, sounding, sounds_of
from ..model.sampling import MusicSampler
from ..model.transformer import ChoraleTransformer
from ..theory import FIFTH, OCTAVE, n_parallels, per_100_beats
from .data import ways_up
from .objective import bits_per_beat, given_voices

N_BEFORE: Final = 4
Row = tuple[int, ...]


def melody_rows(grid: VoiceGrid) -> Iterator[tuple[Row, int]]:
    """(four notes before in the same voice, the note) of every note."""
    for voice in ORDER:
        column = grid.values[:, voice]
        notes = [UNKNOWN] * N_BEFORE + sounds_of(column[column != HOLD]).tolist()
        for end in range(N_BEFORE, len(notes)):
            if notes[end] != REST:
                yield (voice, *notes[end - N_BEFORE : end]), notes[end]


def chord_rows(grid: VoiceGrid) -> Iterator[tuple[Row, int]]:
    """(four sounds told before, the note) of every note: of this sixteenth as far as it is told, or of the last."""
    sounds = sounds_of(sounding(grid.values))[:, list(ORDER)]  # (T, V) in the order of telling
    flat = np.concatenate([np.full(N_BEFORE, UNKNOWN), sounds.ravel()]).tolist()
    begins = (grid.values > HOLD)[:, list(ORDER)].ravel()
    for at in np.flatnonzero(begins).tolist():
        yield (ORDER[at % N_BEFORE], *flat[at : at + N_BEFORE]), flat[at + N_BEFORE]


class FiveGram:
    """Counts what followed each row of sounds; the first number of a row, the voice, is always kept."""

    def __init__(self) -> None:
        self.seen: defaultdict[Row, Counter[int]] = defaultdict(Counter)

    def learn(self, rows: Iterator[tuple[Row, int]]) -> None:
        """Count rows with what followed."""
        for row, note in rows:
            for n_left in range(N_BEFORE + 1):
                self.seen[row[0], *row[len(row) - n_left :]][note] += 1

    def guess(self, row: Row) -> int:
        """The likeliest note after a row, by the longest part of it that was seen."""
        for n_left in range(N_BEFORE, -1, -1):
            found = self.seen.get((row[0], *row[len(row) - n_left :]))
            if found:
                return max(found, key=lambda note: (found[note], -note))
        return REST


def five_gram_accuracy(train: Sequence[VoiceGrid], test: Sequence[VoiceGrid]) -> Measuring[float]:
    """The share of notes that the better 5-gram guesses, learnt from pieces in all keys that the network learnt in."""
    best = 0.0
    for rows in (melody_rows, chord_rows):
        grams = FiveGram()
        for grid in train:
            for up in ways_up(grid.values):
                grams.learn(rows(grid.transposed(up)))
            yield
        best = max(best, float(np.mean([grams.guess(row) == note for grid in test for row, note in rows(grid)])))
    return best


@dataclass(frozen=True)
class Parallels:
    """Parallel fifths and octaves per 100 beats."""

    fifths: float
    octaves: float


def harmonised(
    network: ChoraleTransformer,
    grid: VoiceGrid,
    voices: Sequence[int],
    seed: int,
    temperature: float,
    no_parallels: bool = True,
) -> Measuring[Bytes]:
    """Values (T, V) with some voices given and the others made; yields after each sixteenth."""
    is_given = given_voices(grid, voices)
    sampler = MusicSampler(network, grid, is_given, seed, temperature, no_parallels=no_parallels)
    while sampler.place < len(grid):
        sampler.advance()
        yield
    return sampler.values


def parallels_of(pieces: Sequence[Bytes]) -> Parallels:
    """What is counted in pieces (T, V)."""
    n_steps = sum(map(len, pieces))
    counts = [sum(n_parallels(values, interval) for values in pieces) for interval in (FIFTH, OCTAVE)]
    return Parallels(*(per_100_beats(count, n_steps) for count in counts))


def all_harmonised(
    network: ChoraleTransformer, grids: Sequence[VoiceGrid], seed: int, temperature: float, no_parallels: bool = True
) -> Measuring[list[Bytes]]:
    """Every piece with its soprano given, each from a seed of its own: one sample each, none picked."""
    made = []
    for number, grid in enumerate(grids):
        made.append((yield from harmonised(network, grid, (0,), seed + number, temperature, no_parallels)))
    return made


def piece_bits(network: ChoraleTransformer, grids: Sequence[VoiceGrid]) -> Measuring[list[float]]:
    """The bits per beat of each piece with nothing given."""
    each = []
    for grid in grids:
        bits = yield from bits_per_beat(network, [grid], (), torch.device("cpu"))
        each.append(bits)
    return each


def usual_range(bits: Sequence[float]) -> dict[str, float]:
    """Between which bits per beat nine of ten pieces lie."""
    low, high = np.quantile(bits, [0.05, 0.95])
    return {"low": float(low), "high": float(high)}
