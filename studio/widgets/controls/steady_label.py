"""One line of text that changes many times a second without ever moving its neighbours."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import theme, theme_source

_PLATE_PX: Final = (10, 4)


class SteadyLabel(QWidget):
    """Muted text in one line, cut off with an ellipsis where it does not fit.

    A QLabel asks every layout above it for a new arrangement whenever its text changes, which during a drag costs
    more than the picture. This one keeps the room of `widest`, or takes what it is given where that is empty.
    """

    def __init__(
        self,
        widest: str = "",
        role: str = "body",
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._widest = widest
        self._role = role
        self._alignment = alignment | Qt.AlignmentFlag.AlignVCenter
        self._text = ""
        self._is_plated = False
        theme_source().theme_changed.connect(self._on_theme_changed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def keep_room(self, widest: str) -> None:
        """Have the room of another text from now on."""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()

    def set_plated(self, is_plated: bool) -> None:
        """Have a sheet behind the text, so that it can be read over a picture."""
        self._is_plated = is_plated
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest text."""
        metrics = QFontMetrics(theme().font(self._role))
        around = _PLATE_PX if self._is_plated else (0, 0)
        return QSize(metrics.horizontalAdvance(self._widest) + 2 * around[0], metrics.height() + 2 * around[1])

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        painter.setFont(theme().font(self._role))
        room = QRectF(self.rect()).adjusted(_PLATE_PX[0], 0, -_PLATE_PX[0], 0) if self._is_plated else self.rect()
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(room.width()))
        if self._is_plated and text:
            self._paint_plate(painter, painter.boundingRect(room, self._alignment, text))
        painter.setPen(QColor(theme().colour.text_muted))
        painter.drawText(room, self._alignment, text)

    def _paint_plate(self, painter: QPainter, text_rect: QRectF) -> None:
        across, radius = _PLATE_PX[0], theme().size.radius_small
        plate = QRectF(text_rect.left() - across, 0.5, text_rect.width() + 2 * across, self.height() - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme().colour.border))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(plate.intersected(QRectF(self.rect())), radius, radius)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
