"""Enlarges pictures of pixels, smoothly or with crisp squares, and makes the edges of small ones steeper."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.render.cubic import column_weights, row_bands, rows_at_once

ByteArray = NDArray[np.uint8]
_VALUES_AT_ONCE: Final = 262_144  # 1 MB of them, which a core keeps near


def enlarge_smooth(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    """Enlarge with bicubic weights (H, W) or (H, W, C) uint8 to `height_px` x `width_px`, C kept."""
    if pixels.ndim == 2:
        return enlarge_smooth(pixels[..., None], width_px, height_px)[..., 0]
    picture = np.empty((height_px, width_px, pixels.shape[2]), np.uint8)
    for c in range(pixels.shape[2]):
        _enlarge_into(picture[..., c], pixels[..., c].astype(np.float32))
    return picture


def _enlarge_into(picture: ByteArray, samples: NDArray[np.float32]) -> None:
    """Fill a picture (h, w) from samples (H, W), many bands of rows by one call: between two calls threads change."""
    (height_px, width_px), (n_rows, n_columns) = picture.shape, samples.shape
    columns = column_weights(n_columns, width_px, 0.0, width_px / n_columns)  # (W, w)
    bands = row_bands(n_rows, height_px, rows_at_once(n_columns, width_px))  # (N, step, H)
    step = bands.shape[1]
    n_at_once = max(1, _VALUES_AT_ONCE // (step * width_px))
    for first in range(0, len(bands), n_at_once):
        values = ((bands[first : first + n_at_once] @ samples) @ columns).reshape(-1, width_px)
        values += np.float32(0.5)
        np.clip(values, 0.0, 255.0, out=values)
        y = first * step
        picture[y : y + len(values)] = values[: height_px - y]


def enlarge_crisp(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    """Enlarge (H, W) or (H, W, C) uint8 to `height_px` x `width_px`; every pixel stays a square."""
    rows = ((np.arange(height_px) + 0.5) * pixels.shape[0] / height_px).astype(np.intp)
    columns = ((np.arange(width_px) + 0.5) * pixels.shape[1] / width_px).astype(np.intp)
    picture: ByteArray = pixels[rows[:, None], columns[None]]
    return picture


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
