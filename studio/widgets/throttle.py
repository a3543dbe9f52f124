"""Runs a call at once and then at most once per interval, the last request included."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer


class Throttle(QObject):
    """Keeps what is cheap to skip, such as repainting every slider, from filling the whole frame of a drag."""

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
