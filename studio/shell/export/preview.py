"""Plays what a file will show, and lets its picture be dragged out of the window."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QDrag, QHideEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from studio.core.translation import _
from studio.widgets.theme import theme
from studio.widgets.views.picture import image_from_array

SIDE_PX: Final = 300
_DRAWN: Final = QSize(2 * SIDE_PX, 2 * SIDE_PX)  # twice as large as shown, so that text stays smooth
_DRAGGED_PX: Final = 96
_SQUARE_PX: Final = 8  # of the pattern behind what is transparent
_MIN_INTERVAL_MS: Final = 15

ByteArray = NDArray[np.uint8]


class ExportPreview(QWidget):
    """Shows pictures in turn, at the speed of the file; `drag_path` is the PNG that is dragged out, if there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_preview")
        self.setAccessibleName(_("Preview"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.drag_path: Path | None = None
        self.index = 0
        self._images: list[QImage] = []
        self._is_looped = True
        self._pressed_at: QPoint | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    def sizeHint(self) -> QSize:
        """A square that does not move while settings change."""
        return QSize(SIDE_PX, SIDE_PX)

    def show_pictures(self, pictures: Sequence[ByteArray]) -> None:
        """Show these pictures, as far as they are there."""
        known = len(self._images) if self._images and len(self._images) <= len(pictures) else 0
        self._images = self._images[:known] + [image_from_array(picture) for picture in pictures[known:]]
        self.index = min(self.index, max(0, len(self._images) - 1))
        self.update()

    def show_drawing(self, svg: str) -> None:
        """Show an SVG drawing."""
        renderer = QSvgRenderer(svg.encode())
        size = renderer.defaultSize().scaled(_DRAWN, Qt.AspectRatioMode.KeepAspectRatio)
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        self._images = [image]
        self.update()

    def clear(self) -> None:
        """Show nothing until the next picture."""
        self._timer.stop()
        self._images = []
        self.index = 0

    def play(self, duration_s: float, is_looped: bool) -> None:
        """Play the pictures in `duration_s`, again and again where the file does so."""
        self._is_looped = is_looped
        self._timer.stop()
        if len(self._images) > 1:
            self._timer.start(max(_MIN_INTERVAL_MS, round(1000 * duration_s / len(self._images))))

    @property
    def is_playing(self) -> bool:
        """Whether pictures follow each other."""
        return self._timer.isActive()

    @property
    def n_pictures(self) -> int:
        """How many pictures there are."""
        return len(self._images)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        self._timer.stop()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin here."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture out once the pointer has gone far enough."""
        if self._pressed_at is None or self.drag_path is None:
            return
        way = event.position().toPoint() - self._pressed_at
        if way.manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self.start_drag(self.drag_path)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It was only a click."""
        self._pressed_at = None

    def start_drag(self, path: Path) -> None:
        """Hand the PNG to whatever window the pointer goes to."""
        drag = QDrag(self)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        drag.setMimeData(mime)
        pixmap = QPixmap(str(path))
        drag.setPixmap(pixmap.scaled(_DRAGGED_PX, _DRAGGED_PX, Qt.AspectRatioMode.KeepAspectRatio))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture as large as fits, on squares where it is transparent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour = theme().colour
        painter.setPen(QPen(QColor(colour.border), 1))
        painter.setBrush(QColor(colour.canvas))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if not self._images:
            return
        image = self._images[self.index]
        rect = self._fitted(image)
        if image.hasAlphaChannel():
            _draw_squares(painter, rect)
        painter.drawImage(rect, image)

    def _fitted(self, image: QImage) -> QRectF:
        room = theme().size.grid * 3
        scale = min((self.width() - 2 * room) / image.width(), (self.height() - 2 * room) / image.height())
        width, height = max(1.0, image.width() * scale), max(1.0, image.height() * scale)
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _on_timeout(self) -> None:
        if self.index + 1 < len(self._images):
            self.index += 1
        elif self._is_looped:
            self.index = 0
        else:
            self._timer.stop()
        self.update()


def _draw_squares(painter: QPainter, rect: QRectF) -> None:
    painter.fillRect(rect, QColor("#ffffff"))
    for row in range(int(rect.height() / _SQUARE_PX) + 1):
        for column in range(row % 2, int(rect.width() / _SQUARE_PX) + 1, 2):
            square = QRectF(rect.x() + column * _SQUARE_PX, rect.y() + row * _SQUARE_PX, _SQUARE_PX, _SQUARE_PX)
            painter.fillRect(square & rect, QColor("#dcdfe4"))
