"""What a hand does on the picture: strokes of a tool, a look at a pixel, another brightness for it."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from studio.core.text import N_

from .pixel_scene import BRUSH_RANGE_PX, BRUSH_STEP_PX, Mask, Sheet

if TYPE_CHECKING:
    from .pixel_panel import PixelPanel


class PixelTools(QObject):
    """One panel's tools."""

    def __init__(self, panel: "PixelPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._base: Sheet | None = None
        canvas = panel.stage.canvas
        canvas.pixel_chosen.connect(self.look_at)
        canvas.stroke_begun.connect(self._on_stroke_begun)
        canvas.stroke_touched.connect(self._on_touched)
        canvas.stroke_ended.connect(panel.editor.end_stroke)
        canvas.stroke_cancelled.connect(panel.editor.cancel_stroke)
        canvas.brush_scaled.connect(self._on_brush_scaled)
        panel.brush.changed.connect(self._on_brush_changed)
        panel.next.level_chosen.connect(self.set_level)

    def take(self, tool: str) -> None:
        """Take a tool in hand."""
        self._panel.editor.set_view(tool=tool)

    def look_at(self, place: int) -> None:
        """Mark a pixel."""
        panel = self._panel
        if panel.seen is None:  # a picture of a training has no pixels of a run
            return
        panel.deck.pause_run()
        panel.editor.set_view(place=place)

    def set_level(self, level: int) -> None:
        """Give the marked pixel another brightness; the drawn pixels behind it follow anew."""
        panel, seen = self._panel, self._panel.seen
        if seen is None or panel.about is None:
            return
        place = panel.show_desk.place
        if place is None or not 0 <= level < panel.about.n_levels:
            return
        row, column = divmod(place, seen.side)
        values = seen.values[panel.ending].copy()
        values[row, column] = level
        is_behind = np.arange(seen.n_places).reshape(values.shape) > place
        drawn = is_behind & ~seen.kept
        follows = drawn if drawn.any() else is_behind  # of a picture that is all a person's own, everything
        panel.editor.take(N_("Brightness of a pixel"), Sheet(values, follows), None, "level", place)

    def _on_brush_changed(self, name: str, value: object) -> None:
        if name in ("tool", "shape"):
            self._panel.editor.set_view(**{name: value})
        else:
            self._panel.editor.set_field(N_("Brush"), name, value)

    def _on_brush_scaled(self, steps: int) -> None:
        editor = self._panel.editor
        low, high = BRUSH_RANGE_PX
        editor.set_field(N_("Brush"), "brush_px", min(max(editor.scene.brush_px + BRUSH_STEP_PX * steps, low), high))

    def _on_stroke_begun(self, is_erasing: bool) -> None:
        panel, seen = self._panel, self._panel.seen
        panel.deck.pause_run()
        tool = "erase" if is_erasing else panel.editor.scene.tool
        self._base = None if seen is None else seen.sheet(panel.ending)
        is_whole = seen is not None and seen.is_whole and tool != "keep"
        panel.editor.begin_stroke(tool, self._base if is_whole else None)

    def _on_touched(self, mask: Mask) -> None:
        panel = self._panel
        if self._base is None or panel.about is None:
            return
        level = round(panel.editor.scene.level * (panel.about.n_levels - 1))
        panel.editor.touch(mask, self._base, level)
        panel.show_desk.show_sheet(panel.editor.scene.sheet)
