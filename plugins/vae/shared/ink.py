"""Finds the ink in a person's picture and lays it where the models expect it.

Shapes: H W pixels of the picture; boxes are (left, top, right, bottom), right and bottom exclusive.
"""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.distance_field import signed_distance_field
from studio.core.error import UserError
from studio.core.translation import N_

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Array: TypeAlias = npt.NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]
Affine: TypeAlias = tuple[float, float, float, float, float, float]
MIN_CONTRAST = 0.08
MAX_STRAY = 16  # so many bright or dead pixels of a camera are no sign
DIGIT_PX, DIGIT_INK_PX = 28, 20
SOFT_EDGE = 0.3
CELL_PX, MASK_PX = 64, 256
FIELD_LIMIT_PX = 8.0


def read_ink(rgb: npt.NDArray[np.uint8]) -> Array:
    """Return how strong the ink is, (H, W) in 0..1, for a picture (H, W, 3): dark on light, light on dark or coloured.

    The background is the median of the picture's border. Raises UserError where nothing stands out from it.
    """
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    background = np.median(border, axis=0).astype(np.float32)  # (3,)
    difference = np.abs(rgb - background).max(axis=2) / 255  # (H, W)
    n_stray = min(MAX_STRAY, difference.size // 1000)
    strongest = float(np.partition(difference, -1 - n_stray, axis=None)[-1 - n_stray])
    if strongest < MIN_CONTRAST:
        raise UserError(N_("Nothing stands out in this picture."), N_("Use one dark character on a light background."))
    return np.clip(difference / strongest, 0, 1).astype(np.float32)


def ink_box(ink: npt.NDArray[np.floating], level: float = 0.5) -> Box:
    """Return the box around all ink stronger than `level`."""
    rows, columns = np.flatnonzero((ink > level).any(axis=1)), np.flatnonzero((ink > level).any(axis=0))
    if not len(rows):
        raise UserError(N_("Nothing stands out in this picture."), N_("Use one dark character on a light background."))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def fit_digit(ink: Array) -> Array:
    """Lay a digit as MNIST does: longest side 20 px, soft edges too, mass around pixel (14, 14); (28, 28) in 0..1."""
    from PIL import Image  # here, since panels know sizes without it

    left, top, right, bottom = ink_box(ink, SOFT_EDGE)
    scale = DIGIT_INK_PX / max(right - left, bottom - top)
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    small = np.asarray(
        Image.fromarray(ink).resize((width, height), Image.Resampling.HAMMING, (left, top, right, bottom))
    )  # (height, width)
    ys, xs = np.indices(small.shape)
    mass = small.sum()
    y = int(np.clip(round(DIGIT_PX / 2 - (ys * small).sum() / mass), 0, DIGIT_PX - height))
    x = int(np.clip(round(DIGIT_PX / 2 - (xs * small).sum() / mass), 0, DIGIT_PX - width))
    digit = np.zeros((DIGIT_PX, DIGIT_PX), np.float32)
    digit[y : y + height, x : x + width] = small
    return digit


def fit_letter(ink: Array, target: Box) -> Array:
    """Lay a letter into its cell, as high as `target` (in cells of 64) and centred on it: (64, 64).

    The field is the signed distance to the outline, positive inside, clipped to ±8.
    """
    from PIL import Image  # here, since panels know sizes without it

    left, top, right, bottom = ink_box(ink)
    factor = MASK_PX / CELL_PX
    scale = (target[3] - target[1]) * factor / (bottom - top)
    centre_x, centre_y = (target[0] + target[2]) / 2 * factor, (target[1] + target[3]) / 2 * factor
    # Affine map from mask pixels back to picture pixels, as Pillow wants it.
    back: Affine = (
        1 / scale,
        0,
        (left + right) / 2 - centre_x / scale,
        0,
        1 / scale,
        (top + bottom) / 2 - centre_y / scale,
    )
    picture, back = _reduced(Image.fromarray(ink), back)
    mask = picture.transform((MASK_PX, MASK_PX), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
    return signed_distance_field(np.asarray(mask) > 0.5, CELL_PX, FIELD_LIMIT_PX)


def _reduced(picture: "Picture", back: Affine) -> tuple["Picture", Affine]:
    """Average whole blocks first where the picture is much the larger, so that no ink is skipped."""
    block = int(back[0])
    if block < 2:
        return picture, back
    a, b, c, d, e, f = (value / block for value in back)
    return picture.reduce(block), (a, b, c, d, e, f)


def fit_picture(rgb: npt.NDArray[np.uint8], size_px: int) -> Array:
    """Lay a whole picture (H, W, 3) into a square of its border's colour: (size_px, size_px, 3) in 0..1."""
    from PIL import Image  # here, since panels know sizes without it

    height, width = rgb.shape[:2]
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = np.median(border, axis=0).astype(np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = rgb
    small = Image.fromarray(square).resize((size_px, size_px), Image.Resampling.BICUBIC)
    return np.asarray(small, np.float32) / np.float32(255)


def coloured(picture: Array) -> npt.NDArray[np.uint8]:
    """Return a picture (..., 3) in 0..1 as uint8."""
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def paper(grey: Array) -> npt.NDArray[np.uint8]:
    """Return ink shares in 0..1 as dark ink on white paper, uint8."""
    return np.rint(255 * (1 - np.clip(grey, 0, 1))).astype(np.uint8)
