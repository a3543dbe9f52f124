"""Photos as a pinhole camera would have taken them, so that they can be held against what is drawn."""

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .lens import bent, bent_fisheye
from .photos import Photos

Doubles: TypeAlias = npt.NDArray[np.float64]


def straightened(photos: Photos) -> Photos:
    """The same photos without what their lenses did; pixels that no photo shows are ignored (and white)."""
    if photos.is_pinhole:
        return photos
    pixels, ignored = np.empty_like(photos.pixels), np.zeros(photos.pixels.shape[:3], np.bool_)
    for number in range(len(photos)):
        pixels[number], ignored[number] = _straightened(photos, number)
    return replace(
        photos,
        pixels=pixels,
        ignored=ignored,
        lens=np.zeros_like(photos.lens),
        is_fisheye=np.zeros_like(photos.is_fisheye),
    )


def _straightened(photos: Photos, number: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    places = source_places(photos, number)  # (H, W, 2)
    is_outside = np.asarray(((places < 0) | (places > (photos.width, photos.height))).any(-1))
    pixels = _between(photos.pixels[number], places)
    pixels[is_outside] = 255
    if photos.ignored is not None:
        columns = np.clip(places[..., 0].astype(np.int64), 0, photos.width - 1)
        rows = np.clip(places[..., 1].astype(np.int64), 0, photos.height - 1)
        is_outside |= photos.ignored[number, rows, columns]
    return pixels, is_outside


def source_places(photos: Photos, number: int) -> Doubles:
    """Where in a photo lies what a pinhole camera would show at the middle of each pixel: (H, W, 2) = (x, y)."""
    fx, fy, cx, cy = photos.intrinsics[number].astype(np.float64)
    x, y = np.meshgrid((np.arange(photos.width) + 0.5 - cx) / fx, (np.arange(photos.height) + 0.5 - cy) / fy)
    lens = photos.lens[number].astype(np.float64)
    if photos.is_fisheye[number]:
        plane = bent_fisheye(np.stack([x, y, np.ones_like(x)], axis=-1), lens)
    else:
        plane = bent(np.stack([x, y], axis=-1), lens)
    return np.asarray(plane * (fx, fy) + (cx, cy))


def _between(pixels: npt.NDArray[np.uint8], places: Doubles) -> npt.NDArray[np.uint8]:
    """Colours at places (..., 2) = (x, y) of a picture (H, W, 4), bilinear."""
    height, width = pixels.shape[:2]
    x = np.clip(places[..., 0] - 0.5, 0, width - 1).astype(np.float32)
    y = np.clip(places[..., 1] - 0.5, 0, height - 1).astype(np.float32)
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, below = np.minimum(column + 1, width - 1), np.minimum(row + 1, height - 1)
    along, down = (x - column)[..., None], (y - row)[..., None]
    upper = pixels[row, column] * (1 - along) + pixels[row, right] * along
    lower = pixels[below, column] * (1 - along) + pixels[below, right] * along
    return np.asarray(upper * (1 - down) + lower * down + 0.5).astype(np.uint8)
