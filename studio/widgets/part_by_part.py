"""Runs several calls in turn, as many in one turn of the event loop as a frame of the window has room for."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer

TURN_MS: Final = 3.0


class PartByPart(QObject):
    """Asked again while it runs, it begins anew once it is through, and always rests between two rounds.

    After a round that was too long for one turn the next one begins in a turn of its own.
    """

    def __init__(self, rest_ms: int, parts: Sequence[Callable[[], None]], parent: QObject) -> None:
        super().__init__(parent)
        self._rest_ms, self._parts = rest_ms, tuple(parts)
        self._next = 0
        self._is_wanted = False
        self._is_slow = False  # the last round took more than a turn
        self._ended_s = float("-inf")
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._run)

    @property
    def is_pending(self) -> bool:
        """Whether calls are still to come."""
        return self._next > 0 or self._timer.isActive()

    def request(self) -> None:
        """Begin now, or as soon as the rest since the last round is over."""
        if self.is_pending:
            self._is_wanted = self._next > 0
            return
        passed_ms = (time.monotonic() - self._ended_s) * 1000
        if passed_ms >= self._rest_ms and not self._is_slow:
            self._run()
        else:
            self._timer.start(max(0, int(self._rest_ms - passed_ms) + 1))

    def _run(self) -> None:
        began_s, is_first = time.monotonic(), not self._next
        while self._next < len(self._parts):
            self._parts[self._next]()
            self._next += 1
            if (time.monotonic() - began_s) * 1000 > TURN_MS and self._next < len(self._parts):
                self._timer.start(0)
                return
        self._next, self._ended_s, self._is_slow = 0, time.monotonic(), not is_first
        if self._is_wanted:
            self._is_wanted = False
            self.request()
