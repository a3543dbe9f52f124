"""What a frame of a translation is drawn from, by the names of its state's arrays."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

PICTURE: Final = "picture"
"""The original, (64, 64, 3) uint8."""
TURN: Final = "turn"
"""How often it has been translated, where it goes back and forth; int32 (1,)."""
N_TURNS: Final = 12


def no_turns() -> NDArray[np.int32]:
    """What a way back and forth starts with."""
    return np.zeros(1, np.int32)
