"""Keeps a call that is asked for often from running each time: once an interval, or once a turn of the event loop."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal


class Throttle(QObject):
    """Runs a call at once and then at most once per interval, the last request included.

    It keeps what is cheap to skip, such as repainting every slider, from filling the whole frame of a drag.
    """

    def __init__(self, interval_ms: int, call: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._interval_ms = interval_ms
        self._call = call
        self._last_s = float("-inf")
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._run)

    def request(self) -> None:
        """Run the call now, or as soon as the interval since the last run is over."""
        if self._timer.isActive():
            return
        passed_ms = (time.monotonic() - self._last_s) * 1000
        if passed_ms >= self._interval_ms:
            self._run()
        else:
            self._timer.start(int(self._interval_ms - passed_ms) + 1)

    def _run(self) -> None:
        self._last_s = time.monotonic()
        self._call()


class OncePerTurn(QObject):
    """Runs a call once in a turn of the event loop, however often it was asked for; before anything is painted."""

    _due = Signal()

    def __init__(self, call: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._call = call
        self._is_due = False
        # Queued and not a timer: a paint waits for all that was posted before it, and for no timer.
        self._due.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def request(self) -> None:
        """Run the call before the next paint."""
        if not self._is_due:
            self._is_due = True
            self._due.emit()

    def cancel(self) -> None:
        """What was asked for is not wanted any more."""
        self._is_due = False

    def _run(self) -> None:
        if self._is_due:
            self._is_due = False
            self._call()
