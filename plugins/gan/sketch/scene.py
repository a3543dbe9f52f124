"""What the Draw panel's person has set: the drawing, or the example that it is, and the tool in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from studio.core.scene_codec import SceneCodec, Stored, flag, number, one_of, row, settings, stored, whole

from ..shared.params import example_param
from .state import TOOLS, WIDTH_RANGE, Colour, Drawing, DrawStroke, Point, from_json, to_json

WIDTHS: Final = {"pen": 2.0, "eraser": 6.0, "colour": 5.0}
"""How wide each tool is at first; what is filled has no width."""
FIRST_COLOUR: Final = (248, 49, 47)
_WIDTH: Final = number(*WIDTH_RANGE)


@dataclass(frozen=True)
class SketchParams:
    """Which example to paint; an outline of one's own is in a frame's state."""

    seed: int = example_param()


@dataclass(frozen=True)
class DrawnOutline:
    """What is on the sheet.

    Attributes:
        drawing: None while the example's strokes are not known here yet.
        is_own: whether it is more than the example.
    """

    drawing: Drawing | None = None
    is_own: bool = False


def _written(outline: DrawnOutline) -> list[Any] | None:
    """The strokes of a person's own drawing; of an example only its seed is told."""
    return to_json(outline.drawing or ()) if outline.is_own else None


def _outline(values: Any) -> DrawnOutline:
    return DrawnOutline() if values is None else DrawnOutline(from_json(values), True)


def _widths(values: Any) -> dict[str, float]:
    if set(values) != set(WIDTHS):
        raise ValueError(values)
    return {name: _WIDTH.read(width) for name, width in values.items()}


@dataclass(frozen=True)
class DrawScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: the settings; of them the seed says which example is shown.
        outline: what is on the sheet.
        tool: the one in hand. widths: of each that has one.
        colour: that of dabs and fills.
        is_mirrored: whether strokes are drawn on both sides.
    """

    params: SketchParams = stored(settings(SketchParams), default_factory=SketchParams)
    outline: DrawnOutline = stored(Stored(_written, _outline), key="strokes", default=DrawnOutline())
    tool: str = stored(one_of(TOOLS), default="pen")
    widths: Mapping[str, float] = stored(Stored(dict, _widths), default_factory=lambda: dict(WIDTHS))
    colour: Colour = stored(row(whole(0, 255), 3, 3), default=FIRST_COLOUR)
    is_mirrored: bool = stored(flag(), default=False)

    @property
    def drawing(self) -> Drawing | None:
        """What is on the sheet; None while the example's strokes are not known here yet."""
        return self.outline.drawing

    @property
    def is_own(self) -> bool:
        """Whether it is more than the example."""
        return self.outline.is_own

    @property
    def strokes(self) -> Drawing:
        """The drawing as far as it is known."""
        return self.drawing or ()

    def drawn(self, drawing: Drawing) -> "DrawScene":
        """The same with a drawing of the person's own."""
        return replace(self, outline=DrawnOutline(drawing, True))

    def known(self, drawing: Drawing) -> "DrawScene":
        """The same with the strokes of its example."""
        return replace(self, outline=DrawnOutline(drawing))

    def replayed(self, drawing: Drawing, n_drawn: int) -> "DrawScene":
        """The same with so many strokes of a drawing; all those of its example stay the example."""
        is_example = n_drawn == len(drawing) and not self.is_own and self.drawing == drawing
        return self if is_example else self.drawn(drawing[:n_drawn])

    def anew(self, params: SketchParams) -> "DrawScene":
        """The same with the example of these settings, whose strokes follow."""
        return replace(self, params=params, outline=DrawnOutline())

    def example(self, seed: int) -> "DrawScene":
        """The same with the example of a seed."""
        return self.anew(replace(self.params, seed=seed))

    def stroke(self, tool: str, point: Point) -> DrawStroke:
        """The beginning of a stroke."""
        return DrawStroke(tool, (point,), self.widths.get(tool, 1.0), self.colour, self.is_mirrored)


CODEC: Final = SceneCodec(DrawScene)
