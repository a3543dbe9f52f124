"""Frees memory: the models of hidden tabs when the computer runs short of it, Python's garbage while nobody drags."""

import gc
import logging
from collections.abc import Callable

import psutil
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from studio.shell.tabs.tab_set import TabSet

log = logging.getLogger(__name__)

CHECK_INTERVAL_MS = 10_000
LOW_BYTES = 1_000_000_000
INTERVAL_MS = 5_000
FULL_EVERY = 12


def available_bytes() -> int:
    """How much memory the computer could still give."""
    return int(psutil.virtual_memory().available)


class MemoryWatch(QObject):
    """Looks every ten seconds. Models come back by themselves when their tab computes again."""

    def __init__(self, tabs: TabSet, available: Callable[[], int] = available_bytes) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self._available = available
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_INTERVAL_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Free the hidden models where memory is short."""
        if self._available() >= LOW_BYTES:
            return
        log.info("memory is short: the models of hidden tabs are freed")
        for tab in self._tabs.model_tabs():
            if tab is not self._tabs.front:
                tab.unload()


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
