"""How levels look on a screen, for frames and for panels; no torch.

Shape letters: B pictures, H W pixels, P places.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

MOST_BITS: Final = 8.0
"""Where a map of the surprise is at its strongest."""
UNKNOWN: Final = (40, 44, 54)
"""The colour of pixels that are not there yet: no grey, so that it is none of theirs."""


def grey_levels(values: npt.NDArray[np.uint8], n_levels: int) -> npt.NDArray[np.uint8]:
    """Levels as grey values of one byte; shapes alike."""
    return np.round(values.astype(np.float32) * (255 / (n_levels - 1))).astype(np.uint8)


def coloured(
    values: npt.NDArray[np.uint8], is_known: npt.NDArray[np.bool_], n_levels: int
) -> npt.NDArray[np.uint8]:
    """Levels (B, P) as colours (B, P, 3); what is not known (P,) has a colour of its own."""
    grey = np.repeat(grey_levels(values, n_levels)[..., None], 3, -1)
    grey[:, ~is_known] = UNKNOWN
    return grey
