"""Passers-by for our own scene: flat dark people that stand before some of its photos, as in photos of a sight."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from .photos import Photos

SHARE: Final = 0.3
"""Of the photos that are learnt from, that have somebody in them."""
_PARTS: Final = (
    (0.0, -0.42, 0.07, 0.08),
    (0.0, -0.12, 0.14, 0.25),
    (-0.06, 0.28, 0.055, 0.24),
    (0.06, 0.28, 0.055, 0.24),
)
"""Head, body and legs as ellipses: middle and half axes in heights of the person, from their middle, y downwards."""


def with_passers_by(photos: Photos, seed: int) -> Photos:
    """The same photos, somebody in front of some that are learnt from: the same ones in pictures of any size."""
    pixels = photos.pixels.copy()
    for number in np.flatnonzero(photos.split == "train"):
        random = np.random.default_rng([seed, int(number)])
        if random.random() < SHARE:
            cover = _person(random, photos.width, photos.height)[..., None]
            colour = np.append(random.uniform(15, 75, 3), 255)
            pixels[number] = np.rint(pixels[number] * (1 - cover) + colour * cover).astype(np.uint8)
    return replace(photos, pixels=pixels)


def _person(random: np.random.Generator, width: int, height: int) -> npt.NDArray[np.float64]:
    """How much of each pixel somebody covers, (H, W), with edges one pixel wide."""
    tall, lean = random.uniform(0.45, 0.8), random.uniform(-0.15, 0.15)
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    v = (y - random.uniform(0.45, 0.75)) / tall
    u = (x - random.uniform(0.1, 0.9)) / tall - lean * v
    inside = [np.hypot((u - left) / across, (v - top) / down) for left, top, across, down in _PARTS]
    edge_px = (1 - np.min(inside, axis=0)) * 0.1 * tall * height  # about so far inside the outline
    return np.clip(edge_px + 0.5, 0, 1)
