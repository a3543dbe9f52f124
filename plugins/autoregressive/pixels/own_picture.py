"""A person's picture as the levels that a model of pictures reads.

Where it draws characters: ink bright, cut out, centred as MNIST's digits are; else its greys, in the frame in which the
model's own pictures were.

LeCun et al. 1998: the box of the ink fills 20 of 28 pixels, and its centre of mass lies in the middle.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.picture import fit_square
from studio.core.translation import N_
from studio.core.view import ByteArray

BOX_SHARE: Final = 20 / 28
LEAST_INK: Final = 0.25
LEAST_RANGE: Final = 16
LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
Plane = npt.NDArray[np.float32]


def grey_levels_of(rgb: ByteArray, n_levels: int) -> ByteArray:
    """Levels (...) of pictures (..., 3), as bright as the eye takes them to be."""
    levels: ByteArray = np.round(rgb.astype(np.float32) @ LUMA * ((n_levels - 1) / 255)).astype(np.uint8)
    return levels


def fitted(rgb: ByteArray, size_px: int, n_levels: int) -> ByteArray:
    """Levels (size_px, size_px) of a picture (h, w, 3); raises UserError where there is nothing on it."""
    small = fit_square(_as_rgb(_box(bright_ink(rgb))), max(1, round(size_px * BOX_SHARE)), (0, 0, 0))[..., 0]
    brightest = float(small.max())
    if brightest < LEAST_RANGE:
        raise UserError(N_("The lines in this picture are too thin."), N_("Choose one with thicker lines."))
    levels = np.round(small.astype(np.float32) / brightest * (n_levels - 1)).astype(np.uint8)
    return _centred(levels, size_px)


def bright_ink(rgb: ByteArray) -> Plane:
    """How much ink each pixel has, 0 to 1: the side that differs from the border, stretched to the whole range."""
    grey = rgb.astype(np.float32) @ LUMA
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    if ink.max() < LEAST_RANGE:
        raise UserError(
            N_("There is nothing in this picture."), N_("Choose one with a character on a plain background.")
        )
    return (ink / ink.max()).astype(np.float32)


def _box(ink: Plane) -> Plane:
    rows, columns = np.nonzero(ink >= LEAST_INK)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _as_rgb(ink: Plane) -> ByteArray:
    return np.repeat(np.round(ink * 255).astype(np.uint8)[..., None], 3, -1)


def _centred(small: ByteArray, size_px: int) -> ByteArray:
    """A small picture with its centre of mass in the middle of a large one, as far as it fits."""
    side, mass = len(small), small.astype(np.float64)
    places = np.arange(side) + 0.5
    centre = np.array([(mass.sum(1) * places).sum(), (mass.sum(0) * places).sum()]) / mass.sum()
    top, left = np.clip(np.round(size_px / 2 - centre), 0, size_px - side).astype(int)
    sheet = np.zeros((size_px, size_px), np.uint8)
    sheet[top : top + side, left : left + side] = small
    return sheet
