"""How far a picture is from a photo, and where it would have to change: absolute errors and structural similarity.

SSIM (Wang et al. 2004) with a Gaussian window of 11 x 11 pixels, beyond the picture's edge zeros, as in the paper's
program. A row of pixels is one vector of 3 W numbers, whose neighbours of the same colour lie 3 apart.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share

FloatArray = npt.NDArray[np.float32]

SSIM_SHARE: Final = 0.2
"""What part of the loss 1 - SSIM is; the rest are absolute errors."""
_REACH: Final = 5
_N: Final = 2 * _REACH + 1
_PAD: Final = 3 * _REACH
_ROWS_TOGETHER: Final = 16
_F = np.float32
_ZERO, _ONE, _TWO = _F(0), _F(1), _F(2)
_C1, _C2 = _F(0.01**2), _F(0.03**2)


def _window() -> FloatArray:
    weights = np.exp(-0.5 * (np.arange(_N) - _REACH) ** 2 / 1.5**2)
    return np.asarray(weights / weights.sum(), np.float32)


_WINDOW: Final = _window()


class PictureLoss:
    """Compares pictures of one size, in room that is used again and again."""

    def __init__(self, height: int, width: int) -> None:
        self.gradient = np.zeros((height, width, 3), np.float32)
        self._slopes = np.zeros((3, height, 3 * width), np.float32)
        self._sums = np.zeros((2, height), np.float64)

    def of(self, picture: FloatArray, photo: FloatArray) -> float:
        """The loss of a picture (H, W, 3) on a photo, both 0..1; its gradient is put into `gradient`."""
        height, width = picture.shape[:2]
        flat, wanted = picture.reshape(height, 3 * width), photo.reshape(height, 3 * width)
        gradient = self.gradient.reshape(height, 3 * width)

        def compare(first: int, last: int) -> None:
            compare_rows(flat, wanted, _WINDOW, self._slopes, self._sums, first, last)

        def spread(first: int, last: int) -> None:
            spread_rows(flat, wanted, _WINDOW, self._slopes, SSIM_SHARE, gradient, first, last)

        share(compare, height, _ROWS_TOGETHER)
        share(spread, height, _ROWS_TOGETHER)
        absolute, similarity = (self._sums.sum(1) / picture.size).tolist()
        return float((1 - SSIM_SHARE) * absolute + SSIM_SHARE * (1 - similarity))


@kernel(fast_math=True)
def compare_rows(
    picture: FloatArray,
    photo: FloatArray,
    window: FloatArray,
    slopes: FloatArray,
    sums: npt.NDArray[np.float64],
    first: int,
    last: int,
) -> None:
    """Write what SSIM changes by with three local means, into `slopes` (3, H, 3 W), and the sums of each row.

    The means are those of the picture, of its square, and of its product with the photo.
    """
    height, n = picture.shape
    columns = np.zeros((5, n + 2 * _PAD), np.float32)
    means = np.zeros((5, n), np.float32)
    for row in range(first, last):
        columns[:] = _ZERO
        for other in range(max(row - _REACH, 0), min(row + _REACH + 1, height)):
            weight = window[other - row + _REACH]
            for i in range(n):
                x, y = picture[other, i], photo[other, i]
                columns[0, i + _PAD] += weight * x
                columns[1, i + _PAD] += weight * y
                columns[2, i + _PAD] += weight * x * x
                columns[3, i + _PAD] += weight * y * y
                columns[4, i + _PAD] += weight * x * y
        for kind in range(5):
            _along(columns[kind], window, means[kind])
        _compare(picture[row], photo[row], means, slopes[:, row], sums[:, row])


@kernel(fast_math=True)
def _along(column, window, mean):
    """The weighted mean along a row."""
    mean[:] = _ZERO
    for k in range(_N):
        weight = window[k]
        for i in range(len(mean)):
            mean[i] += weight * column[i + 3 * k]


@kernel(fast_math=True)
def _compare(picture, photo, means, slopes, sums):
    absolute, similarity = _ZERO, _ZERO
    for i in range(len(picture)):
        mx, my = means[0, i], means[1, i]
        xx, yy, xy = means[2, i] - mx * mx, means[3, i] - my * my, means[4, i] - mx * my
        a, b = _TWO * mx * my + _C1, _TWO * xy + _C2
        c, d = mx * mx + my * my + _C1, xx + yy + _C2
        scale = _ONE / (c * d)
        value = a * b * scale
        by_xx, by_xy = -value / d, _TWO * a * scale
        slopes[0, i] = _TWO * my * b * scale - _TWO * mx * value / c - _TWO * mx * by_xx - my * by_xy
        slopes[1, i], slopes[2, i] = by_xx, by_xy
        similarity += value
        absolute += abs(picture[i] - photo[i])
    sums[0], sums[1] = absolute, similarity


@kernel(fast_math=True)
def spread_rows(
    picture: FloatArray,
    photo: FloatArray,
    window: FloatArray,
    slopes: FloatArray,
    ssim_share: float,
    gradient: FloatArray,
    first: int,
    last: int,
) -> None:
    """Write the loss's gradient into some rows of `gradient` (H, 3 W)."""
    height, n = picture.shape
    columns = np.zeros((3, n + 2 * _PAD), np.float32)
    means = np.zeros((3, n), np.float32)
    of_ssim, of_error = _F(ssim_share / (height * n)), _F((1 - ssim_share) / (height * n))
    for row in range(first, last):
        columns[:] = _ZERO
        for other in range(max(row - _REACH, 0), min(row + _REACH + 1, height)):
            weight = window[other - row + _REACH]
            for kind in range(3):
                for i in range(n):
                    columns[kind, i + _PAD] += weight * slopes[kind, other, i]
        for kind in range(3):
            _along(columns[kind], window, means[kind])
        for i in range(n):
            x, y = picture[row, i], photo[row, i]
            by_ssim = means[0, i] + _TWO * x * means[1, i] + y * means[2, i]
            sign = _ONE if x > y else (-_ONE if x < y else _ZERO)
            gradient[row, i] = of_error * sign - of_ssim * by_ssim
