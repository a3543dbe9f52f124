"""Brings a person's picture into the size of a model."""

from typing import Final

import numpy as np

from studio.core.picture import fit_square

from .scene import ByteArray

WHITE: Final = (255, 255, 255)


def fitted(rgb: ByteArray, size: tuple[int, int]) -> ByteArray:
    """The middle of a picture (h, w, 3), as much of it as has the shape of `size` (H, W), in that size."""
    scale = min(rgb.shape[0] / size[0], rgb.shape[1] / size[1])
    kept = [max(1, round(side * scale)) for side in size]
    part = _middle(rgb, kept[0], kept[1])
    return _middle(fit_square(part, max(size), WHITE), *size)


def _middle(picture: ByteArray, height: int, width: int) -> ByteArray:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])
