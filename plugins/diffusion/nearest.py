"""Which of the shipped training pictures come nearest to what was made, so that one sees what was only remembered."""

from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.training import AVATARS_NAME, DIGITS_NAME, N_ICONS, nearest_icons, read_small
from studio.core.text import N_

from .near_picture import Nearest, NearPicture

ByteArray: TypeAlias = npt.NDArray[np.uint8]
N_SHOWN: Final = 3
PART: Final = 256
TRAINED_ON: Final = "train"
WHOLE: Final = N_("Mean difference of a colour over the whole picture, 0 to 1")
ICON: Final = N_("Mean difference of a colour, 0 to 1, where the icon fits the scene best")
_SETS: Final = {"digits": DIGITS_NAME, "avatars": AVATARS_NAME}


def nearest_to(pixels: ByteArray, data_set: str) -> Nearest | None:
    """The nearest pictures of a shipped set to pixels (H, W, 3); None where no such set is shipped."""
    if data_set == "emoji":
        found = nearest_icons(pixels.astype(np.float32) / np.float32(255), N_SHOWN)
        return Nearest(tuple(NearPicture(icon.pixels, icon.distance, icon.name) for icon in found), N_ICONS, ICON)
    if data_set not in _SETS:
        return None
    known = _training_pictures(data_set)
    if known.shape[1:] != pixels.shape:
        return None
    distances = distances_to(pixels, known)
    order = np.argsort(distances, kind="stable")[:N_SHOWN]
    pictures = tuple(NearPicture(known[index], float(distances[index])) for index in order)
    return Nearest(pictures, len(known), WHOLE)


def distances_to(pixels: ByteArray, known: ByteArray) -> npt.NDArray[np.float64]:
    """(N,) mean absolute differences, 0 to 1, of pixels (H, W, 3) and pictures (N, H, W, 3)."""
    wanted = pixels.astype(np.int16)
    parts = [np.abs(known[first : first + PART] - wanted).mean((1, 2, 3)) for first in range(0, len(known), PART)]
    return np.concatenate(parts) / 255


@cache
def _training_pictures(data_set: str) -> ByteArray:
    arrays: dict[str, Any] = read_small(_SETS[data_set])
    pictures: ByteArray = arrays["pictures"][arrays["splits"] == TRAINED_ON]
    return np.repeat(pictures[..., None], 3, 3) if pictures.ndim == 3 else pictures
