"""A strip of small pictures of the places a person has been; a click goes back there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from studio.core.translation import _
from studio.widgets.controls.label import show_tip
from studio.widgets.spoken_role import CHOICES
from studio.widgets.theme import hue_of, theme, theme_source

MAX_PLACES: Final = 30
_THUMBNAIL_PX: Final = 56
_GAP_PX: Final = 6
_RING_PX: Final = 3
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True)
class Place:
    """One picture of the strip and the words that tell it apart."""

    image: QImage
    label: str


class PlaceRow(QWidget):
    """The painted row inside the strip. Signals: place_requested(index), current_moved(rect)."""

    spoken_role = CHOICES

    place_requested = Signal(int)
    current_moved = Signal(QRectF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: list[Place] = []
        self._current = -1
        self._pressed: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme_source().theme_changed.connect(self.update)

    def show_places(self, places: Sequence[Place], current: int) -> None:
        """Paint these places and mark one."""
        self._places = list(places)
        self._current = current
        label = self._places[current].label if 0 <= current < len(self._places) else ""
        text = _("{n} places, now: {label}").format(n=len(self._places), label=label)
        self.setAccessibleDescription(text)
        n = len(self._places)
        self.setFixedSize(max(1, n * (_THUMBNAIL_PX + _GAP_PX) - _GAP_PX + 2 * _RING_PX), _THUMBNAIL_PX + 2 * _RING_PX)
        self.update()
        if label:
            self.current_moved.emit(self._rect_of(current))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every picture with rounded corners, the current one with a ring in the family's hue."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, place in enumerate(self._places):
            self._paint_place(painter, self._rect_of(index), place.image, index == self._current)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which place was pressed."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._index_at(event.position()) if is_left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the place that was pressed, if the pointer is still on it."""
        index = self._index_at(event.position())
        if index is not None and index == self._pressed:
            self.place_requested.emit(index)
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go to the neighbours, Home and End to the first and the last."""
        last = len(self._places) - 1
        jumps = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        key = Qt.Key(event.key())
        target = jumps.get(key, self._current + _ALONG[key] if key in _ALONG else None)
        if target is None:
            super().keyPressEvent(event)
        elif 0 <= target <= last and target != self._current:
            self.place_requested.emit(target)

    def event(self, event: QEvent) -> bool:
        """Name the place under the pointer."""
        if isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if index is None else self._places[index].label, self)
            return True
        return super().event(event)

    def _rect_of(self, index: int) -> QRectF:
        return QRectF(_RING_PX + index * (_THUMBNAIL_PX + _GAP_PX), _RING_PX, _THUMBNAIL_PX, _THUMBNAIL_PX)

    def _index_at(self, position: QPointF) -> int | None:
        return next((i for i in range(len(self._places)) if self._rect_of(i).contains(position)), None)

    def _paint_place(self, painter: QPainter, rect: QRectF, image: QImage, is_current: bool) -> None:
        radius = theme().size.radius_small
        if not image.isNull():
            brush = QBrush(image)
            scale = rect.width() / max(image.width(), image.height())
            brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
            painter.setBrush(brush)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.drawRoundedRect(rect, radius, radius)
        if is_current:
            colour = theme().colour.focus if self.hasFocus() else hue_of(self).fill
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colour), 2))
            painter.drawRoundedRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5), radius + 1.5, radius + 1.5)


class HistoryStrip(QScrollArea):
    """Shows up to 30 places, the newest at the right, and scrolls sideways.

    Signals:
        place_requested(index): the person wants to go back to places[index].
    """

    place_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("history_strip")
        self._first = 0
        self._row = PlaceRow()
        self._row.setAccessibleName(_("Places visited"))
        self.setWidget(self._row)
        self._row.setAutoFillBackground(False)  # setWidget turned it on
        self.viewport().setAutoFillBackground(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_THUMBNAIL_PX + 2 * _RING_PX)
        self._row.place_requested.connect(self._on_place_requested)
        self._row.current_moved.connect(self._on_current_moved)

    def set_name(self, name: str) -> None:
        """Say what the pictures are where they are no places visited."""
        self._row.setAccessibleName(name)

    def show_places(self, places: Sequence[Place], current: int) -> None:
        """Show the last 30 of `places` and mark `current`, an index into them; -1 marks none."""
        self._first = max(0, len(places) - MAX_PLACES)
        self._row.show_places(places[self._first :], current - self._first)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways."""
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        before = bar.value()
        bar.setValue(before - (delta.y() or delta.x()))
        event.setAccepted(bar.value() != before)  # at the end the inspector goes on

    def _on_place_requested(self, index: int) -> None:
        self.place_requested.emit(self._first + index)

    def _on_current_moved(self, rect: QRectF) -> None:
        centre = rect.center().toPoint()
        self.ensureVisible(centre.x(), centre.y(), _THUMBNAIL_PX, 0)
