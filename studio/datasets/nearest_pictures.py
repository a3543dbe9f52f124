"""Finds the training pictures that come nearest to another one, exactly and without looking at each in full.

Shape letters: N pictures, H W pixels, C numbers of a coarse picture.
"""

from collections.abc import Generator
from math import gcd
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.pausing import pause
from studio.datasets.small import AVATARS_NAME, DIGITS_NAME, reading_small
from studio.datasets.split import Split

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
CELL_PX: Final = 4
PART: Final = 256
LOOK: Final = 32
SLACK: Final = 1e-6  # of the coarse pictures, which are float32
SETS: Final = {"digits": DIGITS_NAME, "avatars": AVATARS_NAME}


class NearestPictures:
    """Pictures to look through.

    The mean difference of two coarse pictures (means of cells) is never above that of the pictures themselves, so that
    those whose coarse ones lie further away than the nearest found need no look.

    Attributes:
        pictures: uint8 (N, H, W, 3).
    """

    def __init__(self, pictures: ByteArray, coarse: npt.NDArray[np.float32]) -> None:
        """`coarse` (N, C) are the `coarse_pictures` of all."""
        self.pictures = pictures
        self._coarse = coarse

    def find(self, pixels: ByteArray, n: int = 1) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """The numbers (n,) of the nearest to pixels (H, W, 3), and their mean differences of a colour, 0 to 1."""
        bounds = np.abs(self._coarse - coarse_pictures(pixels[None])).mean(1, dtype=np.float64) / 255 - SLACK
        order = np.argsort(bounds, kind="stable")
        numbers, distances = np.empty(0, np.int64), np.empty(0)
        for first in range(0, len(order), LOOK):
            pause()
            looked_at = order[first : first + LOOK]
            if len(numbers) == n and bounds[looked_at[0]] > distances[-1]:
                break
            numbers = np.concatenate([numbers, looked_at])
            distances = np.concatenate([distances, distances_to(pixels, self.pictures[looked_at])])
            best = np.lexsort((numbers, distances))[:n]
            numbers, distances = numbers[best], distances[best]
        return numbers, distances


def distances_to(pixels: ByteArray, known: ByteArray) -> FloatArray:
    """(N,) mean absolute differences, 0 to 1, of pixels (H, W, 3) and pictures (N, H, W, 3)."""
    return np.asarray(np.abs(known - pixels.astype(np.int16)).mean((1, 2, 3)) / 255)


def coarse_pictures(pictures: ByteArray) -> npt.NDArray[np.float32]:
    """Pictures (N, H, W, 3) as means of cells of 4 x 4 pixels where the sides allow it, (N, C)."""
    n, height, width, n_channels = pictures.shape
    side = gcd(gcd(height, width), CELL_PX)
    cells = pictures.reshape(n, height // side, side, width // side, side, n_channels)
    coarse: npt.NDArray[np.float32] = cells.mean((2, 4), dtype=np.float32).reshape(n, -1)
    return coarse


def preparing(pictures: ByteArray) -> Generator[None, None, NearestPictures]:
    """Make pictures (N, H, W, 3) ready to be looked through; yields many times a second."""
    parts = []
    for first in range(0, len(pictures), PART):
        parts.append(coarse_pictures(pictures[first : first + PART]))
        yield
    return NearestPictures(pictures, np.concatenate(parts))


_ready: dict[str, NearestPictures] = {}


def near_pictures(name: str) -> Generator[None, None, NearestPictures]:
    """The training pictures of a shipped set, one of SETS, read once; yields many times a second meanwhile."""
    if name not in _ready:
        arrays: dict[str, Any] = yield from reading_small(SETS[name])
        pictures: ByteArray = arrays["pictures"][arrays["splits"] == Split.TRAIN.value]
        yield
        coloured = np.repeat(pictures[..., None], 3, 3) if pictures.ndim == 3 else pictures
        _ready[name] = yield from preparing(coloured)
    return _ready[name]
