"""The waveform of a sound that grows, in its whole length from the start, with the sample that is looked at.

A click or a drag marks a sample, and so do the arrow keys: one on, 64 with Shift; Home and End go to the ends.
"""

from itertools import zip_longest
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import coloured_amount, hue_of, theme
from studio.core.text import N_, translate

from .sound_asking import Part
from .sound_seen import Seen
from .sound_state import MOST_BITS
from .wave_law import RATE_HZ, FloatArray

_PADDING_PX: Final = 8
_STRIP_PX: Final = 6
_FAR: Final = 64


class SoundWaveView(QWidget):
    """Signals: marked(place): the person looks at a sample."""

    marked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sound_wave")
        self.setAccessibleName(translate(N_("Waveform")))
        self.setToolTip(translate(N_("Click a sample to look into it; the strip below shows where it was surprising")))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._seen: Seen | None = None
        self._mark: int | None = None
        self._left_px = float(_PADDING_PX)
        self._parts: tuple[Part, ...] = ()

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Write what the sound consists of above it."""
        if parts != self._parts:
            self._parts = parts
            self.update()

    def set_left(self, left_px: float) -> None:
        """Begin as far from the left as what lies below does, so that the same time stands above the same time."""
        if left_px != self._left_px:
            self._left_px = left_px
            self.update()

    def show_seen(self, seen: Seen | None, mark: int | None) -> None:
        """Show a sound as far as it is there, with a sample marked."""
        self._seen, self._mark = seen, mark
        self.setAccessibleDescription(self.summary())
        self.update()

    def summary(self) -> str:
        """The sound in words."""
        seen = self._seen
        if seen is None or not seen.place:
            return translate(N_("No sound yet"))
        text = translate(N_("{ms:,.0f} of {all:,.0f} milliseconds are there"))
        return text.format(ms=1000 * seen.place / RATE_HZ, all=1000 * seen.n_samples / RATE_HZ)

    def place_at(self, x_px: float) -> int | None:
        """The sample under a place of the widget that is there already, the last one behind it."""
        seen, area = self._seen, self._area()
        if seen is None or not seen.place:
            return None
        share = (x_px - area.left()) / max(area.width(), 1)
        return min(max(int(share * seen.n_samples), 0), seen.place - 1)

    def x_of(self, place: float) -> float:
        """Where a sample lies."""
        seen, area = self._seen, self._area()
        return area.left() + (place / seen.n_samples if seen is not None else 0) * area.width()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(theme().scaled(520), theme().scaled(140))

    def minimumSizeHint(self) -> QSize:
        """May be small."""
        return QSize(120, 56)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the sample."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(self.place_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(self.place_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from sample to sample."""
        seen, far = self._seen, event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0) * (_FAR if far else 1)
        if seen is None or not seen.place:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(0 if event.key() == Qt.Key.Key_Home else seen.place - 1)
        elif step:
            here = seen.place - 1 if self._mark is None else self._mark
            self._choose(min(max(here + step, 0), seen.place - 1))
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int | None) -> None:
        if place is not None:
            self.marked.emit(place)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(self._left_px, _PADDING_PX, -1, -_PADDING_PX - _STRIP_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, what was given, what was drawn, the strip of surprise, and the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, area, seen = theme().colour, self._area(), self._seen
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(QPen(QColor(colour.border), 1))
        painter.drawLine(QPointF(area.left(), area.center().y()), QPointF(area.right(), area.center().y()))
        if seen is None or not seen.place:
            return
        self._paint_wave(painter, seen, 0, seen.n_given, QColor(colour.text_muted))
        self._paint_wave(painter, seen, seen.n_given, seen.place, QColor(hue_of(self).fill))
        self._paint_surprise(painter, seen)
        self._paint_parts(painter, seen)
        self._paint_mark(painter, area)

    def _paint_wave(self, painter: QPainter, seen: Seen, first: int, last: int, ink: QColor) -> None:
        if last <= first:
            return
        area, samples = self._area(), seen.sound.samples
        left, right = self.x_of(first), self.x_of(last)
        n_columns = max(2, round((right - left) * self.devicePixelRatioF()))
        low, high = envelope(samples[first:last], n_columns)
        x = np.linspace(left, right, len(low))
        middle, half = area.center().y(), area.height() / 2
        upper = [QPointF(at, middle - max(value * half, 0.4)) for at, value in zip(x, high, strict=True)]
        lower = [QPointF(at, middle - min(value * half, -0.4)) for at, value in zip(x, low, strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))

    def _paint_surprise(self, painter: QPainter, seen: Seen) -> None:
        """A strip below: the brighter the less the samples there were expected."""
        area = self._area()
        n_columns = max(1, min(round(self.x_of(seen.place) - area.left()), seen.place))
        edges = np.linspace(0, seen.place, n_columns + 1).astype(int)
        means = np.add.reduceat(seen.surprise, edges[:-1]) / np.maximum(np.diff(edges), 1)
        colours = coloured_amount(np.clip(means[None] / MOST_BITS, 0, 1).astype(np.float32))[0]
        width = (self.x_of(seen.place) - area.left()) / n_columns
        for number, (red, green, blue) in enumerate(colours.tolist()):
            box = QRectF(area.left() + number * width, area.bottom() + 3, width + 0.5, _STRIP_PX)
            painter.fillRect(box, QColor(red, green, blue))

    def _paint_parts(self, painter: QPainter, seen: Seen) -> None:
        """Their names along the upper edge, a fine line where each begins."""
        area, colour = self._area(), theme().colour
        painter.setFont(theme().font("small"))
        for part, following in zip_longest(self._parts, self._parts[1:]):
            end = seen.n_samples if following is None else following.first
            if part.first < seen.n_samples:
                left, right = self.x_of(part.first), self.x_of(min(end, seen.n_samples))
                painter.setPen(QPen(QColor(colour.border), 1))
                painter.drawLine(QPointF(left, area.top()), QPointF(left, area.bottom()))
                painter.setPen(QColor(colour.text_muted))
                box = QRectF(left, area.top() - _PADDING_PX / 2, right - left, painter.fontMetrics().height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, part.name)

    def _paint_mark(self, painter: QPainter, area: QRectF) -> None:
        if self._mark is not None:
            x = self.x_of(self._mark + 0.5)
            painter.setPen(QPen(QColor(theme().colour.text), 1.5))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))


def envelope(samples: FloatArray, n_columns: int) -> tuple[FloatArray, FloatArray]:
    """The lowest and highest sample under each column; at most as many columns as samples, (n,) each."""
    n = min(n_columns, len(samples))
    starts = np.linspace(0, len(samples), n + 1).astype(int)[:-1]
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
