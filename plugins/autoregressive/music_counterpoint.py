"""Rules of counterpoint that can be counted: parallel fifths and octaves between two voices.

Shape letters: T sixteenths, V = 4 voices from high to low.
"""

from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from .music_grid import HOLD, STEPS_PER_BEAT, sounding

FIFTH: Final = 7
OCTAVE: Final = 0


def n_parallels(values: npt.NDArray[np.uint8], interval: int) -> int:
    """How often two voices go from an interval (FIFTH or OCTAVE, or one an octave wider) to the same one in parallel.

    Counted at every sixteenth at which both voices begin a new note and both pitches change.

    Args:
        values: (T, V) as a chorale's data set has them.
    """
    return len(parallels(values, interval))


def parallels(values: npt.NDArray[np.uint8], interval: int) -> list[tuple[int, int, int]]:
    """The same as (sixteenth, upper voice, lower voice) of each."""
    pitches = sounding(values).astype(np.int64)  # (T, V)
    begins = values > HOLD
    found = []
    for upper, lower in combinations(range(values.shape[1]), 2):
        both = begins[1:, upper] & begins[1:, lower]
        sing = (pitches[:-1, [upper, lower]] > 0).all(1)
        moved = (pitches[1:, upper] != pitches[:-1, upper]) & (pitches[1:, lower] != pitches[:-1, lower])
        widths = pitches[:, upper] - pitches[:, lower]
        stays = (widths[1:] == widths[:-1]) & (np.abs(widths[1:]) % 12 == interval)
        found += [(step + 1, upper, lower) for step in np.flatnonzero(both & sing & moved & stays).tolist()]
    return sorted(found)


def per_100_beats(n: int, n_steps: int) -> float:
    """A count over so many sixteenths as one per hundred beats."""
    return 100 * n * STEPS_PER_BEAT / max(n_steps, 1)
