"""The large picture of a forecast, which is itself a control: drag a past point, pin a future one, move the origin.

Arrow keys left and right go from value to value, up and down move it; Delete takes it back; + and − and the wheel show
fewer or more past values; Page Up and Page Down move the origin.
"""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import PICTURE, Sized, hue_of, theme, theme_source
from studio.core.translation import _

from ..caption import value_words
from ..view_model import SeriesView
from .painter import SeriesGeometry, SeriesInk

REACH_PX: Final = 18.0
_GRIP_REACH_PX: Final = 9.0
_KEY_SHARE: Final = 1 / 60
_ZOOM: Final = 1.25
_NOTCH: Final = 120.0
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UP: Final = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_PAGES: Final = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
_ZOOMS: Final = {"+": 1 / _ZOOM, "=": 1 / _ZOOM, "-": _ZOOM}


def aimed_at(view: SeriesView, places: SeriesGeometry, point: QPointF) -> tuple[str, int]:
    """ "origin", "past" or "future" with a place; "" for nothing."""
    if not places.area.adjusted(-12, -40, 12, 12).contains(point):
        return "", -1
    place, is_above = places.place_at(point.x()), point.y() < places.area.top()
    last = view.n_known - 1
    is_on_line = abs(point.x() - places.x_px(last)) <= _GRIP_REACH_PX
    if is_on_line and (is_above or not _is_near(view, places, last, point)):
        return "origin", place
    if is_above:
        return "", -1
    if place >= view.n_known:
        return "future", place
    return ("past", place) if _is_near(view, places, place, point) else ("", -1)


def set_value_at(view: SeriesView, places: SeriesGeometry, point: QPointF) -> int | None:
    """The place of the moved or pinned value that is next to a point, None where none is near."""
    set_ones = {**view.edits, **view.pins}
    near = min(set_ones, key=lambda at: abs(places.x_px(at) - point.x()), default=None)
    return near if near is not None and abs(places.x_px(near) - point.x()) <= REACH_PX else None


def _is_near(view: SeriesView, places: SeriesGeometry, place: int, point: QPointF) -> bool:
    return abs(point.y() - places.y_px(float(view.line.values[place]))) <= REACH_PX


class SeriesCanvas(Sized, QWidget):
    """Signals:
    moved(place, value): a past value is given another height. pinned(place, value): paths are to go through it.
    released(place): a moved or pinned value is taken back.
    origin_moved(n): so many more values are hidden from the model, fewer where n is below 0.
    zoomed(factor): so many times as many past values are to be seen.
    gesture_started(), gesture_finished(): around a drag.
    painted(): the picture has just been drawn.
    """

    spoken_role = PICTURE
    room_px, least_px = (720, 420), (240, 180)

    moved = Signal(int, float)
    pinned = Signal(int, float)
    released = Signal(int)
    origin_moved = Signal(int)
    zoomed = Signal(float)
    gesture_started = Signal()
    gesture_finished = Signal()
    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("series_canvas")
        self.setAccessibleName(_("Forecast"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._view: SeriesView | None = None
        self._bounds: tuple[float, float] | None = None  # held still while a hand drags
        self._held = ""  # what the hand has: "origin", "past" or "future"
        self._place = -1  # of the value in the hand
        self._pointer: QPointF | None = None
        self._cursor: int | None = None  # the place of the keys
        theme_source().theme_changed.connect(self.update)

    # What it shows

    @property
    def view(self) -> SeriesView | None:
        """What is shown."""
        return self._view

    def show_view(self, view: SeriesView | None) -> None:
        """Show a forecast."""
        self._view = view
        if view is not None and self._cursor is not None and not view.first <= self._cursor <= view.last:
            self._cursor = None
        self.setAccessibleDescription(self.read_out())
        self.update()

    def places(self) -> SeriesGeometry | None:
        """Where the values lie; None where nothing is shown."""
        if self._view is None:
            return None
        return SeriesGeometry(self._view, QRectF(self.rect()), self._bounds or self._view.bounds())

    def read_out(self) -> str:
        """The value under the pointer or at the place of the keys, in words."""
        view, places = self._view, self.places()
        if view is None or places is None:
            return ""
        place = self._cursor if self._pointer is None else places.place_at(self._pointer.x())
        return "" if place is None else value_words(view, place)

    # The hand

    def _what_is_at(self, point: QPointF) -> tuple[str, int]:
        view, places = self._view, self.places()
        return ("", -1) if view is None or places is None else aimed_at(view, places, point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a value or the origin into the hand; the right button takes a value back."""
        held, place = self._what_is_at(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self._release_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or not held or self._view is None:
            return
        self._held, self._place, self._bounds, self._cursor = held, place, self._view.bounds(), None
        self.gesture_started.emit()
        if held == "future":
            self._drag_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag, or show what lies under the pointer."""
        self._pointer = event.position()
        if self._held:
            self._drag_to(event.position())
        else:
            held, _ = self._what_is_at(event.position())
            shapes = {"origin": Qt.CursorShape.SplitHCursor, "past": Qt.CursorShape.SizeVerCursor}
            self.setCursor(shapes.get(held, Qt.CursorShape.CrossCursor))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the value under the pointer back."""
        self._release_at(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See fewer or more past values."""
        notches = event.angleDelta().y() / _NOTCH
        if notches:
            self.zoomed.emit(_ZOOM**-notches)
        event.accept()

    def _release_at(self, point: QPointF) -> None:
        view, places = self._view, self.places()
        near = None if view is None or places is None else set_value_at(view, places, point)
        if near is not None:
            self._end()
            self.released.emit(near)

    def _drag_to(self, point: QPointF) -> None:
        places, view = self.places(), self._view
        if places is None or view is None:
            return
        if self._held == "origin":
            way = places.place_at(point.x()) - (view.n_known - 1)
            if way:
                self.origin_moved.emit(-way)
            return
        value = places.value_at(min(max(point.y(), places.area.top() - 30), places.area.bottom() + 30))
        (self.moved if self._held == "past" else self.pinned).emit(self._place, value)

    def _end(self) -> None:
        if self._held:
            self._held, self._bounds = "", None
            self.gesture_finished.emit()
            self.update()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from value to value, move it, take it back; other keys go on to the window."""
        view, key = self._view, Qt.Key(event.key())
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if view is None:
            super().keyPressEvent(event)
        elif key in _ALONG:
            at = view.n_known - 1 if self._cursor is None else self._cursor
            self._cursor = min(max(at + _ALONG[key] * (5 if is_shift else 1), view.first), view.last)
            self.setAccessibleDescription(self.read_out())
            self.update()
        elif key in _UP and self._cursor is not None:
            self._nudge(view, self._cursor, _UP[key] * (5 if is_shift else 1))
        elif key in _PAGES:
            self.origin_moved.emit(_PAGES[key])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._cursor is not None:
            self.released.emit(self._cursor)
        elif event.text() in _ZOOMS:
            self.zoomed.emit(_ZOOMS[event.text()])
        else:
            super().keyPressEvent(event)

    def _nudge(self, view: SeriesView, place: int, n: int) -> None:
        value, (low, high) = view.value_at(place), view.bounds()
        if value is not None:
            signal = self.moved if place < view.n_known else self.pinned
            signal.emit(place, value + n * (high - low) * _KEY_SHARE)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A drag cannot go on without the pointer's window."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._end()
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, the forecast, and what is under the pointer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_sheet(painter)
        view, places = self._view, self.places()
        if view is not None and places is not None and places.area.width() > 40:
            SeriesInk(painter, view, places, QColor(hue_of(self).fill)).paint()
            self._paint_cursor(painter, view, places)
        painter.end()
        self.painted.emit()

    def _paint_sheet(self, painter: QPainter) -> None:
        colour, radius = theme().colour, theme().size.radius_picture
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.border), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_cursor(self, painter: QPainter, view: SeriesView, places: SeriesGeometry) -> None:
        is_pointed = self._pointer is not None and places.area.contains(self._pointer)
        place = places.place_at(self._pointer.x()) if is_pointed and self._pointer is not None else self._cursor
        if place is None or not view.first <= place <= view.last:
            return
        colour, x = theme().colour, round(places.x_px(place)) + 0.5
        painter.setPen(QPen(QColor(colour.text_muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, places.area.top()), QPointF(x, places.area.bottom()))
        value = view.value_at(place)
        if value is not None:
            painter.setPen(QPen(QColor(colour.text_strong), 1.6))
            painter.setBrush(QColor(colour.card))
            painter.drawEllipse(places.point(place, value), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(colour.text_strong))
        box = QRectF(self.width() * 0.4, 10, self.width() * 0.6 - 14, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.read_out())
