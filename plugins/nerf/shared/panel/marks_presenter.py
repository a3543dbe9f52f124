"""Marks places of a scene with a click, and draws the marks over it while one walks around."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.api.panel import SceneView, hue_of, theme
from studio.core.translation import N_

from ..marks import MOST_NOTES, Marks, Note, Point, length_words
from .editor import ViewEditor
from .marks_section import MarksSection
from .navigation_input import NavigationInput

_DOT_PX: Final = 4.0
_PADDING_PX: Final = (8, 3)
_HIDDEN: Final = 0.35
"""How opaque a mark is that something stands in front of."""
_SLACK: Final = 0.03
"""Of its distance; a mark that lies on a surface is not hidden by it."""

DistanceAt = Callable[[float, float], float | None]


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

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        marks = self._marks
        points = [*marks.ruler, *(note.point for note in marks.notes)]
        if not points:
            return
        camera = self._editor.scene.camera
        places, depths = camera.project(np.array(points), rect.width(), rect.height())
        away = np.linalg.norm(np.array(points) - camera.eye, axis=1)
        words = ["", *([length_words(marks.length, marks.metres)] * (len(marks.ruler) - 1))][: len(marks.ruler)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("small"))
        if len(marks.ruler) == 2 and (depths[:2] > 0).all():
            painter.setPen(QPen(QColor(hue_of(self._canvas).fill), 2))
            painter.drawLine(QPointF(*map(float, places[0])), QPointF(*map(float, places[1])))
        for place, depth, distance, text in zip(
            places, depths, away, [*words, *(note.words for note in marks.notes)], strict=True
        ):
            if depth > 0:
                self._paint_mark(painter, QPointF(*map(float, place)), float(distance), text)
        painter.restore()

    def _paint_mark(self, painter: QPainter, place: QPointF, distance: float, text: str) -> None:
        surface = self._distance_at(place.x(), place.y())
        painter.setOpacity(_HIDDEN if surface is not None and surface < distance * (1 - _SLACK) else 1.0)
        painter.setPen(QPen(QColor(theme().colour.card), 1))
        painter.setBrush(QColor(hue_of(self._canvas).fill))
        painter.drawEllipse(place, _DOT_PX, _DOT_PX)
        if not text:
            return
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self._canvas.width() // 3)
        size = metrics.horizontalAdvance(shown) + 2 * _PADDING_PX[0], metrics.height() + 2 * _PADDING_PX[1]
        box = QRectF(place.x() + 2 * _DOT_PX, place.y() - size[1] / 2, *size)
        painter.setPen(QPen(QColor(theme().colour.control_border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
