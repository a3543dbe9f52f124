"""Makes the edges of a small picture steeper before it is enlarged."""

import numpy as np
from numpy.typing import NDArray


def sharpened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (H, W, C) with half of the way to its four neighbours' mean added once more; the border stays."""
    wide = pixels.astype(np.int16)
    out = pixels.copy()
    around = wide[:-2, 1:-1] + wide[2:, 1:-1]
    around += wide[1:-1, :-2]
    around += wide[1:-1, 2:]
    inner = wide[1:-1, 1:-1]
    edge = (inner << 2) - around
    edge += 4
    edge >>= 3
    edge += inner
    np.clip(edge, 0, 255, out=edge)
    out[1:-1, 1:-1] = edge
    return out
