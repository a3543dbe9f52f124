"""What is left of the grid's features within the footprint of a pixel (Zip-NeRF, Barron 2023, section 3.1).

A pixel sees no point but a spot, here a Gaussian with the deviation of a square as wide as the pixel. Where the cells
of a level are small beside it, they are averaged away: its features are multiplied by erf(w / (√8 σ)) for cells of
width w. The network is told what share of all levels was lost so, since a spot is no small point: half of what a fence
fills is air.
"""

import math
from typing import Any, Final

import numpy as np

PIXEL_DEVIATION: Final = 1 / math.sqrt(12)
"""Standard deviation of a square, in parts of its side."""
ALL: Final = 4.0
"""Cells so much wider than a footprint keep all: erf(4) is 1 to single precision."""
_SMALLEST: Final = 1e-12


def fineness(width: Any) -> Any:
    """1 / (√8 σ) of footprints of pixels so wide, in world units; huge for points, whose width is 0."""
    return np.float32(1 / (math.sqrt(8) * PIXEL_DEVIATION)) / np.maximum(width, np.float32(_SMALLEST))


def kept_share(x: Any) -> Any:
    """The error function of x in 0..4, exact to 3e-7 (Abramowitz and Stegun 7.1.28): numbers, arrays, or compiled."""
    one = np.float32(1)
    p = x * np.float32(4.30638e-5) + np.float32(2.765672e-4)
    p = p * x + np.float32(1.520143e-4)
    p = p * x + np.float32(9.2705272e-3)
    p = p * x + np.float32(4.22820123e-2)
    p = p * x + np.float32(7.05230784e-2)
    p = p * x + one
    p *= p
    p *= p
    p *= p
    return one - one / (p * p)
