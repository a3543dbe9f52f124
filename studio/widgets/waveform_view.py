"""Shows a sound as its waveform, with time below, the place that is heard, and a click that plays it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.text import N_, translate
from studio.widgets.theme import hue_of, theme

FloatArray = NDArray[np.float32]

_SIZE_PX: Final = QSize(420, 140)
_PADDING_PX: Final = 8


class WaveformView(QWidget):
    """Where a column of pixels holds many samples, it shows their range. Signals: clicked(), also by Enter."""

    clicked = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = np.zeros(0, np.float32)
        self._rate_hz = 1
        self.setAccessibleName(translate(title))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_sound(self, samples: FloatArray, rate_hz: int) -> None:
        """Show (T,) samples in -1..1; nothing is copied, so nobody may change them afterwards."""
        self._samples, self._rate_hz = samples, rate_hz
        self.setAccessibleDescription(self.summary())
        self.update()

    def summary(self) -> str:
        """The sound in words."""
        if not len(self._samples):
            return translate(N_("No sound yet"))
        peak = float(np.abs(self._samples).max())
        text = translate(N_("{seconds:.2f} seconds, at most {share} % of full scale"))
        return text.format(seconds=len(self._samples) / self._rate_hz, share=round(100 * peak))

    def envelope(self, n_columns: int) -> FloatArray:
        """(n_columns, 2) the lowest and highest sample under each column."""
        edges = np.linspace(0, len(self._samples), n_columns + 1).astype(int)
        starts = np.minimum(edges[:-1], len(self._samples) - 1)
        low, high = np.minimum.reduceat(self._samples, starts), np.maximum.reduceat(self._samples, starts)
        return np.stack([low, high], axis=1)

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(theme().scaled(_SIZE_PX.width()), theme().scaled(_SIZE_PX.height()))

    def minimumSizeHint(self) -> QSize:
        """May be small."""
        return QSize(80, 48)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the middle, and the wave."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme().colour
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        area = QRectF(self.rect()).adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)
        if not len(self._samples):
            painter.setPen(QColor(colour.text_muted))
            painter.setFont(theme().font("caption"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.summary())
            return
        painter.setPen(QPen(QColor(colour.border), 1))
        painter.drawLine(QPointF(area.left(), area.center().y()), QPointF(area.right(), area.center().y()))
        self._paint_wave(painter, area)

    def _paint_wave(self, painter: QPainter, area: QRectF) -> None:
        n_columns = max(2, min(round(area.width() * self.devicePixelRatioF()), len(self._samples)))
        ends = np.clip(self.envelope(n_columns), -1, 1)
        x = area.left() + np.linspace(0, area.width(), n_columns)
        y = area.center().y() - ends * (area.height() / 2)  # (n_columns, 2)
        upper = [QPointF(at, min(value, area.center().y() - 0.4)) for at, value in zip(x, y[:, 1], strict=True)]
        lower = [QPointF(at, max(value, area.center().y() + 0.4)) for at, value in zip(x, y[:, 0], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(hue_of(self).fill))
        painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
