"""Has opened models exported for ONNX Runtime, one after the other in a child, and lets them come back quicker."""

import logging

from PySide6.QtCore import QObject, QTimer

from studio.registry.exporting import export_command
from studio.shell.session.memory import LOW_BYTES, available_bytes
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet
from studio.widgets.child_process import ChildProcess
from studio.widgets.hand import Hand

log = logging.getLogger(__name__)

CHECK_INTERVAL_MS = 10_000
ROOM_BYTES = 2 * LOW_BYTES  # which torch and its exporter fit in


class NetworkExport(QObject):
    """Looks every ten seconds while no hand moves; what failed is not tried again before the next start.

    A model that was exported is opened anew with that: a recording is made by one runtime from its first frame to its
    last.
    """

    def __init__(self, tabs: TabSet, hand: Hand) -> None:
        super().__init__(tabs)
        self._tabs, self._hand = tabs, hand
        self._tried: set[str] = set()
        self._ready: set[str] = set()
        self._child: ChildProcess | None = None
        self._timer = QTimer(self, interval=CHECK_INTERVAL_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Open anew what was exported, and begin with the next."""
        waiting = [tab for tab in self._tabs.model_tabs() if tab.is_to_export]
        if self._hand.is_moving or not waiting:
            return
        for tab in waiting:
            if tab.source.id in self._ready:
                tab.open_anew()
        self._ready.clear()
        left = [tab for tab in waiting if tab.source.id not in self._tried]
        if left and self._child is None and available_bytes() >= ROOM_BYTES:
            self._begin(left[0])

    def _begin(self, tab: ModelTab) -> None:
        name = tab.source.id
        self._tried.add(name)
        self._child = ChildProcess(export_command(tab.source), self)
        self._child.ended.connect(lambda is_well, text: self._on_ended(name, is_well, text))

    def _on_ended(self, name: str, is_well: bool, text: str) -> None:
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
        if is_well:
            self._ready.add(name)
        else:
            log.warning("%s could not be exported: %s", name, text)
        self.check()
