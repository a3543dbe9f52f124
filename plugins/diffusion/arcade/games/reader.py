"""Finds in pictures what a game has drawn: by colours, to a fraction of a pixel. Shape letters as in drawing.py."""

from typing import Final

import numpy as np
import numpy.typing as npt

from .drawing import DIGIT_HEIGHT, DIGIT_WIDTH, DIGITS, Colour, Floats

LEAST_COVER: Final = 0.15
"""Paler pixels are none of a thing."""
WINDOW_PX: Final = 4
MOST_DIGIT_ERROR: Final = 0.12
"""Mean squared error of the dots of a digit above which it is none."""


def cover(pictures: Floats, behind: Colour, colour: Colour) -> Floats:
    """How much of each pixel (N, H, W, 3) has a colour rather than the one behind it, (N, H, W) of 0..1."""
    way = np.subtract(colour, behind).astype(np.float32)
    share = (pictures - np.array(behind, np.float32)) @ way / float(way @ way)
    return np.where(share < LEAST_COVER, 0, np.clip(share, 0, 1)).astype(np.float32)


def spot(covered: Floats, area: float) -> Floats:
    """The centres (N, 2), across and down, of the only spots of about an area in (N, H, W); NaN where there is none."""
    found = np.full((len(covered), 2), np.nan, np.float32)
    for number, one in enumerate(covered):
        down, across = np.unravel_index(int(_summed(one).argmax()), one.shape)
        top, left = max(0, down - WINDOW_PX), max(0, across - WINDOW_PX)
        window = one[top : down + WINDOW_PX + 1, left : across + WINDOW_PX + 1]
        total = float(window.sum())
        if 0.5 * area <= total and one.sum() <= 1.6 * area:
            rows, columns = np.indices(window.shape) + 0.5
            found[number] = left + (columns * window).sum() / total, top + (rows * window).sum() / total
    return found


def _summed(one: Floats) -> Floats:
    """The sum of the 5 x 5 pixels around each of (H, W)."""
    padded = np.pad(one, 2)
    return np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).sum((2, 3))


def bar(covered: Floats, width: float) -> Floats:
    """The middles (N,) of the bars of about a width in rows (N, h, W); NaN where there is none."""
    row = covered.mean(1)
    total = row.sum(1)
    middle = row @ (np.arange(row.shape[1], dtype=np.float32) + 0.5) / np.maximum(total, 1e-6)
    return np.where((total > 0.6 * width) & (total < 1.4 * width), middle, np.nan).astype(np.float32)


def number(covered: Floats, places: tuple[tuple[int, int], ...]) -> npt.NDArray[np.int64]:
    """The numbers (N,) written in (N, H, W) at these (left, top); -1 where a digit is none."""
    value = np.zeros(len(covered), np.int64)
    for left, top in places:
        dots = covered[:, None, top : top + DIGIT_HEIGHT, left : left + DIGIT_WIDTH]
        errors = ((dots - DIGITS) ** 2).mean((2, 3))  # (N, 10)
        unread = (errors.min(1) > MOST_DIGIT_ERROR) | (value < 0)
        value = np.where(unread, -1, 10 * value + errors.argmin(1))
    return value
