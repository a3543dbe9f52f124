"""Enlarges pictures of pixels, smoothly or with crisp squares."""

import numpy as np
from numpy.typing import NDArray

from studio.render.cubic import column_weights, row_weights, rows_at_once

ByteArray = NDArray[np.uint8]


def enlarge_smooth(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    """Enlarge with bicubic weights (H, W) or (H, W, C) uint8 to `height_px` x `width_px`, C kept."""
    if pixels.ndim == 3:
        channels = [enlarge_smooth(pixels[..., c], width_px, height_px) for c in range(pixels.shape[2])]
        return np.stack(channels, axis=-1)
    n_rows, n_columns = pixels.shape
    rows = row_weights(n_rows, height_px, 0.0, height_px / n_rows)  # (h, H)
    columns = column_weights(n_columns, width_px, 0.0, width_px / n_columns)  # (W, w)
    samples = pixels.astype(np.float32)
    picture = np.empty((height_px, width_px), np.uint8)
    step = rows_at_once(n_columns, width_px)
    for y in range(0, height_px, step):
        values = (rows[y : y + step] @ samples) @ columns  # (step, w)
        values += np.float32(0.5)
        np.clip(values, 0.0, 255.0, out=values)
        picture[y : y + step] = values
    return picture


def enlarge_crisp(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    """Enlarge (H, W) or (H, W, C) uint8 to `height_px` x `width_px`; every pixel stays a square."""
    rows = ((np.arange(height_px) + 0.5) * pixels.shape[0] / height_px).astype(np.intp)
    columns = ((np.arange(width_px) + 0.5) * pixels.shape[1] / width_px).astype(np.intp)
    picture: ByteArray = pixels[rows[:, None], columns[None]]
    return picture
