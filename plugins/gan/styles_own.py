"""Brings a person's picture into the styles panel: from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import PictureIntake, TaskScope

from .styles_call import read_own
from .styles_picture import prepared

KEY = "own picture"


class StylesOwn(QObject):
    """Reads one picture at a time. Signals: read(pixels) with (64, 64, 3) uint8; failed(UserError)."""

    read = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._intake = PictureIntake(parent, self)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(self.failed)

    def choose(self) -> None:
        """Ask for a file."""
        self._intake.choose()

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def open(self, path: Path) -> None:
        """Read the picture in a file."""
        work = self._handle.work(partial(read_own, path=path))
        self._tasks.run(KEY, work, Policy.RESTART, done=self.read.emit, failed=self.failed.emit)

    def _on_pixels_given(self, rgb: Any) -> None:
        self.read.emit(prepared(rgb))
