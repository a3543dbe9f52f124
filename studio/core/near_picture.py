"""A training picture beside what was made; plain data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class NearPicture:
    """A training picture.

    Attributes:
        pixels: uint8 (H, W, 3).
        distance: from what was made, 0 for the same.
        caption: what it was said to show; may be empty.
    """

    pixels: npt.NDArray[np.uint8]
    distance: float
    caption: str = ""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest training pictures, the nearest first, of `n_pictures` that were looked through."""

    pictures: tuple[NearPicture, ...]
    n_pictures: int
    measure: str
