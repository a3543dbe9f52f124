"""Every change that a person can make to the drawing, as steps of undo: a stroke is one of them."""

import random
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.gesture import GestureEditor
from studio.api.panel import Step, UndoStack
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import DrawScene
from ..state import WIDTH_RANGE, Colour, Drawing, DrawStroke, has_room, rounded_point

WIDTH_STEP: Final = 1.15
TITLES: Final = {"pen": N_("Draw"), "eraser": N_("Erase"), "colour": N_("Colour hint"), "fill": N_("Fill")}


class DrawEditor(GestureEditor[DrawScene]):
    """Holds the scene and the undo steps that lead to it.

    Signals: beside those of GestureEditor, of which changed(before) comes while a stroke grows too, tool_changed()
    where only what is in hand is another; steered() before a person changes the drawing, so that a run that plays can
    stop; filled_up() when the sheet can take no more strokes.
    """

    tool_changed = Signal()
    steered = Signal()
    filled_up = Signal()

    def __init__(self, undo: UndoStack, parent: QObject) -> None:
        super().__init__(DrawScene(), undo, parent)
        self._before: DrawScene | None = None  # the stroke under way
        self._stroke: DrawStroke | None = None

    @property
    def is_drawing(self) -> bool:
        """Whether a stroke is under way."""
        return self._stroke is not None

    def show(self, scene: DrawScene) -> None:
        """Make `scene` the present one, without an undo step."""
        self._stroke = None
        before, self.scene = self.scene, scene
        self.tool_changed.emit()
        self.changed.emit(before)

    def adopt(self, scene: DrawScene) -> None:
        """Take over what is shown already: nothing is to be painted for it."""
        super().adopt(scene)
        self.tool_changed.emit()

    def apply(self, title: str, scene: DrawScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        self.steered.emit()
        super().apply(title, scene, merge_key)

    # Strokes

    def begin_stroke(self, x: float, y: float, is_erasing: bool = False) -> None:
        """Put the tool in hand, or the eraser, on a place of the sheet."""
        scene = self.scene
        if not has_room(scene.strokes):
            self.filled_up.emit()
            return
        tool = "eraser" if is_erasing else scene.tool
        self.steered.emit()
        self._before = scene
        self._grow(scene.stroke(tool, rounded_point(x, y)))
        if tool == "fill":
            self.end_stroke()

    def extend_stroke(self, x: float, y: float) -> None:
        """Go on to a place."""
        if self._stroke is not None:
            longer = self._stroke.longer((x, y))
            if longer is not self._stroke:
                self._grow(longer)

    def _grow(self, stroke: DrawStroke) -> None:
        assert self._before is not None
        self._undo.touch()
        self._stroke = stroke
        before, self.scene = self.scene, self._before.drawn((*self._before.strokes, stroke))
        self.changed.emit(before)

    def end_stroke(self) -> None:
        """Lift the tool: the stroke is one step."""
        stroke, before = self._stroke, self._before
        if stroke is None or before is None:
            return
        self._stroke = None
        self._push(TITLES[stroke.tool], before, self.scene)
        self.changed.emit(self.scene)

    def cancel_stroke(self) -> None:
        """As if it had not been begun."""
        if self._stroke is not None and self._before is not None:
            self.show(self._before)

    def clear(self) -> None:
        """Take an empty sheet."""
        if self.scene.drawing != ():
            self.apply(N_("Clear"), self.scene.drawn(()))

    def take(self, title: str, drawing: Drawing) -> None:
        """Go on from another drawing."""
        self.apply(title, self.scene.drawn(drawing))

    def go_to_example(self, seed: int) -> None:
        """Show the example outline of a seed."""
        if seed != self.scene.params.seed or self.scene.is_own:
            self.apply(N_("Example"), self.scene.example(seed))

    def surprise(self) -> None:
        """Show any example."""
        self.apply(N_("Surprise"), self.scene.example(random.randrange(MAX_SEED)))

    def reset(self) -> None:
        """Return to the example as it was."""
        self.go_to_example(self.scene.params.seed)

    # What is in hand

    def set_tool(self, tool: str) -> None:
        """Take another tool."""
        self._take(N_("Tool"), replace(self.scene, tool=tool))

    def set_colour(self, colour: Colour) -> None:
        """Take another colour, and what colours with it."""
        tool = self.scene.tool if self.scene.tool in ("colour", "fill") else "colour"
        self._take(N_("Colour"), replace(self.scene, colour=colour, tool=tool))

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Draw on both sides of the middle at once, or on one."""
        self._take(N_("Mirror"), replace(self.scene, is_mirrored=is_mirrored))

    def turn_mirror(self) -> None:
        """Draw on one side where it is on both, and the other way round."""
        self.set_mirrored(not self.scene.is_mirrored)

    def set_width(self, width: float) -> None:
        """Make the tool in hand as wide as that."""
        scene = self.scene
        if scene.tool in scene.widths:
            low, high = WIDTH_RANGE
            widths = {**scene.widths, scene.tool: round(min(max(width, low), high), 2)}
            self._take(N_("Width"), replace(scene, widths=widths), "width")

    def scale_width(self, steps: float) -> None:
        """Make it wider by some notches of a wheel, or narrower."""
        scene = self.scene
        if scene.tool in scene.widths and not self.is_drawing:
            self.set_width(scene.widths[scene.tool] * WIDTH_STEP**steps)

    def _take(self, title: str, scene: DrawScene, merge_key: str | None = None) -> None:
        """Have something else in hand, as a step; the drawing stays as it is then."""
        before = self.scene
        if scene == before:
            return
        self.go_on(merge_key)
        self._hold(scene)
        self._undo.push(Step(title, partial(self._hold, before), partial(self._hold, scene), merge_key))

    def _hold(self, scene: DrawScene) -> None:
        """Take over all of a scene but its drawing, which is the same: what was scrubbed to stays."""
        self.scene = replace(
            self.scene,
            tool=scene.tool,
            widths=scene.widths,
            colour=scene.colour,
            is_mirrored=scene.is_mirrored,
        )
        self.tool_changed.emit()
