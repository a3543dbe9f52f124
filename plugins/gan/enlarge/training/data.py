"""What the enlarging networks learn from: crops of photos beside what is left of them at a quarter of the size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.core.seed import generator

from ..state import SCALE, Pixels

N_PLACES: Final = 2


def quartered(pixels: Pixels) -> Pixels:
    """A picture (H, W, C) at a quarter of its size by Pillow's antialiased bicubic; H and W are multiples of 4."""
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels).resize((width // SCALE, height // SCALE), Image.Resampling.BICUBIC)
    return np.asarray(small)


@dataclass(frozen=True, eq=False)
class EnlargeSample:
    """A photo (H, W, 3) uint8 and what is left of it, (H / 4, W / 4, 3) uint8."""

    large: Pixels
    small: Pixels


def samples_of(pictures: Sequence[Pixels]) -> list[EnlargeSample]:
    """Each photo is reduced as a whole, so that crops have no borders of their own."""
    return [EnlargeSample(picture, quartered(picture)) for picture in pictures]


def unit(pictures: Sequence[Pixels] | Pixels) -> Tensor:
    """Pictures (B, H, W, C) uint8 as (B, C, H, W) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(np.stack(list(pictures)).transpose(0, 3, 1, 2))).float() / 255


class Crops:
    """Random crops, turned and mirrored.

    Of two random places the one where neighbouring pixels differ more is taken, since much of a photo is sky.
    """

    def __init__(self, pairs: Sequence[EnlargeSample], n_crops: int, side_px: int, seed: int) -> None:
        """`side_px` is that of the small picture."""
        self._pairs = [pair for pair in pairs if min(pair.small.shape[:2]) >= side_px]
        areas = np.array([pair.small.shape[0] * pair.small.shape[1] for pair in self._pairs], np.float64)
        self._shares = areas / areas.sum()
        self._n_crops, self._side_px, self._seed = n_crops, side_px, seed

    def batch(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Small pictures (B, 3, S, S) and large ones (B, 3, 4 S, 4 S) in [0, 1]; the same for the same numbers."""
        random = generator(self._seed, "crops", step, micro)
        drawn = [self._crop(random) for _ in range(self._n_crops)]
        return unit([small for small, _ in drawn]), unit([large for _, large in drawn])

    def shift(self, step: int, micro: int) -> tuple[int, int]:
        """A random shift of 0 to 3 large pixels down and right; the same for the same numbers."""
        down, right = generator(self._seed, "shift", step, micro).integers(0, SCALE, 2).tolist()
        return down, right

    def _crop(self, random: np.random.Generator) -> tuple[Pixels, Pixels]:
        pair = self._pairs[int(random.choice(len(self._pairs), p=self._shares))]
        height, width = (side - self._side_px + 1 for side in pair.small.shape[:2])
        places = [(int(random.integers(height)), int(random.integers(width))) for _ in range(N_PLACES)]
        row, column = max(places, key=lambda place: _liveliness(self._cut(pair.small, place, 1)))
        small, large = self._cut(pair.small, (row, column), 1), self._cut(pair.large, (row, column), SCALE)
        turns, is_mirrored = int(random.integers(4)), bool(random.integers(2))
        return _turned(small, turns, is_mirrored), _turned(large, turns, is_mirrored)

    def _cut(self, pixels: Pixels, place: tuple[int, int], scale: int) -> Pixels:
        (row, column), side = place, self._side_px * scale
        return pixels[row * scale : row * scale + side, column * scale : column * scale + side]


def _liveliness(pixels: Pixels) -> float:
    return float(np.abs(np.diff(pixels.astype(np.int16), axis=0)).mean())


def _turned(pixels: Pixels, turns: int, is_mirrored: bool) -> Pixels:
    turned = np.rot90(pixels, turns)
    return turned[:, ::-1] if is_mirrored else turned
