"""The colours over the picture on the canvas that say where the network looked at a word."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import AMOUNT_COLOURS, PictureOverlay, enlarge_smooth, image_from_array, rounded, theme
from studio.core.translation import _
from studio.core.view import FloatArray

_ALPHA: Final = (128, 216)  # of no attention and of the most: the picture stays to be seen below
_SMOOTH_PX: Final = 96  # a map is smoothed to this size; from there on the painter enlarges it
_LEGEND_PX: Final = (148, 8)
_AIR_PX: Final = 10
_MIN_PICTURE_PX: Final = 200  # a smaller picture would be hidden by its legend


class HeatOverlay(PictureOverlay):
    """Shows one map at a time; hands reach what is below."""

    def __init__(self, canvas: QWidget, picture_rect: Callable[[], QRectF]) -> None:
        super().__init__(canvas, picture_rect)
        self.setObjectName("heat_overlay")
        self.setAccessibleName(_("Where the network looked"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._map: FloatArray | None = None
        self._word = ""
        self._image = QImage()

    def set_map(self, values: FloatArray | None, word: str) -> None:
        """Show how much each place looked at a word, (h, w) in 0..1; None shows the picture alone. Emits nothing."""
        self._map, self._word = values, word
        self._image = QImage() if values is None else heat_image(values)
        self.setAccessibleDescription("" if values is None else self._title())
        self.setVisible(values is not None)
        self.update()

    @property
    def most(self) -> float:
        """The amount that the brightest colour stands for."""
        return float(self._map.max()) if self._map is not None and self._map.size else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map into the picture, then the legend in its corner."""
        rect = self.picture_rect()
        if self._map is None or rect.isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(rounded(rect, theme().size.radius_picture))
        painter.drawImage(rect, self._image)
        if rect.width() >= _MIN_PICTURE_PX:
            self._paint_legend(painter, rect)

    def _paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        small, line = theme().font("small", QFont.Weight.Medium), 1.4 * theme().text_px("small")
        painter.setFont(small)
        width = min(max(_LEGEND_PX[0], painter.fontMetrics().horizontalAdvance(self._title())), rect.width() - 40)
        height = 2 * line + _LEGEND_PX[1] + 14
        plate = QRectF(rect.x() + _AIR_PX, rect.bottom() - _AIR_PX - height, width + 20, height)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(plate, theme().size.radius, theme().size.radius)
        room = plate.adjusted(10, 5, -10, -5)
        painter.setPen(QColor(theme().colour.text_strong))
        title = painter.fontMetrics().elidedText(self._title(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(QRectF(room.x(), room.y(), room.width(), line), Qt.AlignmentFlag.AlignVCenter, title)
        bar = QRectF(room.x(), room.y() + line + 2, room.width(), _LEGEND_PX[1])
        painter.save()
        painter.setClipPath(rounded(bar, _LEGEND_PX[1] / 2))
        painter.drawImage(bar, image_from_array(np.ascontiguousarray(AMOUNT_COLOURS[None])))
        painter.restore()
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text_muted))
        below = QRectF(room.x(), bar.bottom() + 2, room.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0 %")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self.most:.0%}".replace("%", " %"))

    def _title(self) -> str:
        return _("Looked at “{word}”").format(word=self._word)


def heat_image(values: FloatArray) -> QImage:
    """Colours of values (h, w) from 0 to their largest, smooth, the less the more transparent."""
    most = float(values.max())
    shares = values / np.float32(most) if most > 0 else np.zeros_like(values)
    coarse = (np.clip(shares, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    scale = max(1.0, _SMOOTH_PX / max(coarse.shape))
    amounts = enlarge_smooth(coarse, round(coarse.shape[1] * scale), round(coarse.shape[0] * scale))
    alpha = np.linspace(*_ALPHA, 256).round().astype(np.uint8)
    return image_from_array(np.concatenate([AMOUNT_COLOURS[amounts], alpha[amounts][..., None]], axis=-1))
