"""The large picture that is itself a control: drag, wheel, arrow keys, double click; and one under a brush."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.spoken_role import PICTURE
from studio.widgets.theme import theme, theme_source
from studio.widgets.views.sized import Sized

_DRAG_STARTS_AFTER_PX: Final = 5.0  # a click of an unsteady hand goes three or four
_FAST: Final = 5.0  # how many steps an arrow key goes with Shift
_BY_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
WHEEL_STEP: Final = 120.0
"""Qt counts eighths of a degree, a notch of a wheel is 15 degrees."""
ARROWS: Final = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
"""The ways of the arrow keys, y downwards."""
_BUTTONS: Final = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def steps_along(n_columns: int) -> dict[Qt.Key, int]:
    """By how many items arrow keys go in rows of so many; in a single row or column, of 1, all keys go by one."""
    keys = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down
    return dict(zip(keys, (-1, 1, -n_columns, n_columns), strict=True))


class InteractiveCanvas(Sized, QWidget):
    """Turns what a hand does on the picture into signals; subclasses say where the picture lies and paint it.

    Signals:
        drag_started(): the pointer moved with the left button down.
        dragged(dx_px, dy_px): the way since the last `dragged`, y downwards, in device-independent pixels.
        drag_finished(): the button went up.
        wheeled(steps): notches, positive away from the person; parts of a notch on touch pads.
        nudged(dx, dy): arrow key, one step each, five with Shift; y downwards.
        reset_requested(): double click.
        painted(): the picture has just been drawn.
    """

    spoken_role = PICTURE
    room_px, least_px = (440, 440), (160, 160)

    drag_started = Signal()
    dragged = Signal(float, float)
    drag_finished = Signal()
    wheeled = Signal(float)
    nudged = Signal(float, float)
    reset_requested = Signal()
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed_at: QPointF | None = None
        self._last = QPointF()
        self._is_dragging = False
        self._shows_focus = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        theme_source().theme_changed.connect(self.update)

    def content_rect(self) -> QRectF:
        """Where the picture lies, in device-independent pixels."""
        return QRectF(self.rect())

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the picture into `rect`."""
        raise NotImplementedError

    def update_content(self, before: QRectF) -> None:
        """Draw the picture anew; where it lay before is drawn too if it lies elsewhere now, else nothing around it."""
        rect = self.content_rect()
        if rect == before:
            self.update(rect.toAlignedRect())  # what is behind all of the canvas is most of what a paint takes
        else:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, then the ring that shows the keyboard's place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.content_rect()
        self.paint_content(painter, rect)
        if self._shows_focus:
            radius = theme().size.radius_picture
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), radius + 3, radius + 3)
        painter.end()
        self.painted.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag could begin."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = self._last = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the way since the last move, once it is clear that this is no click."""
        if self._pressed_at is None:
            return
        position = event.position()
        if not self._is_dragging:
            if (position - self._pressed_at).manhattanLength() < _DRAG_STARTS_AFTER_PX:
                return
            self._is_dragging = True
            self.drag_started.emit()
        way = position - self._last
        self._last = position
        self.dragged.emit(way.x(), way.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end_drag()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the place where everything began."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Report notches and keep the event, so that nothing behind the picture scrolls."""
        delta = event.angleDelta()
        turned = delta.y() or delta.x()
        if turned:
            self.wheeled.emit(turned / WHEEL_STEP)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move; every other key goes on to the window."""
        way = ARROWS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        factor = _FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self.nudged.emit(way[0] * factor, way[1] * factor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring to a person who came here by keyboard."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring; a drag cannot go on without the pointer's window."""
        super().focusOutEvent(event)
        self._shows_focus = False
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._end_drag()
        self.update()

    def _end_drag(self) -> None:
        was_dragging = self._is_dragging
        self._pressed_at = None
        self._is_dragging = False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if was_dragging:
            self.drag_finished.emit()


def draw_card(painter: QPainter, rect: QRectF, colour: str) -> None:
    """The rounded sheet under a picture, with an edge that shows on a bright canvas."""
    radius = theme().size.radius_picture
    painter.setPen(QPen(QColor(theme().colour.border), 1))
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class BrushCanvas(QWidget):
    """Turns wheel, keys and hovering into calls of what a subclass answers; it keeps the strokes itself.

    The wheel and the keys [ and ] change the brush, arrow keys move it, Enter uses it, Delete clears, Escape takes
    back.

    Signals: clear_requested(): Delete.
    """

    spoken_role = PICTURE

    clear_requested = Signal()

    def hover(self, at: QPointF | None) -> None:
        """The pointer has come to a point of the widget, or left it."""
        raise NotImplementedError

    def scale_brush(self, steps: float) -> None:
        """Make the brush larger by so many notches, or smaller."""
        raise NotImplementedError

    def move_brush(self, way: tuple[float, float], is_fast: bool) -> None:
        """Move the brush by a key, y downwards."""
        raise NotImplementedError

    def use_brush(self, is_shift: bool) -> None:
        """Enter: dab where the brush is."""
        raise NotImplementedError

    def take_back(self) -> bool:
        """Escape: give up the stroke under way; returns whether there is one."""
        return False

    def is_brush_button(self, event: QMouseEvent) -> bool:
        """Whether a button was pressed that draws, the left one, or takes away, the right one."""
        return event.button() in _BUTTONS

    def is_shifted(self, event: QMouseEvent | QKeyEvent) -> bool:
        """Whether Shift is held."""
        return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the brush."""
        delta = event.angleDelta()
        self.scale_brush((delta.y() or delta.x()) / WHEEL_STEP)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the brush at once."""
        self.hover(event.position())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """The brush is not shown elsewhere."""
        self.hover(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Brush, dab and clear by keys; others go on to the window."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            self.move_brush(ARROWS[key], self.is_shifted(event))
        elif event.text() in ("[", "]"):
            self.scale_brush(1 if event.text() == "]" else -1)
        elif key in ENTER:
            self.use_brush(self.is_shifted(event))
        elif key == Qt.Key.Key_Delete:
            self.clear_requested.emit()
        elif key != Qt.Key.Key_Escape or not self.take_back():
            super().keyPressEvent(event)
