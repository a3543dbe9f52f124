"""Collects Python's garbage while nobody drags, instead of in the middle of a movement."""

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

INTERVAL_MS = 5_000
FULL_EVERY = 12


class IdleCollection(QObject):
    """Takes over from the automatic collection, which would stop the window at any moment."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._n_ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)

    def begin(self) -> None:
        """Put everything that was loaded so far out of the collector's sight, and collect by the clock.

        Nothing is collected first: a full pass over torch's objects alone would stop the window for 0.1 s.
        """
        gc.disable()
        gc.freeze()
        self._timer.start()

    def end(self) -> None:
        """Give back to the automatic collection."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _on_timeout(self) -> None:
        if QGuiApplication.mouseButtons() is not Qt.MouseButton.NoButton:
            return
        self._n_ticks += 1
        gc.collect(2 if self._n_ticks % FULL_EVERY == 0 else 1)
