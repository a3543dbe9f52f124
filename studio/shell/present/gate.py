"""What comes through to the window while visitors stand before it: fingers and plain keys, and nothing else."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QWindow

CORNER_PX: Final = 96
"""How far from a corner of the screen a press may be to be a long one."""
_TYPES: Final = QEvent.Type
_KEYS: Final = (_TYPES.ShortcutOverride, _TYPES.KeyPress, _TYPES.KeyRelease)
_FORBIDDEN: Final = (
    *(_TYPES.DragEnter, _TYPES.DragMove, _TYPES.DragLeave, _TYPES.Drop, _TYPES.ContextMenu),
    *(_TYPES.TabletPress, _TYPES.TabletMove, _TYPES.TabletRelease),
)
_MOUSE: Final = (_TYPES.MouseButtonPress, _TYPES.MouseButtonRelease, _TYPES.MouseButtonDblClick, _TYPES.MouseMove)
_MODIFIERS: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class Gate(QObject):
    """Stands before one window, not before the application, and only while it is presented.

    A finger comes as a mouse, which Qt makes of touches that no widget takes.

    Signals: touched() by a finger, the pointer or a key; left() by the chosen key; held() and let_go() of a corner.
    """

    touched = Signal()
    left = Signal()
    held = Signal()
    let_go = Signal()

    def __init__(self, window: QWindow, exit_key: str, is_asleep: Callable[[], bool]) -> None:
        """`is_asleep` says whether the next touch only wakes what is presented."""
        super().__init__()
        self._window = window
        self._exit = QKeySequence(exit_key, QKeySequence.SequenceFormat.PortableText)
        self._is_asleep = is_asleep
        self._is_waking = False  # the touch that woke it is still down
        self._pressed_at = QPointF()
        window.installEventFilter(self)

    def close(self) -> None:
        """Let everything through again."""
        self._window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether an event ends here."""
        kind = event.type()
        if kind in _KEYS and isinstance(event, QKeyEvent):
            return self._stops_key(event)
        if kind in _MOUSE and isinstance(event, QMouseEvent):
            return self._stops_mouse(event)
        if kind is _TYPES.Wheel:
            return self._wakes()
        if kind in _FORBIDDEN:
            event.ignore()
            return True
        return False

    def _stops_key(self, event: QKeyEvent) -> bool:
        if event.type() is _TYPES.ShortcutOverride:  # so no key is a shortcut of the window
            event.accept()
            return True
        if not self._exit.isEmpty() and QKeySequence(event.keyCombination()) == self._exit:
            if event.type() is _TYPES.KeyPress:
                self.left.emit()
            return True
        is_plain = not event.modifiers() & _MODIFIERS and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        if not is_plain or event.key() == Qt.Key.Key_Escape:
            return True
        return event.type() is _TYPES.KeyPress and self._wakes()

    def _stops_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind is _TYPES.MouseMove:
            return self._moves(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return True
        if kind is _TYPES.MouseButtonRelease:
            self.let_go.emit()
            was_waking, self._is_waking = self._is_waking, False
            return was_waking
        self._pressed_at = event.position()
        if self._is_in_corner(event.position()):
            self.held.emit()
        self._is_waking = self._wakes()
        return self._is_waking

    def _moves(self, event: QMouseEvent) -> bool:
        if not self._is_in_corner(event.position()):
            self.let_go.emit()
        if not self._is_asleep() and not self._is_waking:
            self.touched.emit()
        return self._is_waking

    def _wakes(self) -> bool:
        """Somebody touches; returns whether that only wakes what is presented."""
        was_asleep = self._is_asleep()
        self.touched.emit()
        return was_asleep

    def _is_in_corner(self, at: QPointF) -> bool:
        x, y = at.x(), at.y()
        is_beside = min(x, self._window.width() - x) < CORNER_PX
        return is_beside and min(y, self._window.height() - y) < CORNER_PX
