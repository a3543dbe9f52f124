"""Every change that a person can make to a picture and its settings, as steps of undo; one stroke is one step."""

import random
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject

from studio.api.gesture import GestureEditor
from studio.api.panel import UndoStack
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.params import MAX_ENDINGS
from ..scene import Mask, PixelScene, PixelSheet

TITLES: Final = {"erase": N_("Erase"), "draw": N_("Draw"), "keep": N_("Keep")}


class PixelEditor(GestureEditor[PixelScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("tool", "shape", "shown")

    def __init__(self, scene: PixelScene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(scene, undo, parent)
        self._before_stroke: PixelScene | None = None
        self._stroke_base: PixelSheet | None = None
        self._tool = "erase"

    def _return(self, scene: PixelScene) -> None:
        """Undo or redo: a stroke that is under way is given up."""
        self._before_stroke = None
        super()._return(scene)

    def take(
        self,
        title: str,
        sheet: PixelSheet,
        example: int | None = None,
        merge_key: str | None = None,
        place: int | None = None,
    ) -> None:
        """Go on with another picture, with a pixel of it marked."""
        self.apply(title, replace(self.scene, sheet=sheet, example=example, place=place), merge_key)

    def surprise(self) -> None:
        """Take a new seed."""
        self.set_params(N_("New seed"), seed=_new_seed())

    def begin_anew(self, title: str, sheet: PixelSheet) -> None:
        """Another sheet, and a new seed for what is drawn on it."""
        scene = self.scene.with_params(seed=_new_seed())
        self.apply(title, replace(scene, sheet=sheet, example=None, place=None))

    # Strokes

    def begin_stroke(self, tool: str, base: PixelSheet | None) -> None:
        """From here on everything is one stroke of a tool, on `base` where that is given."""
        self._before_stroke, self._tool = self.scene, tool
        if base is not None:
            self.adopt(replace(self.scene, sheet=base))
        self._stroke_base = self.scene.sheet

    def touch(self, mask: Mask, shown: PixelSheet, pen_level: int) -> None:
        """Touch these pixels (H, W) with the tool, all of the stroke unless that is a brush's.

        `shown.is_erased` says which of those shown are not there yet.
        """
        if self._before_stroke is None:
            return
        self._undo.touch()
        sheet = (self.scene.sheet if self.scene.shape == "brush" else self._stroke_base) or shown
        values, is_erased = sheet.values.copy(), sheet.is_erased.copy()
        if self._tool == "erase":
            is_erased |= mask
        elif self._tool == "draw":
            values[mask], is_erased[mask] = pen_level, False
        else:
            kept = mask & ~shown.is_erased
            values[kept], is_erased[kept] = shown.values[kept], False
        touched, before = PixelSheet(values, is_erased), self._before_stroke
        if touched.is_like(self._stroke_base or shown):  # nothing, or nothing any more
            self.adopt(replace(self.scene, sheet=self._stroke_base, example=before.example))
        else:
            example = None if self._tool == "draw" else before.example
            self.adopt(replace(self.scene, sheet=touched, example=example))

    def end_stroke(self) -> None:
        """The stroke is a step of undo, and what is erased is drawn anew."""
        before, self._before_stroke = self._before_stroke, None
        if before is None:
            return
        if self.scene.sheet is self._stroke_base:  # nothing was touched
            self.adopt(before)
            self.changed.emit(before)
            return
        after, title = self.scene, TITLES[self._tool]
        self.changed.emit(before)
        self._push(title, before, after)

    def cancel_stroke(self) -> None:
        """Take the stroke back before it is one."""
        before, self._before_stroke = self._before_stroke, None
        if before is not None:
            self.show(before)


def _new_seed() -> int:
    return random.randrange(1, MAX_SEED - MAX_ENDINGS)
