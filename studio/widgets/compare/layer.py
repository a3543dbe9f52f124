"""A picture that is resampled once for the size at which it is drawn, and painted from then on."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from studio.widgets.theme import theme
from studio.widgets.views.picture import scaled_image


class Layer:
    """One picture, empty at first."""

    def __init__(self) -> None:
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What it shows: (H, W) or (H, W, 3) uint8."""
        return self._pixels

    def show(self, pixels: NDArray[np.uint8] | None) -> None:
        """Take another picture; the same array again costs nothing."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._image = QImage()

    def fitted(self, room: QRectF) -> QRectF:
        """The largest rectangle in the shape of the picture, centred in `room`."""
        n_rows, n_columns = (1, 1) if self._pixels is None else self._pixels.shape[:2]
        scale = min(room.width() / n_columns, room.height() / n_rows)
        width, height = max(1, round(n_columns * scale)), max(1, round(n_rows * scale))
        left, top = room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2
        return QRectF(round(left), round(top), width, height)

    def paint(self, painter: QPainter, rect: QRectF, ratio: float) -> None:
        """Draw the picture into `rect` with rounded corners; `ratio` is device pixels per unit."""
        if self._pixels is None:
            return
        width_px, height_px = round(rect.width() * ratio), round(rect.height() * ratio)
        if (self._image.width(), self._image.height()) != (width_px, height_px):
            self._image = scaled_image(self._pixels, width_px, height_px)
        brush = QBrush(self._image)
        scale = QTransform.fromScale(1 / ratio, 1 / ratio)
        brush.setTransform(scale * QTransform.fromTranslate(rect.x(), rect.y()))
        painter.setBrush(brush)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        radius = theme().size.radius
        painter.drawRoundedRect(rect, radius, radius)
