"""What the editors of all families share: what a hand goes on doing is one step of undo."""

from typing import Final

from PySide6.QtCore import QObject, QTimer

from studio.commands.undo import UndoStack

BURST_MS: Final = 600


class GestureEditor(QObject):
    """Opens a gesture while a hand drags, and for wheel notches and keys that follow each other quickly."""

    def __init__(self, undo: UndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo = undo
        self._is_gesture_open = False
        self._burst = QTimer(self, singleShot=True, interval=BURST_MS)
        self._burst.timeout.connect(self.end_gesture)

    @property
    def is_in_gesture(self) -> bool:
        """Whether a hand drags, so that more changes follow at once."""
        return self._is_gesture_open

    def go_on(self, merge_key: str | None) -> None:
        """Called before each change: one that may go on, which has a key, joins those just before it."""
        if merge_key is None or self._is_gesture_open:
            return
        if not self._burst.isActive():
            self._undo.begin_gesture()
        self._burst.start()

    def begin_gesture(self) -> None:
        """From here on changes of one kind become one step."""
        self._burst.stop()
        self._is_gesture_open = True
        self._undo.begin_gesture()

    def end_gesture(self) -> None:
        """The next change is a step of its own."""
        self._burst.stop()
        self._is_gesture_open = False
        self._undo.end_gesture()
