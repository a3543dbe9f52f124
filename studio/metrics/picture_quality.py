"""How near a picture is to the one that it should be: signal-to-noise ratio and structural similarity.

Structural similarity: Wang, Bovik, Sheikh and Simoncelli 2004.
"""

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.pausing import pause

Array: TypeAlias = npt.NDArray[np.float64]
Picture: TypeAlias = npt.NDArray[Any]

WINDOW, SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03


def psnr_db(a: Picture, b: Picture) -> float:
    """Peak signal-to-noise ratio in decibels of two pictures of one shape; infinite where they are equal.

    Bytes count 0 to 255, other numbers 0 to 1; numbers beyond are taken as they are.
    """
    error = float(np.mean(np.square(_unit(a, b) - _unit(b, a))))
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(a: Picture, b: Picture) -> float:
    """Structural similarity, -1 to 1, of two pictures (H, W) or (H, W, C), at least 11 pixels high and wide.

    The mean over channels, and over all places where the Gaussian window of 11 pixels (σ = 1.5) lies in the picture;
    variances as in the paper, not divided by n - 1. Bytes count 0 to 255, other numbers 0 to 1.
    """
    x, y = _unit(a, b), _unit(b, a)
    if x.ndim not in (2, 3) or min(x.shape[:2]) < WINDOW:
        raise ValueError(x.shape)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = K1**2, K2**2
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return float(np.mean(likeness / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))))


def _unit(picture: Picture, other: Picture) -> Array:
    """The picture with its range brought to 0..1; raises ValueError where the other is of another shape or range."""
    if picture.shape != other.shape or (picture.dtype == np.uint8) != (other.dtype == np.uint8) or not picture.size:
        raise ValueError((picture.shape, other.shape, picture.dtype, other.dtype))
    return np.asarray(picture, np.float64) / (255.0 if picture.dtype == np.uint8 else 1.0)


def _blurred(picture: Array) -> Array:
    """Weighted means (H - 10, W - 10, ...) under the window, one axis after the other."""
    pause()
    offsets = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-0.5 * (offsets / SIGMA) ** 2)
    weights /= weights.sum()
    height, width = picture.shape[0] - WINDOW + 1, picture.shape[1] - WINDOW + 1
    rows = sum(weight * picture[i : i + height] for i, weight in enumerate(weights))
    return np.asarray(sum(weight * rows[:, i : i + width] for i, weight in enumerate(weights)))
