"""A piece as a picture: one lane for each pitch, one colour for each voice; for previews, thumbnails and exports.

Shape letters: T sixteenths, V = 4 voices.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .music_grid import N_VOICES, Bytes, sounding
from .music_sound import notes_of
from .music_voice import COLOURS

PAPER: Final = (21, 23, 28)
BAR_LINE: Final = (44, 48, 58)
STEP_PX: Final = 4
LANE_PX: Final = 5
_MARGIN: Final = 2


def roll_picture(values: Bytes, places: Bytes) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8 of values (T, V)."""
    pitches = sounding(values)
    some = pitches[pitches > 0]
    low, high = (int(some.min()), int(some.max())) if len(some) else (60, 72)
    top, height = high + _MARGIN, (high - low + 1 + 2 * _MARGIN) * LANE_PX
    picture = np.full((height, len(values) * STEP_PX, 3), PAPER, np.uint8)
    for start in np.flatnonzero(places == 0).tolist():
        picture[:, start * STEP_PX] = BAR_LINE
    for voice in reversed(range(N_VOICES)):
        for start, stop, pitch in notes_of(values[:, voice], pitches[:, voice]):
            row = (top - pitch) * LANE_PX
            picture[row + 1 : row + LANE_PX, start * STEP_PX + 1 : stop * STEP_PX] = COLOURS[voice]
    return picture
