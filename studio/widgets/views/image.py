"""Shows a picture of pixels, centred and kept in shape, with rounded corners."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from studio.core.translation import _
from studio.widgets.theme import theme
from studio.widgets.views.canvas import InteractiveCanvas, draw_card
from studio.widgets.views.picture import image_from_array, scaled_image

_ROOM_SHARE: Final = 0.92  # a picture needs air around it


class ImageView(InteractiveCanvas):
    """One picture. Signals: those of InteractiveCanvas."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._drawn_px: tuple[int, int] | None = None
        self.setObjectName("image_view")
        self.setAccessibleName(_("Picture"))
        self.setAccessibleDescription(_("Drag, scroll or press the arrow keys to change it. Double-click to reset it."))

    def show_array(self, pixels: NDArray[np.uint8]) -> None:
        """Show grey (H, W), RGB (H, W, 3) or RGBA (H, W, 4) uint8 pixels; the view keeps a copy."""
        image_from_array(pixels[:1, :1])  # refuses what is no picture before the next paint does
        before = self.content_rect()
        self._pixels = pixels.copy()
        self._drawn_px = None
        self.update_content(before)

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What is shown, None before the first picture; not to be changed."""
        return self._pixels

    def content_rect(self) -> QRectF:
        """The largest rectangle in the shape of the picture, centred, with air around it."""
        n_rows, n_columns = (1, 1) if self._pixels is None else self._pixels.shape[:2]
        scale = min(self.width() * _ROOM_SHARE / n_columns, self.height() * _ROOM_SHARE / n_rows)
        width, height = max(1, round(n_columns * scale)), max(1, round(n_rows * scale))
        return QRectF((self.width() - width) // 2, (self.height() - height) // 2, width, height)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the picture at the resolution of the screen."""
        is_opaque = self._pixels is not None and (self._pixels.ndim == 2 or self._pixels.shape[2] == 3)
        if not is_opaque:  # else the picture covers all of it
            draw_card(painter, rect, theme().colour.paper)
        if self._pixels is None:
            return
        ratio = self.devicePixelRatioF()
        size_px = (round(rect.width() * ratio), round(rect.height() * ratio))
        if size_px != self._drawn_px:
            self._image = scaled_image(self._pixels, *size_px)
            self._drawn_px = size_px
        brush = QBrush(self._image)
        brush.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio) * QTransform.fromTranslate(rect.x(), rect.y()))
        painter.setBrush(brush)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        radius = theme().size.radius_picture
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
