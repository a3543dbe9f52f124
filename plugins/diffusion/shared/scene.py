"""What a person has asked for: settings of a run, the picture it may start from, its painted mask; plain data.

H W pixels of the model.
"""

import base64
import math
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.distance_field import distance_to_background
from studio.core.picture import fit_square, png_text, read_picture
from studio.core.scene_codec import SceneCodec, Stored, flag, number, one_of, optional, settings, spread, stored
from studio.core.view import State

from .params import DiffusionParams

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Origin: TypeAlias = Literal["noise", "picture", "masked"]
ORIGINS: Final[tuple[Origin, ...]] = ("noise", "picture", "masked")
MAX_FEATHER_PX: Final = 32.0
MAX_SIDE_PX: Final = 1024
BoolArray: TypeAlias = npt.NDArray[np.bool_]
FloatArray: TypeAlias = npt.NDArray[np.float32]
Point: TypeAlias = tuple[float, float]

MIN_RADIUS_PX: Final = 0.75  # a dab between four pixels still reaches their middles
_HALF_GREY: Final = 128
_WHITE: Final = (255, 255, 255)


def own_picture(source: Path | ByteArray, size: tuple[int, int]) -> ByteArray:
    """The middle of a picture, a file or pixels (h, w, 3): as much as has the shape of `size` (H, W), in that size."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    scale = min(rgb.shape[0] / size[0], rgb.shape[1] / size[1])
    part = _middle(rgb, *(max(1, round(side * scale)) for side in size))
    return _middle(fit_square(part, max(size), _WHITE), *size)


def _middle(picture: ByteArray, height: int, width: int) -> ByteArray:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


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


def _has_one_size(source: StartPicture) -> bool:
    return source.mask is None or source.mask.shape == source.picture.shape[:2]


_SOURCE: Final = spread(StartPicture, {"picture": None, "mask": None}, _has_one_size)


@dataclass(frozen=True, eq=False)
class DiffusionScene:
    """Attributes:
    params: the settings of the run.
    origin: from noise, from a picture, or only behind the mask of a picture.
    source: that picture, kept also while it is not used.
    strength: 0..1, how much of the way to noise a picture goes before it comes back.
    feather_px: how softly the mask ends.
    is_live: whether every change is drawn at once.
    """

    params: DiffusionParams = stored(settings(DiffusionParams), default_factory=DiffusionParams)
    origin: Origin = stored(one_of(ORIGINS), default="noise")
    source: StartPicture | None = stored(_SOURCE, default=None)
    strength: float = stored(number(0.0, 1.0), default=0.6)
    feather_px: float = stored(number(0.0, MAX_FEATHER_PX), default=2.0)
    is_live: bool = stored(flag(), default=False)

    def anew(self, params: DiffusionParams) -> "DiffusionScene":
        """The same scene with these settings."""
        return replace(self, params=params)

    def with_params(self, **changes: Any) -> "DiffusionScene":
        """The same scene with other settings."""
        return replace(self, params=replace(self.params, **changes))

    @property
    def is_from_picture(self) -> bool:
        """Whether a run starts from the picture."""
        return self.origin != "noise" and self.source is not None

    def start(self) -> State | None:
        """What a run starts from beside its settings; None for noise."""
        if not self.is_from_picture or self.source is None:
            return None
        if self.origin == "picture" or self.source.mask is None:
            return {"picture": self.source.picture, "strength": np.array(self.strength, np.float32)}
        share = feathered(painted_from(self.source.mask), self.feather_px)
        return {"picture": self.source.picture, "mask": share}


CODEC: Final = SceneCodec(DiffusionScene)


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
    return np.maximum(0, 1 - distance / np.float32(reach), dtype=np.float32)


def mask_bytes(painted: BoolArray) -> ByteArray:
    """(H, W) as a scene keeps it and a PNG has it: 255 where the model may paint."""
    return painted.astype(np.uint8) * np.uint8(255)


def painted_from(mask: ByteArray) -> BoolArray:
    """What was painted of a mask (H, W) as a scene keeps it."""
    return np.asarray(mask >= _HALF_GREY)
