"""How two pictures differ, place by place, and how much."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.view import Field, Image, View
from studio.render.pixel import enlarge_smooth
from studio.render.still import coverage_of

DRAWN_PX: Final = 512  # the height of a drawn shape, less where many stand in a row
_DRAWN_WIDTH_PX: Final = 1024
_WIDER_PER_SHAPE: Final = 0.5  # of the height
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)  # how bright red, green and blue look (Rec. 709)

ByteArray = NDArray[np.uint8]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Amount:
    """The root mean square of a difference over all its places, and the largest one; 0 to 1."""

    rms: float
    largest: float


def comparable_pixels(view: View | None) -> ByteArray | None:
    """Return what a view looks like as (H, W) or (H, W, 3) uint8 pixels; None where it is no picture.

    A shape is drawn black on white; other fields are grey, black at their usual low and white at their high.
    """
    match view:
        case Image(pixels=pixels):
            return pixels
        case Field(values=values, meaning="distance"):
            n = len(values) if values.ndim == 3 else 1
            return 255 - coverage_of(values, min(DRAWN_PX, round(_DRAWN_WIDTH_PX / (1 + _WIDER_PER_SHAPE * (n - 1)))))
        case Field(values=values, low=low, high=high):
            planes = values if values.ndim == 2 else np.concatenate(list(values), axis=1)
            share = (planes - low) / (high - low if high != low else 1.0)
            grey: ByteArray = np.rint(np.clip(np.nan_to_num(share), 0.0, 1.0) * 255).astype(np.uint8)
            return grey
        case _:
            return None


def colour_difference(a: ByteArray, b: ByteArray) -> FloatArray:
    """Return how far apart two pictures are at each place: (H, W) float32, 0 for equal, 1 for black and white.

    This is the distance in the cube of red, green and blue by the length of its diagonal. Pictures of different
    sizes are brought to the larger width and height.
    """
    a, b = alike(a, b)
    way = a.astype(np.float32) - b
    if way.ndim == 2:
        return np.asarray(np.abs(way) / np.float32(255), np.float32)
    return np.asarray(np.sqrt(np.einsum("ijk,ijk->ij", way, way) / np.float32(3 * 255**2)), np.float32)


def brightness_difference(a: ByteArray, b: ByteArray) -> FloatArray:
    """Return how much brighter `b` is than `a` at each place: (H, W) float32, -1 to 1; sizes as above."""
    a, b = alike(a, b)
    way = b.astype(np.float32) - a
    if way.ndim == 3:
        way = way @ _LUMA
    brighter: FloatArray = np.clip(way / np.float32(255), -1.0, 1.0)
    return brighter


def amount(difference: FloatArray) -> Amount:
    """Sum a map of either kind up in two figures."""
    size = np.abs(difference)
    return Amount(float(np.sqrt(np.mean(np.square(size, dtype=np.float64)))), float(size.max()))


def alike(a: ByteArray, b: ByteArray) -> tuple[ByteArray, ByteArray]:
    """Bring two pictures to the larger width and height, and to one number of channels."""
    height, width = max(a.shape[0], b.shape[0]), max(a.shape[1], b.shape[1])
    a, b = _of_size(a, width, height), _of_size(b, width, height)
    if a.ndim != b.ndim:
        a, b = (np.broadcast_to(one[..., None], (height, width, 3)) if one.ndim == 2 else one for one in (a, b))
    return a, b


def _of_size(pixels: ByteArray, width_px: int, height_px: int) -> ByteArray:
    return pixels if pixels.shape[:2] == (height_px, width_px) else enlarge_smooth(pixels, width_px, height_px)
