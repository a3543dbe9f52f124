"""What the chorales' network is held against: 5-grams, which guess a note from the four sounds before it.

One follows a single voice, the other the voices as they are told one after the other; where four sounds were never seen
in a row, the last three are asked, and so on (back-off). The better of both is the peer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from .chorales_data import ways_up
from .chorales_training import Measuring
from .music_grid import HOLD, ORDER, REST, UNKNOWN, Grid, sounding, sounds_of

N_BEFORE: Final = 4
Row = tuple[int, ...]


def melody_rows(grid: Grid) -> Iterator[tuple[Row, int]]:
    """(four notes before in the same voice, the note) of every note."""
    for voice in ORDER:
        column = grid.values[:, voice]
        notes = [UNKNOWN] * N_BEFORE + sounds_of(column[column != HOLD]).tolist()
        for end in range(N_BEFORE, len(notes)):
            if notes[end] != REST:
                yield (voice, *notes[end - N_BEFORE : end]), notes[end]


def chord_rows(grid: Grid) -> Iterator[tuple[Row, int]]:
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


def five_gram_accuracy(train: Sequence[Grid], test: Sequence[Grid]) -> Measuring[float]:
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
