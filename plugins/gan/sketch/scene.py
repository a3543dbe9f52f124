"""What the Draw panel's person has set: the drawing, or the example that it is, and the tool in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_

from .params import SketchParams
from .state import TOOLS, WIDTH_RANGE, Colour, Drawing, DrawStroke, Point, from_json, to_json

WIDTHS: Final = {"pen": 2.0, "eraser": 6.0, "colour": 5.0}
"""How wide each tool is at first; what is filled has no width."""
FIRST_COLOUR: Final = (248, 49, 47)
_WRONG: Final = N_("This saved drawing cannot be read.")


@dataclass(frozen=True)
class DrawScene:
    """One state of the panel; never changed, only replaced.

    Attributes:
        params: the settings; of them the seed says which example is shown.
        drawing: None while the example's strokes are not known here yet.
        is_own: whether it is more than the example.
        tool: the one in hand. widths: of each that has one.
        colour: that of dabs and fills.
        is_mirrored: whether strokes are drawn on both sides.
    """

    params: SketchParams = field(default_factory=SketchParams)
    drawing: Drawing | None = None
    is_own: bool = False
    tool: str = "pen"
    widths: Mapping[str, float] = field(default_factory=lambda: dict(WIDTHS))
    colour: Colour = FIRST_COLOUR
    is_mirrored: bool = False

    @property
    def strokes(self) -> Drawing:
        """The drawing as far as it is known."""
        return self.drawing or ()

    def drawn(self, drawing: Drawing) -> "DrawScene":
        """The same with a drawing of the person's own."""
        return replace(self, drawing=drawing, is_own=True)

    def example(self, seed: int) -> "DrawScene":
        """The same with the example of a seed, whose strokes follow."""
        return replace(self, params=replace(self.params, seed=seed), drawing=None, is_own=False)

    def stroke(self, tool: str, point: Point) -> DrawStroke:
        """The beginning of a stroke."""
        return DrawStroke(tool, (point,), self.widths.get(tool, 1.0), self.colour, self.is_mirrored)


def scene_to_json(scene: DrawScene) -> dict[str, Any]:
    """The scene as plain JSON values; of an example only its seed is told."""
    return {
        "params": params_to_json(scene.params),
        "strokes": to_json(scene.strokes) if scene.is_own else None,
        "tool": scene.tool,
        "widths": dict(scene.widths),
        "colour": list(scene.colour),
        "is_mirrored": scene.is_mirrored,
    }


def scene_from_json(values: Any) -> DrawScene:
    """Read a scene; raises UserError where anything is amiss."""
    try:
        if set(values) != set(scene_to_json(DrawScene())):
            raise ValueError(sorted(values))
        red, green, blue = (_bounded(value, 0, 255) for value in values["colour"])
        if values["tool"] not in TOOLS or set(values["widths"]) != set(WIDTHS):
            raise ValueError("no such tool")
        return DrawScene(
            params=saved_params(SketchParams, values["params"]),
            drawing=None if values["strokes"] is None else from_json(values["strokes"]),
            is_own=values["strokes"] is not None,
            tool=values["tool"],
            widths={name: _bounded(width, *WIDTH_RANGE) for name, width in values["widths"].items()},
            colour=(int(red), int(green), int(blue)),
            is_mirrored=bool(values["is_mirrored"]),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(_WRONG) from error


def _bounded(value: Any, low: float, high: float) -> float:
    number = float(value)
    if not low <= number <= high:
        raise ValueError(value)
    return number
