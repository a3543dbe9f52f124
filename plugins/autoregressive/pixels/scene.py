"""What a person has asked for in the panel of pictures: settings, the picture, and what a tool touches."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.timeline.run_source import GeneratedSource
from studio.core.scene_codec import (
    SceneCodec,
    SettingsScene,
    array,
    number,
    one_of,
    optional,
    settings,
    spread,
    stored,
    whole,
)
from studio.core.view import State

from .params import PixelParams
from .state import Bytes, started

TOOLS: Final = ("look", "erase", "draw", "keep")
SHAPES: Final = ("brush", "box", "below")
MAPS: Final = ("field", "blind", "surprise", "order")
BRUSH_RANGE_PX: Final = (1, 9)
BRUSH_STEP_PX: Final = 2
"""A disc around a pixel has an odd width."""
INSTANT: Final = 2000
"""From this speed on, in pixels a second, a picture is shown as soon as it is made."""
SPEED_RANGE: Final = (10, INSTANT)
ONE_BY_ONE: Final = 100
"""Up to this speed every pixel is a moment of the timeline."""
MOST_PX: Final = 64
MOST_EXAMPLES: Final = 2**31
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PixelSheet:
    """A picture and which of its pixels are to be drawn anew: `values` (H, W) levels, `is_erased` (H, W)."""

    values: Bytes = stored(array(np.uint8, 0, 255, 2))
    is_erased: Mask = stored(array(np.bool_, 0, 1, 2), key="erased")

    @property
    def is_sound(self) -> bool:
        """Whether both are squares of the same side."""
        side = len(self.values)
        return self.values.shape == self.is_erased.shape == (side, side) and 0 < side <= MOST_PX

    def is_like(self, other: "PixelSheet") -> bool:
        """Whether both show the same pixels and erase the same."""
        return np.array_equal(self.values, other.values) and np.array_equal(self.is_erased, other.is_erased)

    def start(self, n_endings: int) -> State:
        """The state that a run begins with."""
        return started(self.values, self.is_erased, n_endings)


@dataclass(frozen=True, eq=False)
class PixelScene(SettingsScene):
    """Attributes:
    params: the settings of a run.
    sheet: what it goes on with; None for a whole picture of the seed.
    example: the number of the example that the sheet was, None for a picture of one's own.
    tool, shape, brush_px, level: what is in hand; the level is that of the pen, 0 to 1.
    shown: what is laid over the picture, one of MAPS or "".
    place: the pixel that is looked at, by reading order; None for the one that comes next.
    speed: pixels a second while it plays.
    """

    params: PixelParams = stored(settings(PixelParams), default_factory=PixelParams)
    sheet: PixelSheet | None = stored(
        spread(PixelSheet, {"values": None, "erased": None}, lambda sheet: sheet.is_sound), default=None
    )
    example: int | None = stored(optional(whole(0, MOST_EXAMPLES)), default=0)
    tool: str = stored(one_of(TOOLS), default="look")
    shape: str = stored(one_of(SHAPES), default="brush")
    brush_px: int = stored(whole(*BRUSH_RANGE_PX), default=3)
    level: float = stored(number(0, 1), default=1.0)
    shown: str = stored(one_of((*MAPS, "")), default="field")
    place: int | None = stored(optional(whole(0, MOST_PX**2 - 1)), default=None)
    speed: int = stored(whole(*SPEED_RANGE), default=400)

    def anew(self, params: PixelParams) -> "PixelScene":
        """The whole picture that these settings give."""
        return replace(self, params=params, sheet=None, example=None, place=None)

    def source(self) -> GeneratedSource:
        """The run that finishes it; a whole picture of the seed where there is no sheet."""
        params = self.params if self.stride == self.params.stride else replace(self.params, stride=self.stride)
        if self.sheet is None:
            return GeneratedSource(params)
        n_drawn = int(self.sheet.is_erased.sum()) or self.sheet.is_erased.size
        return GeneratedSource(params, self.sheet.start(params.n_endings), -(-n_drawn // params.stride) + 1)

    @property
    def stride(self) -> int:
        """Pixels in a step: one by one where a person wants to see each."""
        return 1 if self.sheet is not None and self.speed <= ONE_BY_ONE else self.params.stride


def lower_half(values: Bytes) -> PixelSheet:
    """A picture whose lower half is to be drawn anew."""
    is_erased = np.zeros(values.shape, np.bool_)
    is_erased[len(values) // 2 :] = True
    return PixelSheet(values, is_erased)


CODEC: Final = SceneCodec(PixelScene)


def covered_pixels(side: int, shape: str, first: tuple[int, int], last: tuple[int, int], brush_px: int) -> Mask:
    """(side, side) pixels under a "brush" from one to the other, in the "box" of both, or "below": from the last on.

    A brush is a disc that is `brush_px` pixels wide.
    """
    rows, columns = np.mgrid[:side, :side]
    if shape == "below":
        mask: Mask = rows * side + columns >= last[0] * side + last[1]
        return mask
    if shape == "box":
        (top, bottom), (left, right) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        return (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
    return _near_line(rows - first[0], columns - first[1], last[0] - first[0], last[1] - first[1], brush_px / 2)


def _near_line(rows: np.ndarray, columns: np.ndarray, height: int, width: int, radius: float) -> Mask:
    """Pixels whose middle is at most `radius` from the line that leads from (0, 0) to (height, width)."""
    length = max(height**2 + width**2, 1)
    along = np.clip((rows * height + columns * width) / length, 0, 1)
    mask: Mask = (rows - along * height) ** 2 + (columns - along * width) ** 2 <= radius**2
    return mask


def box_of(mask: Mask) -> tuple[int, int, int, int] | None:
    """The smallest box around a mask: (top, left, bottom, right), inclusive; None around nothing."""
    rows, columns = np.nonzero(mask)
    return (int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())) if len(rows) else None
