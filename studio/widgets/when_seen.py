"""Keeps what is folded or scrolled out of sight from being brought up to date before somebody looks."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class WhenSeen(QObject):
    """Runs a call at once where any part of a widget is on screen, else once, right before it is next painted.

    A widget that takes no room before the call is never seen.
    """

    def __init__(self, widget: QWidget, call: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._call = widget, call
        self._is_due = False

    def request(self) -> None:
        """What the call would show has changed."""
        if self._is_due:
            return
        if not self._widget.visibleRegion().isEmpty():
            self._call()
            return
        self._is_due = True
        self._widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The widget comes into sight."""
        if event.type() is QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            self._is_due = False
            self._call()
        return False
