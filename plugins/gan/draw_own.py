"""Brings a person's picture to the sheet as an outline, from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle, Policy, Work
from studio.api.panel import PictureIntake, TaskScope
from studio.core.text import N_

from .draw_call import outline_file, outline_pixels

KEY: Final = "outline"


class OwnOutline(QObject):
    """Makes the outline of one picture at a time.

    Signals: drawn(Drawing) when it is done; failed(UserError).
    """

    drawn = Signal(object)
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
        """Let a file be chosen."""
        self._intake.choose()

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def open(self, path: Path) -> None:
        """Take the picture in a file."""
        self._start(self._handle.work(partial(outline_file, path=path)))

    def _on_pixels_given(self, rgb: Any) -> None:
        self._start(self._handle.work(partial(outline_pixels, rgb=rgb)))

    def _start(self, work: Work) -> None:
        self._tasks.run(
            KEY, work, Policy.RESTART, done=self.drawn.emit, failed=self.failed.emit, title=N_("Finding the outline")
        )
