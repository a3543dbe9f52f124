"""Draws the cameras of the training photos over the canvas, each a small pyramid with its photo, and takes clicks."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from studio.api.panel import hue_of, theme

from ...shared.camera.ray import FloatArray

N_CORNERS: Final = 5
_EYE_HIT_PX: Final = 7.0
_THIN_PX: Final = 3.0  # a photo seen from its edge is a line
_EDGES: Final = ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1))
_LABEL_PX: Final = (8, 3)


class Frusta(QObject):
    """Pyramids on the canvas `owner`, which paints them and passes its pointer on.

    Signals:
        photo_clicked(index): the person wants to see the scene from this photo.
        changed(): something is to be painted anew.
    """

    photo_clicked = Signal(int)
    changed = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self._corners: FloatArray = np.zeros((0, N_CORNERS, 2), np.float32)
        self._depths: FloatArray = np.zeros(0, np.float32)
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._hovered = -1
        self._current = -1

    @property
    def hovered(self) -> int:
        """The photo under the pointer, -1 for none."""
        return self._hovered

    def set_photos(self, images: Sequence[QImage], names: Sequence[str]) -> None:
        """Show these photos; an image may be a null one as long as it is not read."""
        self._images, self._names = list(images), tuple(names)
        self._hovered = self._current = -1
        self.set_corners(np.full((len(self._images), N_CORNERS, 2), np.nan, np.float32), np.zeros(len(self._images)))

    def set_image(self, index: int, image: QImage) -> None:
        """A photo has been read."""
        self._images[index] = image
        self.changed.emit()

    def set_corners(self, corners: npt.ArrayLike, depths: npt.ArrayLike) -> None:
        """Say where the pyramids are now.

        Args:
            corners: (N, 5, 2), in the canvas's device-independent pixels: the eye, then upper left, upper right, lower
                right and lower left of the photo; NaN where it is behind the viewer, which hides the pyramid.
            depths: (N,), how far each is from the viewer.
        """
        self._corners = np.asarray(corners, np.float32)
        self._depths = np.asarray(depths, np.float32)
        is_seen = np.asarray(np.isfinite(self._corners).all((1, 2)))
        order = np.argsort(-self._depths, kind="stable")
        self._order = order[is_seen[order]]
        self.changed.emit()

    def set_current(self, index: int) -> None:
        """Mark the photo that is looked through; -1 for none."""
        if index != self._current:
            self._current = index
            self.changed.emit()

    # The pointer

    def index_at(self, position: QPointF) -> int:
        """The nearest pyramid whose photo or eye is under the pointer; -1 for none."""
        x, y = position.x(), position.y()
        for index in self._order[::-1]:
            corners = self._corners[index]
            if np.hypot(corners[0, 0] - x, corners[0, 1] - y) <= _EYE_HIT_PX:
                return int(index)
            if _polygon(corners[1:]).containsPoint(position, Qt.FillRule.OddEvenFill):
                return int(index)
        return -1

    def point_at(self, position: QPointF | None) -> bool:
        """Tell where the pointer is, None where it left; says whether it is on a photo."""
        index = -1 if position is None else self.index_at(position)
        if index != self._hovered:
            self._hovered = index
            self.changed.emit()
        return index >= 0

    def click(self, position: QPointF) -> bool:
        """Take a click; says whether it was meant for a photo."""
        index = self.index_at(position)
        if index >= 0:
            self.photo_clicked.emit(index)
        return index >= 0

    # Painting

    def paint(self, painter: QPainter) -> None:
        """Draw them all, the farthest first, the one under the pointer last and with its name."""
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for index in self._order:
            if index not in (self._hovered, self._current):
                self._paint_one(painter, int(index))
        for index in {self._current, self._hovered} - {-1}:
            if index in self._order:
                self._paint_one(painter, index, is_marked=True)
        if self._hovered in self._order:
            self._paint_name(painter, self._hovered)
        painter.restore()

    def _paint_one(self, painter: QPainter, index: int, is_marked: bool = False) -> None:
        corners = self._corners[index]
        image = self._images[index]
        if not image.isNull():
            self._paint_photo(painter, image, corners[1:], 1.0 if is_marked else 0.75)
        points = [QPointF(*map(float, corner)) for corner in corners]
        lines = [QLineF(points[start], points[end]) for start, end in _EDGES]
        painter.setPen(QPen(QColor(hue_of(self._owner).fill), 2) if is_marked else QColor(theme().colour.text_muted))
        painter.drawLines(lines)

    def _paint_photo(self, painter: QPainter, image: QImage, corners: FloatArray, opacity: float) -> None:
        """The photo in perspective; seen from its edge it has no room."""
        whole = QPolygonF(QRectF(image.rect()))
        whole.pop_back()  # a polygon of a rectangle is closed
        place = _polygon(corners)
        bounds = place.boundingRect()
        transform = QTransform.quadToQuad(whole, place)
        if min(bounds.width(), bounds.height()) < _THIN_PX or not isinstance(transform, QTransform):
            return
        painter.save()
        painter.setOpacity(opacity)
        painter.setTransform(transform, True)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _paint_name(self, painter: QPainter, index: int) -> None:
        painter.setFont(theme().font("small"))
        metrics, text = painter.fontMetrics(), self._names[index]
        top = _polygon(self._corners[index][1:]).boundingRect()
        width, height = metrics.horizontalAdvance(text) + 2 * _LABEL_PX[0], metrics.height() + 2 * _LABEL_PX[1]
        box = QRectF(top.center().x() - width / 2, top.top() - height - 6, width, height)
        if box.top() < 0:
            box.moveTop(top.bottom() + 6)
        painter.setPen(QPen(QColor(theme().colour.control_border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _polygon(corners: FloatArray) -> QPolygonF:
    return QPolygonF([QPointF(float(x), float(y)) for x, y in corners])
