"""A brush over a picture: what hovers, how wheel and keys change and move it; panels say what it does."""

from typing import Final

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

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
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class BrushCanvas(QWidget):
    """Turns wheel, keys and hovering into calls of what a subclass answers; it keeps the strokes itself.

    The wheel and the keys [ and ] change the brush, arrow keys move it, Enter uses it, Delete clears, Escape takes
    back.

    Signals: clear_requested(): Delete.
    """

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
        elif key in _ENTER:
            self.use_brush(self.is_shifted(event))
        elif key == Qt.Key.Key_Delete:
            self.clear_requested.emit()
        elif key != Qt.Key.Key_Escape or not self.take_back():
            super().keyPressEvent(event)
