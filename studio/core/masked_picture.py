"""A picture with a mask that a person painted over it: what is behind the mask may be made anew.

H W pixels of the picture.
"""

import base64
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.distance_field import distance_to_background
from studio.core.picture import png_text, read_picture
from studio.core.scene_codec import Stored, optional, stored
from studio.core.view import ByteArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]
FloatArray: TypeAlias = npt.NDArray[np.float32]
Point: TypeAlias = tuple[float, float]
MAX_SIDE_PX: Final = 1024
MIN_RADIUS_PX: Final = 0.75  # a dab between four pixels still reaches their middles
_HALF_GREY: Final = 128


def _unpacked(text: str) -> ByteArray:
    if len(text) > 4 * MAX_SIDE_PX**2:
        raise ValueError(len(text))
    found = read_picture(base64.b64decode(text, validate=True))
    if max(found.rgb.shape[:2]) > MAX_SIDE_PX:
        raise ValueError(found.rgb.shape)
    return found.rgb


_PICTURE: Final = Stored(png_text, _unpacked)
_MASK: Final = Stored(png_text, lambda text: np.ascontiguousarray(_unpacked(text)[:, :, 0]))


@dataclass(frozen=True, eq=False)
class StartPicture:
    """A person's picture as the model sees it.

    Attributes:
        picture: (H, W, 3) uint8 sRGB in the model's size.
        mask: (H, W) uint8, 255 where the model may paint; None where all of it may change.
    """

    picture: ByteArray = stored(_PICTURE)
    mask: ByteArray | None = stored(optional(_MASK), default=None)


def has_one_size(source: StartPicture) -> bool:
    """Whether the mask is as large as the picture."""
    return source.mask is None or source.mask.shape == source.picture.shape[:2]


@dataclass(frozen=True)
class MaskStroke:
    """One way of the brush.

    Attributes:
        points: x and y in pixels of the picture, whose first pixel has its middle at (0.5, 0.5).
        radius_px: of the brush, in pixels of the picture.
        is_erasing: whether it takes away.
    """

    points: tuple[Point, ...]
    radius_px: float
    is_erasing: bool = False


def with_stroke(painted: BoolArray, stroke: MaskStroke) -> BoolArray:
    """Paint on (H, W), or erase, every pixel whose middle lies within the radius of the way; a new array."""
    drawn = painted.copy()
    points = stroke.points if len(stroke.points) > 1 else 2 * stroke.points
    for start, end in pairwise(points):
        _draw_piece(drawn, start, end, max(stroke.radius_px, MIN_RADIUS_PX), not stroke.is_erasing)
    return drawn


def _draw_piece(pixels: BoolArray, start: Point, end: Point, radius_px: float, value: bool) -> None:
    rows = _reached(start[1], end[1], radius_px, pixels.shape[0])
    columns = _reached(start[0], end[0], radius_px, pixels.shape[1])
    y, x = np.mgrid[rows, columns] + 0.5
    way_x, way_y = end[0] - start[0], end[1] - start[1]
    squared = way_x * way_x + way_y * way_y
    along = ((x - start[0]) * way_x + (y - start[1]) * way_y) / squared if squared else np.zeros_like(x)
    share = np.clip(along, 0.0, 1.0)
    is_near = np.hypot(x - start[0] - share * way_x, y - start[1] - share * way_y) <= radius_px
    pixels[rows, columns][is_near] = value


def _reached(a: float, b: float, radius_px: float, n: int) -> slice:
    """The pixels of `n` that a way from `a` to `b` can reach; none where it passes by."""
    first = min(max(math.floor(min(a, b) - radius_px), 0), n)
    return slice(first, min(max(math.ceil(max(a, b) + radius_px), first), n))


def feathered(painted: BoolArray, feather_px: float) -> FloatArray:
    """How much of each pixel (H, W) is made anew: 1 where painted, from there falling evenly with the distance.

    It is exactly 0 from `feather_px` + 1 pixels on, so that with no feather only what was painted changes.
    """
    if not painted.any():
        return np.zeros(painted.shape, np.float32)
    reach = feather_px + 1
    distance = distance_to_background(~painted, reach)
    share: FloatArray = np.maximum(0, 1 - distance / np.float32(reach), dtype=np.float32)
    return share


def mask_bytes(painted: BoolArray) -> ByteArray:
    """(H, W) as a scene keeps it and a PNG has it: 255 where the model may paint."""
    return painted.astype(np.uint8) * np.uint8(255)


def painted_from(mask: ByteArray) -> BoolArray:
    """What was painted of a mask (H, W) as a scene keeps it."""
    return np.asarray(mask >= _HALF_GREY)
