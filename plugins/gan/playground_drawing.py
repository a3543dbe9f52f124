"""Draws a look at the playground into pixels without a window: for the film strip, files and the terminal."""

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
    radius = max(1, round(side_px * _DOT_SHARE))
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


def _stamp(pixels: ByteArray, points: FloatArray, colour: tuple[int, ...], radius: int, is_round: bool) -> None:
    """Colour the pixels around points (N, 2): a disc, or a square of the same size."""
    side = len(pixels)
    x = np.floor((points[:, 0] / EXTENT + 1) / 2 * side).astype(np.int64)
    y = np.floor((1 - points[:, 1] / EXTENT) / 2 * side).astype(np.int64)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if is_round and dx * dx + dy * dy > radius * radius + 1:
                continue
            is_inside = (x + dx >= 0) & (x + dx < side) & (y + dy >= 0) & (y + dy < side)
            pixels[y[is_inside] + dy, x[is_inside] + dx] = colour
