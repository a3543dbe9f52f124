"""What a person has asked for in the panel of pictures: settings, the picture, and what a tool touches."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_
from studio.core.view import State

from ..shared.paced_source import PacedSource
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
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PixelSheet:
    """A picture and which of its pixels are to be drawn anew: `values` (H, W) levels, `is_erased` (H, W)."""

    values: Bytes
    is_erased: Mask

    def is_like(self, other: "PixelSheet") -> bool:
        """Whether both show the same pixels and erase the same."""
        return np.array_equal(self.values, other.values) and np.array_equal(self.is_erased, other.is_erased)

    def start(self, n_endings: int) -> State:
        """The state that a run begins with."""
        return started(self.values, self.is_erased, n_endings)


@dataclass(frozen=True, eq=False)
class PixelScene:
    """Attributes:
    params: the settings of a run.
    sheet: what it goes on with; None for a whole picture of the seed.
    example: the number of the example that the sheet was, None for a picture of one's own.
    tool, shape, brush_px, level: what is in hand; the level is that of the pen, 0 to 1.
    shown: what is laid over the picture, one of MAPS or "".
    place: the pixel that is looked at, by reading order; None for the one that comes next.
    speed: pixels a second while it plays.
    """

    params: PixelParams = field(default_factory=PixelParams)
    sheet: PixelSheet | None = None
    example: int | None = 0
    tool: str = "look"
    shape: str = "brush"
    brush_px: int = 3
    level: float = 1.0
    shown: str = "field"
    place: int | None = None
    speed: int = 400

    def with_params(self, **params: Any) -> "PixelScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **params))

    def source(self) -> PacedSource:
        """The run that finishes it; a whole picture of the seed where there is no sheet."""
        params = self.params if self.stride == self.params.stride else replace(self.params, stride=self.stride)
        if self.sheet is None:
            return PacedSource(params)
        n_drawn = int(self.sheet.is_erased.sum()) or self.sheet.is_erased.size
        return PacedSource(params, self.sheet.start(params.n_endings), -(-n_drawn // params.stride) + 1)

    @property
    def stride(self) -> int:
        """Pixels in a step: one by one where a person wants to see each."""
        return 1 if self.sheet is not None and self.speed <= ONE_BY_ONE else self.params.stride


def lower_half(values: Bytes) -> PixelSheet:
    """A picture whose lower half is to be drawn anew."""
    is_erased = np.zeros(values.shape, np.bool_)
    is_erased[len(values) // 2 :] = True
    return PixelSheet(values, is_erased)


def scene_to_json(scene: PixelScene) -> dict[str, Any]:
    """The scene as plain values."""
    sheet = scene.sheet
    return {
        "params": params_to_json(scene.params),
        "values": None if sheet is None else sheet.values.tolist(),
        "erased": None if sheet is None else sheet.is_erased.astype(int).tolist(),
        **{name: getattr(scene, name) for name in _PLAIN},
    }


_PLAIN: Final = ("example", "tool", "shape", "brush_px", "level", "shown", "place", "speed")


def scene_from_json(values: Any) -> PixelScene:
    """The scene that these values stand for; raises UserError where they are unsound."""
    try:
        return _read(values)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved state does not fit the model.")) from error


def _read(values: Mapping[str, Any]) -> PixelScene:
    if set(values) != {"params", "values", "erased", *_PLAIN}:
        raise ValueError
    scene = PixelScene(
        saved_params(PixelParams, values["params"]),
        _sheet(values["values"], values["erased"]),
        **{name: values[name] for name in _PLAIN},
    )
    is_sound = scene.tool in TOOLS and scene.shape in SHAPES and scene.shown in (*MAPS, "")
    whole = (scene.brush_px, scene.speed, *(one for one in (scene.example, scene.place) if one is not None))
    is_sound = is_sound and all(type(one) is int and one >= 0 for one in whole) and 0 <= float(scene.level) <= 1
    is_within = BRUSH_RANGE_PX[0] <= scene.brush_px <= BRUSH_RANGE_PX[1]
    if not (is_sound and is_within and SPEED_RANGE[0] <= scene.speed <= SPEED_RANGE[1]):
        raise ValueError
    if scene.place is not None and scene.place >= MOST_PX**2:
        raise ValueError
    return scene


def _sheet(values: Any, erased: Any) -> PixelSheet | None:
    if values is None:
        return None
    levels, is_erased = np.array(values, np.int64), np.array(erased, np.int64)
    side = len(levels)
    if levels.shape != (side, side) or is_erased.shape != levels.shape or not 0 < side <= MOST_PX:
        raise ValueError
    if levels.min() < 0 or levels.max() > 255:
        raise ValueError
    return PixelSheet(levels.astype(np.uint8), is_erased != 0)


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
