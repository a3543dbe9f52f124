"""What a person draws: strokes of a pen, an eraser, a brush of colour, and fills; the document of the Draw panel.

Places and widths are in pixels of the network, 64 a side, x to the right and y down from the top left corner.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import State

SIDE: Final = 64.0
"""The length of the sheet's sides."""
TOOLS: Final = ("pen", "eraser", "colour", "fill")
WIDTH_RANGE: Final = (0.5, 24.0)
BEYOND: Final = 32.0  # a stroke may leave the sheet by so much
MAX_STROKES: Final = 2000
MAX_POINTS: Final = 60_000
N_DIGITS: Final = 2  # behind the point, of places and widths: a hundredth of a pixel cannot be seen
Point: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class DrawStroke:
    """One stroke; never changed, only replaced.

    Attributes:
        tool: one of TOOLS; a fill has one point.
        points: the way of its middle, at least one.
        width: of the line.
        colour: sRGB, of what is dabbed or filled.
        is_mirrored: whether it was drawn on both sides of the middle at once.
    """

    tool: str
    points: tuple[Point, ...]
    width: float = 2.0
    colour: Colour = (0, 0, 0)
    is_mirrored: bool = False

    def longer(self, point: Point) -> "DrawStroke":
        """The same with one point more; a place where the stroke is already adds nothing."""
        point = rounded_point(*point)
        return self if point == self.points[-1] else replace(self, points=(*self.points, point))


Drawing: TypeAlias = tuple[DrawStroke, ...]


@dataclass(frozen=True, eq=False)
class Painted:
    """A drawing with what was painted into it; `seed` is that of the example, None for what a person drew."""

    drawing: Drawing
    frame: Frame
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class OutlineGallery:
    """The example outlines, none of which was learnt from: (N, 64, 64) grey pictures, and their names."""

    pixels: NDArray[np.uint8]
    names: tuple[str, ...]


def rounded_point(x: float, y: float) -> Point:
    """A place as a document holds it, at most BEYOND outside the sheet."""
    low, high = -BEYOND, SIDE + BEYOND
    return round(min(max(x, low), high), N_DIGITS), round(min(max(y, low), high), N_DIGITS)


def n_points(drawing: Drawing) -> int:
    """How many points all strokes have together."""
    return sum(len(stroke.points) for stroke in drawing)


def has_room(drawing: Drawing) -> bool:
    """Whether a stroke of usual length can be added."""
    return len(drawing) < MAX_STROKES and n_points(drawing) < MAX_POINTS // 2


def to_json(drawing: Drawing) -> list[Any]:
    """Strokes as plain lists: tool, width, colour, whether mirrored, then x and y of every point in turn."""
    return [
        [one.tool, one.width, list(one.colour), one.is_mirrored, [number for point in one.points for number in point]]
        for one in drawing
    ]


def from_json(values: Any) -> Drawing:
    """Read strokes as `to_json` writes them; raises UserError where anything is amiss."""
    try:
        if not isinstance(values, list) or len(values) > MAX_STROKES:
            raise ValueError("no list of strokes, or too many")
        drawing = tuple(_stroke(*value) for value in values)
        if n_points(drawing) > MAX_POINTS:
            raise ValueError("too many points")
        return drawing
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved drawing cannot be read.")) from error


def _stroke(tool: Any, width: Any, colour: Any, is_mirrored: Any, places: Any) -> DrawStroke:
    if tool not in TOOLS or not isinstance(places, list) or not 0 < len(places) <= 2 * MAX_POINTS or len(places) % 2:
        raise ValueError("no stroke")
    red, green, blue = (int(value) for value in colour)
    if not all(0 <= value <= 255 for value in (red, green, blue)):
        raise ValueError("no colour")
    numbers = [float(place) for place in places]
    if not all(map(math.isfinite, [*numbers, float(width)])) or not WIDTH_RANGE[0] <= width <= WIDTH_RANGE[1]:
        raise ValueError("no numbers")
    points = tuple(rounded_point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    return DrawStroke(tool, points, round(float(width), N_DIGITS), (red, green, blue), bool(is_mirrored))


def to_state(drawing: Drawing, n_drawn: int) -> State:
    """A drawing, of which the first `n_drawn` strokes are there yet, as arrays.

    Returns:
        "strokes" (S, 7) float32: number of the tool, width, red, green, blue, whether mirrored, number of points;
        "points" (P, 2) float32, of all strokes in turn; "n_drawn" () int32.
    """
    rows = [(TOOLS.index(one.tool), one.width, *one.colour, one.is_mirrored, len(one.points)) for one in drawing]
    points = [point for one in drawing for point in one.points]
    return {
        "strokes": np.array(rows, np.float32).reshape(-1, 7),
        "points": np.array(points, np.float32).reshape(-1, 2),
        "n_drawn": np.array(n_drawn, np.int32),
    }


def from_state(state: Mapping[str, NDArray[Any]]) -> tuple[Drawing, int]:
    """The drawing and how many of its strokes are there; raises UserError where the arrays are none."""
    try:
        rows, points, n_drawn = state["strokes"], state["points"], int(state["n_drawn"])
        if rows.ndim != 2 or rows.shape[1] != 7 or points.ndim != 2 or points.shape[1] != 2:
            raise ValueError("other shapes")
        counts = rows[:, 6].astype(np.int64)
        if len(rows) > MAX_STROKES or counts.sum() != len(points) or len(points) > MAX_POINTS:
            raise ValueError("other counts")
        values, first = [], 0
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            places = points[first : first + count].ravel().tolist()
            values.append([TOOLS[int(row[0])], round(row[1], N_DIGITS), row[2:5], row[5] > 0, places])
            first += count
        return from_json(values), min(max(n_drawn, 0), len(values))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise UserError(N_("This saved drawing cannot be read.")) from error


def ends_of_frames(drawing: Sequence[DrawStroke], n_most: int) -> list[int]:
    """After how many strokes the frames of a replay are shown: after each, or after some where that is too often."""
    n = len(drawing)
    if n <= n_most:
        return list(range(1, n + 1)) or [0]
    return [round((index + 1) * n / n_most) for index in range(n_most)]
