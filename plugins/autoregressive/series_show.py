"""Shows what a forecast is: the draft under a hand, else the frame at the playhead, with its figures and words."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.core.text import N_, translate

from .series_caption import describe, figure_rows, lead, term
from .series_view import SeriesView

if TYPE_CHECKING:
    from .series_panel import SeriesPanel


class SeriesShow(QObject):
    """One panel's view of what is at the playhead, or under the hand."""

    def __init__(self, panel: "SeriesPanel") -> None:
        super().__init__(panel)
        self._panel = panel

    def redraw(self) -> None:
        """Show what there is."""
        panel, scene, view = self._panel, self._panel.editor.scene, self._view()
        if view is None:
            self._show_foreign()
            return
        panel.canvas.show_view(view)
        panel.figures.show_rows(figure_rows(view), bool(scene.edits or scene.pins))
        panel.frame.caption.set_lead(lead(view))
        panel.frame.caption.set_text(describe(view), translate(term(str(panel.handle.source.card.get("kind")))))

    def _view(self) -> SeriesView | None:
        panel, scene, line = self._panel, self._panel.editor.scene, self._panel.line
        if line is not None and (panel.editor.is_in_gesture or panel.runs.is_awaited):
            known, ahead = scene.n_known(line), scene.horizon(line)
            return SeriesView(line, known, ahead, panel.draft, scene.edits, scene.pins, scene.n_shown, is_draft=True)
        seen = panel.seen
        if seen is None:
            return None
        is_present = line is not None and seen.line.about == line.about
        edits, pins = (scene.edits, scene.pins) if is_present else ({}, {})
        return SeriesView(seen.line, seen.n_known, seen.fan.horizon, seen.fan, edits, pins, scene.n_shown)

    def _show_foreign(self) -> None:
        """A training or another model made what is at the playhead."""
        if self._panel.shown is not None:
            self._panel.canvas.show_view(None)
            words = N_("This is no forecast. Choose a series to come back to one.")
            self._panel.frame.caption.set_text(translate(words))
