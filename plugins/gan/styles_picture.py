"""A person's own picture made ready for a network that knows emoji on white: small, square, and as large as these."""

from typing import Final

import numpy as np

from studio.core.picture import fit_square
from studio.core.view import ByteArray

SIDE_PX: Final = 64
FITTED_PX: Final = 58  # the longer side of what emoji of the data set show
WHITE: Final = (255, 255, 255)
_GROUND: Final = 240  # of 255: what is brighter in all three colours counts as white ground


def prepared(rgb: ByteArray) -> ByteArray:
    """A picture (H, W, 3) as (64, 64, 3): a thing on white is cut out and fitted like an emoji, a photo fills it.

    A picture without anything on it stays white.
    """
    ground = rgb.min(2) >= _GROUND  # (H, W)
    corners = ground[[0, 0, -1, -1], [0, -1, 0, -1]]
    if not corners.all():
        return fit_square(rgb, SIDE_PX, WHITE)
    rows, columns = np.flatnonzero(~ground.all(1)), np.flatnonzero(~ground.all(0))
    if not len(rows):
        return np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    thing = rgb[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    margin = (SIDE_PX - FITTED_PX) // 2
    whole = np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    whole[margin : margin + FITTED_PX, margin : margin + FITTED_PX] = fit_square(thing, FITTED_PX, WHITE)
    return whole
