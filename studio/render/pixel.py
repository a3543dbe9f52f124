"""Enlarges pictures of pixels, smoothly or with crisp squares, and makes the edges of small ones steeper."""

import numpy as np
from numpy.typing import NDArray

from studio.render.cubic import resampled

ByteArray = NDArray[np.uint8]


def enlarge_smooth(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    """Enlarge with bicubic weights (H, W) or (H, W, C) uint8 to `height_px` x `width_px`, C kept."""
    if pixels.ndim == 2:
        return enlarge_smooth(pixels[..., None], width_px, height_px)[..., 0]
    n_rows, n_columns, n_channels = pixels.shape
    picture = np.empty((height_px, width_px, n_channels), np.uint8)
    ways = (height_px, 0.0, height_px / n_rows), (width_px, 0.0, width_px / n_columns)
    samples = np.moveaxis(pixels, 2, 0) + np.float32(0.5)  # half a level more, so that cutting off the fraction rounds
    for place, values in resampled(samples, *ways):  # (C, h, w of a strip)
        picture[:, place] = np.moveaxis(np.clip(values, 0.0, 255.0, out=values), 0, 2)
    return picture


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
