"""Shows how strong a sound is over time in bands from low to high, on the mel scale, in colours."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.core.mel import NOTE_SCALE, MelScale, band_edges_hz
from studio.core.text import N_, translate
from studio.core.view import Field
from studio.render.colour_map import coloured_amount
from studio.widgets.picture import image_from_array
from studio.widgets.theme import theme

FloatArray = NDArray[np.float32]

_SIZE_PX: Final = QSize(420, 240)
_MARKS_HZ: Final = (100, 250, 500, 1000, 2000, 4000)
_LABEL_GAP_PX: Final = 4


class SpectrogramView(QWidget):
    """Low bands are at the bottom. Signals: clicked(), also by Enter."""

    clicked = Signal()

    def __init__(self, title: str, scale: MelScale = NOTE_SCALE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._field: Field | None = None
        self._image = QImage()
        self.setAccessibleName(translate(title))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_field(self, field: Field) -> None:
        """Show levels (M, L) in dB, the highest band first; nothing is copied."""
        self._field = field
        amounts = (field.values - np.float32(field.low)) / np.float32(field.high - field.low)
        self._image = image_from_array(coloured_amount(amounts)).copy()
        self.setAccessibleDescription(self.summary())
        self.update()

    def summary(self) -> str:
        """The loudest band in words."""
        if self._field is None:
            return translate(N_("No sound yet"))
        row, _ = np.unravel_index(int(self._field.values.argmax()), self._field.values.shape)
        text = translate(N_("Loudest at about {hertz:,.0f} hertz"))
        return text.format(hertz=self.centre_hz(int(row)))

    def centre_hz(self, row: int) -> float:
        """The frequency in the middle of a row, counted from the top."""
        edges = band_edges_hz(self._scale)
        return float(edges[self._scale.n_bands - row])

    def row_of(self, hertz: float) -> float:
        """The row, counted from the top, at whose middle a frequency lies."""
        edges = band_edges_hz(self._scale)
        return self._scale.n_bands - float(np.interp(hertz, edges, np.arange(len(edges))))

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(theme().scaled(_SIZE_PX.width()), theme().scaled(_SIZE_PX.height()))

    def minimumSizeHint(self) -> QSize:
        """May be small."""
        return QSize(80, 64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what lies under the pointer."""
        text = self.read_out(event.position().x(), event.position().y())
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def read_out(self, x_px: float, y_px: float) -> str:
        """Time, frequency and level at a place of the widget; empty beside the picture."""
        area = self._area()
        if self._field is None or not area.contains(x_px, y_px):
            return ""
        n_rows, n_columns = self._field.values.shape
        row = min(int((y_px - area.top()) / area.height() * n_rows), n_rows - 1)
        column = min(int((x_px - area.left()) / area.width() * n_columns), n_columns - 1)
        text = translate(N_("{ms:.0f} ms, {hertz:,.0f} Hz: {level:.0f} dB"))
        ms = (column + 0.5) * self._scale.n_hop / self._scale.rate_hz * 1000
        return text.format(ms=ms, hertz=self.centre_hz(row), level=float(self._field.values[row, column]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def plot_rect(self) -> QRectF:
        """Where the picture lies, beside the frequencies."""
        return self._area()

    def _area(self) -> QRectF:
        metrics = QFontMetricsF(theme().font("caption"))
        left = max(metrics.horizontalAdvance(_hertz_text(hertz)) for hertz in _MARKS_HZ) + _LABEL_GAP_PX
        return QRectF(self.rect()).adjusted(left, 1, -1, -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and the frequencies beside it."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        colour, area = theme().colour, self._area()
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.border), 1))
        painter.setBrush(QColor(colour.field))
        if self._field is not None:
            painter.setBrush(self._brush(area))
        radius = theme().size.radius_small
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self._field is not None:
            self._paint_marks(painter, area, self._field.values.shape[0])

    def _brush(self, area: QRectF) -> QBrush:
        brush = QBrush(self._image)
        scale = QTransform.fromScale(area.width() / self._image.width(), area.height() / self._image.height())
        brush.setTransform(scale * QTransform.fromTranslate(area.x(), area.y()))
        return brush

    def _paint_marks(self, painter: QPainter, area: QRectF, n_rows: int) -> None:
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text_muted))
        height = painter.fontMetrics().height()
        for hertz, y in self._marks(area, n_rows, height):
            box = QRectF(0, y - height / 2, area.left() - _LABEL_GAP_PX, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _hertz_text(hertz))

    def _marks(self, area: QRectF, n_rows: int, height: int) -> list[tuple[int, float]]:
        """The frequencies that there is room to name, the highest first, and where."""
        marks: list[tuple[int, float]] = []
        lowest = area.top() - height / 2
        for hertz in sorted(_MARKS_HZ, reverse=True):
            y = area.top() + (self.row_of(hertz) + 0.5) / n_rows * area.height()
            if lowest + height <= y <= area.bottom() - height / 2:
                marks.append((hertz, y))
                lowest = y
        return marks


def _hertz_text(hertz: int) -> str:
    return f"{hertz // 1000} kHz" if hertz >= 1000 else f"{hertz} Hz"
