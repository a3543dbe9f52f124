"""Which of the shipped training pictures come nearest to what was made, so that one sees what was only remembered."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.training import N_ICONS, near_pictures, nearest_icons
from studio.core.generator import result_of
from studio.core.near_picture import Nearest, NearPicture
from studio.core.text import N_

ByteArray: TypeAlias = npt.NDArray[np.uint8]
N_SHOWN: Final = 3
WHOLE: Final = N_("Mean difference of a colour over the whole picture, 0 to 1")
ICON: Final = N_("Mean difference of a colour, 0 to 1, where the icon fits the scene best")
_SETS: Final = ("digits", "avatars")


def nearest_to(pixels: ByteArray, data_set: str) -> Nearest | None:
    """The nearest pictures of a shipped set to pixels (H, W, 3); None where no such set is shipped."""
    if data_set == "emoji":
        found = nearest_icons(pixels.astype(np.float32) / np.float32(255), N_SHOWN)
        return Nearest(tuple(NearPicture(icon.pixels, icon.distance, icon.name) for icon in found), N_ICONS, ICON)
    if data_set not in _SETS:
        return None
    known = result_of(near_pictures(data_set))
    if known.pictures.shape[1:] != pixels.shape:
        return None
    numbers, distances = known.find(pixels, N_SHOWN)
    pairs = zip(numbers, distances, strict=True)
    pictures = tuple(NearPicture(known.pictures[number], float(distance)) for number, distance in pairs)
    return Nearest(pictures, len(known.pictures), WHOLE)
