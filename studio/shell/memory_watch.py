"""Frees the models of hidden tabs when the computer runs short of memory."""

import logging
from collections.abc import Callable

import psutil
from PySide6.QtCore import QObject, QTimer

from studio.shell.tab_set import TabSet

log = logging.getLogger(__name__)

CHECK_INTERVAL_MS = 10_000
LOW_BYTES = 1_000_000_000


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
