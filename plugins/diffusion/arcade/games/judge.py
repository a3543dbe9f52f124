"""Judges pictures of a game by its rules: what was seen in the last ones, and the keys, say what must be seen next."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .drawing import Pictures
from .game import Game

N_BEFORE: Final = 3
TOLERANCE_PX: Final = 1.5


@dataclass(frozen=True)
class Verdict:
    """How much of a run goes by the rules.

    Attributes:
        steps: for each step after the third, whether all things are within 1.5 px of where the rules have them.
        scores: for each of these, whether the digits are right.
    """

    steps: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.bool_]


def judged(game: Game, pictures: Pictures, keys: npt.NDArray[np.int64]) -> Verdict:
    """A verdict on pictures (T + 1, H, W, 3) that keys (T,) led through."""
    seen = game.read(pictures)
    n = len(keys) - N_BEFORE + 1
    before = np.stack([seen[first : first + n] for first in range(N_BEFORE)], 1)
    pressed = np.stack([keys[first : first + n] for first in range(N_BEFORE)], 1)
    wanted, found = game.expected(before, pressed), seen[N_BEFORE:]
    near = np.abs(wanted - found) <= TOLERANCE_PX  # False where either is not seen
    return Verdict(near[:, :-1].all(1), wanted[:, -1] == found[:, -1])
