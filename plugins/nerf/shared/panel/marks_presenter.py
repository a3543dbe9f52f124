"""Marks places of a scene with a click, and draws the marks over it while one walks around."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QPainter

from studio.api.panel import SceneView, hue_of
from studio.core.translation import N_

from ..marks import MOST_NOTES, Marks, Note, Point
from .editor import ViewEditor
from .marks_painting import DistanceAt, MarksPainter, marks_painter
from .marks_section import MarksSection
from .navigation_input import NavigationInput


class MarksPresenter(QObject):
    """Joins the section to the scene and to the canvas; `distance_at` says how far the surface at a pixel is."""

    def __init__(
        self,
        section: MarksSection,
        canvas: SceneView,
        editor: ViewEditor[Any],
        hand: NavigationInput,
        distance_at: DistanceAt,
    ) -> None:
        super().__init__(canvas)
        self._section, self._canvas, self._editor, self._hand = section, canvas, editor, hand
        self._distance_at = distance_at
        self._tool = "off"
        hand.clicked.connect(self._on_clicked)
        canvas.overlays.append(self._paint)
        section.tool_changed.connect(self._hold)
        section.length_typed.connect(self._on_length_typed)
        section.back_asked.connect(self._take_note_back)
        section.clear_asked.connect(lambda: self._apply(N_("Clear the marks"), Marks(metres=self._marks.metres)))

    @property
    def _marks(self) -> Marks:
        marks: Marks = self._editor.scene.marks
        return marks

    def show_scene(self, marks: Marks) -> None:
        """Let the controls say what is marked, and the canvas show it."""
        self._section.show_marks(marks)
        self._canvas.update()

    def _hold(self, tool: str) -> None:
        self._tool = tool
        self._section.show_tool(tool)

    def _apply(self, title: str, marks: Marks) -> None:
        self._editor.apply(title, replace(self._editor.scene, marks=marks))

    def _on_clicked(self, x_px: float, y_px: float) -> None:
        distance = None if self._tool == "off" else self._distance_at(x_px, y_px)
        if distance is None:
            return
        self.mark(self._hand.navigator.point_under(x_px, y_px, distance))

    def mark(self, point: Point) -> None:
        """Do with a place of the world what the tool in hand does."""
        marks = self._marks
        if self._tool == "ruler":
            ruler = (*marks.ruler, point) if len(marks.ruler) == 1 else (point,)
            self._apply(N_("Measure"), replace(marks, ruler=ruler))
        elif len(marks.notes) < MOST_NOTES:
            words = self._section.note.text().strip() or str(len(marks.notes) + 1)
            self._apply(N_("Pin a note"), replace(marks, notes=(*marks.notes, Note(point, words))))

    def _on_length_typed(self, metres: float) -> None:
        marks = self._marks
        if marks.length and metres > 0:
            self._apply(N_("Scale of the scene"), replace(marks, metres=metres / marks.length))

    def _take_note_back(self) -> None:
        self._apply(N_("Remove a note"), replace(self._marks, notes=self._marks.notes[:-1]))

    # Painting

    def painter(self) -> MarksPainter | None:
        """What paints the marks into pictures that are saved; None where there are none, or nobody wants them there."""
        marks = self._marks
        is_wanted = (marks.notes or marks.ruler) and self._section.saved.isChecked()
        return marks_painter(marks, hue_of(self._canvas).fill) if is_wanted else None

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        size, camera = (rect.width(), rect.height()), self._editor.scene.camera
        marks_painter(self._marks, hue_of(self._canvas).fill).paint(painter, size, camera, self._distance_at)
