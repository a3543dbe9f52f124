"""Brings a person's own table to the panel of series: from a file or a drop, and keeps the series that were in it."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import TaskScope
from studio.core.text import N_, translate

from .series_call import read_table
from .series_state import Line
from .series_table import SUFFIXES, is_table

_KEY: Final = "table"


class TableDesk(QObject):
    """Signals: read() when series of a table are there; failed(error).

    Attributes:
        lines: the series of the newest table.
    """

    read = Signal()
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._handle, self._window = tasks, handle, window
        self.lines: list[Line] = []

    @property
    def is_reading(self) -> bool:
        """Whether a table is being read."""
        return self._tasks.is_running(_KEY)

    def choose(self) -> None:
        """Let the person choose a file."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        words = translate(N_("Tables ({patterns})")).format(patterns=patterns)
        chosen, _ = QFileDialog.getOpenFileName(self._window, translate(N_("Open a table")), "", words)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> bool:
        """Read a table; returns whether the file is called like one."""
        if not is_table(path):
            return False
        work = self._handle.work(partial(read_table, path=path))
        self._tasks.run(_KEY, work, done=self._on_read, failed=self.failed.emit, title=translate(N_("Reading a table")))
        return True

    def _on_read(self, lines: Any) -> None:
        self.lines = lines
        self.read.emit()
