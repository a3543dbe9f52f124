"""The face that is described, lit where a word looked, and the small faces to choose from."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from studio.api.panel import DrawnItems, ImageView, clipped, hue_of, image_from_array, rounded, theme
from studio.core.translation import _
from studio.core.view import ByteArray

from ..view_model import Heat, lit

N_ALONG: Final = 8
_GAP_PX: Final = 4
_LEAST_PX: Final = 200
_WAYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -N_ALONG, Qt.Key.Key_Down: N_ALONG}


class FaceView(ImageView):
    """Signals: pointed(row, column): the share of the height and width where the pointer is, -1 where it is away."""

    pointed = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("describe_face")
        self.setAccessibleName(_("The face"))
        self.setAccessibleDescription(_("Point at a part of it to see which words looked there."))
        self.setMinimumSize(_LEAST_PX, _LEAST_PX)
        self.setMouseTracking(True)
        self._shown: tuple[ByteArray, Heat | None] | None = None

    def show_face(self, picture: ByteArray, heat: Heat | None) -> None:
        """Show a face, lit by heat (n, n) where there is some. Emits nothing."""
        before = self._shown
        if before is not None and before[0] is picture and before[1] is heat:
            return
        self._shown = picture, heat
        colour = QColor(hue_of(self).fill)
        self.show_array(lit(picture, heat, (colour.red(), colour.green(), colour.blue())))

    @property
    def heat(self) -> Heat | None:
        """What lights the face; None for nothing."""
        return None if self._shown is None else self._shown[1]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say where the pointer is."""
        rect, at = self.content_rect(), event.position()
        if rect.contains(at):
            self.pointed.emit((at.y() - rect.y()) / rect.height(), (at.x() - rect.x()) / rect.width())
        else:
            self.pointed.emit(-1.0, -1.0)

    def leaveEvent(self, event: QEvent) -> None:
        """It is away."""
        self.pointed.emit(-1.0, -1.0)


class FaceGrid(DrawnItems):
    """The faces that come along. Signals: chosen(index)."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("describe_faces")
        self.setAccessibleName(_("Faces that the model never saw while it learnt"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._images: list[QImage] = []
        self._current = -1

    def set_faces(self, faces: Sequence[ByteArray]) -> None:
        """Offer these. Emits nothing."""
        self._images = [image_from_array(np.ascontiguousarray(face)) for face in faces]
        self.updateGeometry()
        self.update()

    def set_current(self, index: int) -> None:
        """Mark one, -1 for none. Emits nothing."""
        self._current = index
        text = _("{n} of {all}").format(n=index + 1, all=len(self._images)) if index >= 0 else ""
        self.setAccessibleDescription(text)
        self.update()

    def heightForWidth(self, width: int) -> int:
        """As many rows as there are."""
        return round(self._n_rows * (self._side(width) + _GAP_PX))

    def sizeHint(self) -> QSize:
        """As wide as the inspector."""
        return QSize(308, self.heightForWidth(308))

    def rect_of(self, index: int) -> QRectF:
        """Where a face is."""
        side = min(self._side(self.width()), self.height() / self._n_rows - _GAP_PX)
        row, column = divmod(index, N_ALONG)
        return QRectF(column * (side + _GAP_PX) + 1, row * (side + _GAP_PX) + 1, side - 2, side - 2)

    def item_at(self, at: QPointF) -> int:
        """The face at a place."""
        return next((index for index in range(len(self._images)) if self.rect_of(index).contains(at)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the face under the pointer."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from face to face."""
        step = _WAYS.get(Qt.Key(event.key()))
        if step is None or not self._images:
            super().keyPressEvent(event)
            return
        target = min(max(self._current + step, 0), len(self._images) - 1)
        if target != self._current:
            self.chosen.emit(target)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all faces, and a ring around the one on show."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        radius = theme().size.radius_small
        for index, image in enumerate(self._images):
            rect = self.rect_of(index)
            with clipped(painter, rounded(rect, radius)):
                painter.drawImage(rect, image)
            is_current = index == self._current
            ring = theme().colour.focus if self.hasFocus() else hue_of(self).fill
            is_lit = is_current or index == self._hovered
            painter.setPen(QPen(QColor(ring if is_lit else theme().colour.border), 2 if is_current else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, radius, radius)

    @property
    def _n_rows(self) -> int:
        return max(1, -(-len(self._images) // N_ALONG))

    def _side(self, width: int) -> float:
        return (width + _GAP_PX) / N_ALONG - _GAP_PX
