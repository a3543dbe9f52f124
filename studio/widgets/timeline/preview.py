"""The small picture over the bar of the frame under the pointer."""

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import theme

SIDE_PX: Final = 144
_MARGIN_PX: Final = 8
_GAP_PX: Final = 6
_WIDEST_TEXT_PX: Final = 240


class PreviewPopup(QWidget):
    """A window of its own that takes neither focus nor mouse."""

    def __init__(self, parent: QWidget) -> None:
        flags = Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowTransparentForInput
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._image = QImage()
        self._title = ""
        self._detail = ""

    @property
    def text(self) -> str:
        """What it says."""
        return " ".join(part for part in (self._title, self._detail) if part)

    @property
    def image(self) -> QImage:
        """The picture on show, null where there is none."""
        return self._image

    def show_above(self, foot: QPoint, image: QImage | None, title: str, detail: str) -> None:
        """Stand with the middle of the lower edge at `foot`, in global pixels, inside the screen."""
        self._image, self._title, self._detail = image or QImage(), title, detail
        size = self._wanted_size()
        corner = foot - QPoint(size.width() // 2, size.height())
        room = self.screen().availableGeometry()
        x = min(max(corner.x(), room.left() + 4), room.right() - size.width() - 4)
        self.setGeometry(x, max(corner.y(), room.top()), size.width(), size.height())
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the picture and one or two lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour, size = theme().colour, theme().size
        painter.setPen(QPen(QColor(colour.control_border), 1))
        painter.setBrush(QColor(colour.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.radius, size.radius)
        top_px = _MARGIN_PX
        if not self._image.isNull():
            self._paint_image(painter, QRectF((self.width() - SIDE_PX) / 2, top_px, SIDE_PX, SIDE_PX))
            top_px += SIDE_PX + _GAP_PX
        for text, weight, ink in self._lines():
            painter.setFont(theme().font("small", weight))
            painter.setPen(QColor(ink))
            metrics = painter.fontMetrics()
            room_px = self.width() - 2 * _MARGIN_PX
            line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)
            painter.drawText(_MARGIN_PX, top_px, room_px, metrics.height(), Qt.AlignmentFlag.AlignHCenter, line)
            top_px += metrics.height()

    def _lines(self) -> list[tuple[str, QFont.Weight, str]]:
        colour = theme().colour
        lines = [
            (self._title, QFont.Weight.DemiBold, colour.text_strong),
            (self._detail, QFont.Weight.Normal, colour.text_muted),
        ]
        return [line for line in lines if line[0]]

    def _paint_image(self, painter: QPainter, rect: QRectF) -> None:
        brush = QBrush(self._image)
        scale = rect.width() / max(self._image.width(), self._image.height())
        brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, theme().size.radius_small, theme().size.radius_small)

    def _wanted_size(self) -> QSize:
        width_px, height_px = 0, 2 * _MARGIN_PX
        for text, weight, _ in self._lines():
            metrics = QFontMetrics(theme().font("small", weight))
            width_px = max(width_px, min(metrics.horizontalAdvance(text), _WIDEST_TEXT_PX))
            height_px += metrics.height()
        if not self._image.isNull():
            width_px, height_px = max(width_px, SIDE_PX), height_px + SIDE_PX + _GAP_PX
        return QSize(width_px + 2 * _MARGIN_PX, height_px)
