"""Notices that a person does what a step of a tour asks for, by the control's own signals or by the hand upon it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

_BY_HAND: Final = (
    *("value_changed", "value_typed", "edited", "textEdited", "activated"),
    *("picked", "forced", "token_pressed", "clicked"),
)
"""The signals by which controls tell that a person did what they are for."""
_ARROWS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_PRESSES: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Watch(QObject):
    """Looks at one control for as long as it lives. Signals: noticed(), each time the person does it."""

    noticed = Signal()

    def __init__(self, control: QWidget, deed: str, parent: QObject) -> None:
        """`deed` is one of `studio.registry.guide.DEEDS`."""
        super().__init__(parent)
        self._pressed_at: QPointF | None = None
        self._has_dragged = False
        signals = [getattr(control, one) for one in _BY_HAND if hasattr(control, one)] if deed == "use" else []
        for signal in signals:
            signal.connect(self._on_done)
        self._is_click_enough = deed in ("use", "scrub")
        self._keys = (*_ARROWS, *_PRESSES) if deed == "use" else _ARROWS
        if not signals:
            for part in (control, *control.findChildren(QWidget)):
                if deed == "use" or not isinstance(part, QAbstractButton):
                    part.installEventFilter(self)

    def _on_done(self, *_values: object) -> None:
        self.noticed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at presses, drags and keys as they pass."""
        if isinstance(event, QMouseEvent):
            self._see_mouse(event)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in self._keys:
            self.noticed.emit()
        return False

    def _see_mouse(self, event: QMouseEvent) -> None:
        kind, at = event.type(), event.globalPosition()
        if kind == QEvent.Type.MouseButtonPress:
            self._pressed_at, self._has_dragged = at, False
        elif kind == QEvent.Type.MouseMove and self._pressed_at is not None and event.buttons():
            way_px = (at - self._pressed_at).manhattanLength()
            self._has_dragged = self._has_dragged or way_px >= QApplication.startDragDistance()
        elif kind == QEvent.Type.MouseButtonRelease and self._pressed_at is not None:
            self._pressed_at = None
            if self._has_dragged or self._is_click_enough:
                self.noticed.emit()
