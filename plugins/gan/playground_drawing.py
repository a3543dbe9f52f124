"""Draws a look at the playground into pixels without a window: for the film strip, files and the terminal."""

import math
from typing import Final

import numpy as np

from studio.core.view import ByteArray, FloatArray

from .playground_look import Look
from .playground_target import EXTENT

PAPER: Final = (24, 26, 31)
REAL: Final = (45, 212, 191)
FAKE: Final = (251, 191, 36)
TINT: Final = 0.42
"""How strongly the detective's map colours the paper, 0..1."""
_DOT_SHARE: Final = 1 / 110  # of the picture's side: the radius of a point


def draw_look(look: Look, side_px: int) -> ByteArray:
    """The detective's map with real points and forged ones on it, sRGB (side_px, side_px, 3)."""
    shares = _enlarged(look.chance, side_px)[::-1]  # the highest row first
    pixels = tinted(shares, PAPER, REAL, FAKE)
    radius = side_px * _DOT_SHARE
    _stamp(pixels, look.real, REAL, radius, is_round=True)
    _stamp(pixels, look.fake, FAKE, radius, is_round=False)
    return pixels


def tinted(
    chance: FloatArray, paper: tuple[int, ...], real: tuple[int, ...], fake: tuple[int, ...], tint: float = TINT
) -> ByteArray:
    """Chances 0..1 (H, W) as colours (H, W, 3): paper where it is even, else tinted as what it is taken for."""
    way = (2 * chance - 1)[..., None] * np.float32(tint)  # (H, W, 1), -tint .. tint
    base = np.array(paper, np.float32)
    towards = np.where(way > 0, np.array(real, np.float32), np.array(fake, np.float32))
    return np.ascontiguousarray((base + np.abs(way) * (towards - base) + 0.5).astype(np.uint8))


def _enlarged(values: FloatArray, side_px: int) -> FloatArray:
    """Values of cells (S, S) at the middles of pixels (side_px, side_px), linear between the cells' middles."""
    n = len(values)
    at = np.clip((np.arange(side_px) + 0.5) / side_px * n - 0.5, 0, n - 1)
    low = np.minimum(at.astype(np.int64), n - 2)
    weights = np.zeros((side_px, n), np.float32)
    rows = np.arange(side_px)
    weights[rows, low], weights[rows, low + 1] = 1 - (at - low), at - low
    return (weights @ values @ weights.T).astype(np.float32)


def _stamp(pixels: ByteArray, points: FloatArray, colour: tuple[int, ...], radius: float, is_round: bool) -> None:
    """Blend soft-edged discs around points (N, 2) into the picture, or squares of the same size."""
    side, reach = len(pixels), math.ceil(radius)
    middle = np.stack([points[:, 0], -points[:, 1]], axis=1) / EXTENT
    middle = (middle + 1) / 2 * side  # (N, 2) in pixels, y downwards
    cover = np.zeros((side, side), np.float32)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            cell = np.floor(middle).astype(np.int64) + np.array((dx, dy))
            is_inside = ((cell >= 0) & (cell < side)).all(1)
            away = np.abs(cell[is_inside] + 0.5 - middle[is_inside])
            distance = np.hypot(away[:, 0], away[:, 1]) if is_round else away.max(1)
            place = cell[is_inside]
            np.maximum.at(cover, (place[:, 1], place[:, 0]), np.clip(radius + 0.5 - distance, 0, 1))
    blended = pixels + cover[..., None] * (np.array(colour, np.float32) - pixels)
    pixels[:] = (blended + 0.5).astype(np.uint8)
