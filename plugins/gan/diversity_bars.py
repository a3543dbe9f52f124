"""A bar for each kind of face that appeared, the most frequent first, with a mark at what the data has."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.api.panel import DrawnItems, hue_of, theme
from studio.core.text import N_, translate

from .diversity_modes import Modes, mode_name

HEIGHT_PX: Final = 52
PADDING_PX: Final = 6
STUB_PX: Final = 3.0
RARE: Final = 0.5
BAR: Final = N_("{name}: {n} of {all} faces; the data has {wanted:.1f}")
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}


class DiversityBars(DrawnItems):
    """Bars in the family's hue where a mode is at least half as frequent as in the data, grey where it is rarer.

    The pointer, or the arrow keys, say which mode a bar is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diversity_bars")
        self.setAccessibleName(translate(N_("How often each kind of face appears")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._modes: Modes | None = None
        self._order = np.empty(0, np.int64)
        self._place = -1

    def sizeHint(self) -> QSize:
        """As wide as the inspector, and low."""
        return QSize(240, theme().scaled(HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """May be narrow, never lower."""
        return QSize(120, theme().scaled(HEIGHT_PX))

    def show_modes(self, modes: Modes | None) -> None:
        """Show these; None while nothing was drawn. Emits nothing."""
        self._modes = modes
        if modes is not None:
            self._order = np.lexsort((-modes.expected, -modes.counts))
        self.setAccessibleDescription(self.text_of(max(self._place, 0)))
        self.update()

    @property
    def order(self) -> list[int]:
        """The numbers of the modes from left to right."""
        return [int(number) for number in self._order]

    def text_of(self, place: int) -> str:
        """What the bar at a place stands for; empty where there is none."""
        modes = self._modes
        if modes is None or not 0 <= place < len(self._order):
            return ""
        number = int(self._order[place])
        n, wanted = int(modes.counts[number]), float(modes.expected[number]) * modes.n_sure
        name = mode_name(modes.labels, number).capitalize()
        return translate(BAR).format(name=name, n=n, all=modes.n_sure, wanted=wanted)

    def item_rect(self, place: int) -> QRectF:
        """The column of a bar, as high as the widget."""
        pitch = (self.width() - 2 * PADDING_PX) / max(len(self._order), 1)
        return QRectF(PADDING_PX + place * pitch, 0, pitch, self.height())

    def item_at(self, at: QPointF) -> int:
        """The bar there, -1 for none."""
        n = 0 if self._modes is None else len(self._order)
        place = int((at.x() - PADDING_PX) / (self.width() - 2 * PADDING_PX) * n) if n else -1
        return place if 0 <= place < n else -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from bar to bar; other keys are the window's."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is None or self._modes is None:
            super().keyPressEvent(event)
            return
        self._place = min(max(self._place + step, 0), len(self._order) - 1)
        text = self.text_of(self._place)
        self.setAccessibleDescription(text)
        QToolTip.showText(self.mapToGlobal(self.item_rect(self._place).bottomLeft().toPoint()), text, self)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No bar is pointed at by keys any more."""
        self._place = -1
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say which mode is under the pointer."""
        if isinstance(event, QHelpEvent):
            place = self.item_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.text_of(place) or self.toolTip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the bars and the data's marks."""
        painter, colour, radius = QPainter(self), theme().colour, theme().size.radius
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self._modes is None:
            painter.setPen(QColor(colour.text_muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, translate(N_("Nothing drawn yet")))
            return
        wanted = self._modes.expected * self._modes.n_sure
        top = max(float(self._modes.counts.max(initial=0)), float(wanted.max()), 1.0)
        for place, number in enumerate(self._order):
            self._paint_bar(painter, place, self._modes.counts[number] / top, wanted[number] / top)

    def _paint_bar(self, painter: QPainter, place: int, share: float, wanted: float) -> None:
        colour, room = theme().colour, self.item_rect(place)
        high = self.height() - 2 * PADDING_PX
        gap = min(4.0, room.width() * 0.25)
        bar = QRectF(room.left() + gap / 2, 0, room.width() - gap, max(STUB_PX, share * high))
        bar.moveBottom(self.height() - PADDING_PX)
        is_lit = place in (self._hovered, self._place)
        frequent = share > 0 and share >= RARE * wanted
        painter.setPen(QPen(QColor(colour.text_strong), 1) if is_lit else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(hue_of(self).fill if frequent else colour.control_border))
        painter.drawRoundedRect(bar, min(2.0, bar.width() / 3), min(2.0, bar.width() / 3))
        y = self.height() - PADDING_PX - wanted * high
        if wanted > 0:
            painter.setPen(QPen(QColor(colour.text_muted), 1))
            painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y))
