"""Brings a person's picture, whole and in its own size, from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import PictureIntake, TaskScope
from studio.core.error import UserError
from studio.core.picture import MAX_SIDE_PX
from studio.core.text import N_, translate

from .enlarge_call import read_path
from .enlarge_picture import Opened, check_size

_KEY: Final = "own picture"


class OwnPictures(QObject):
    """Reads one picture at a time. Signals: opened(Opened), failed(UserError)."""

    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._intake = PictureIntake(parent, self, MAX_SIDE_PX)
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
        work = self._handle.work(partial(read_path, path=path))
        self._tasks.run(_KEY, work, done=self.opened.emit, failed=self.failed.emit)

    def _on_pixels_given(self, rgb: Any) -> None:
        try:
            check_size(rgb.shape[1], rgb.shape[0])
        except UserError as error:
            self.failed.emit(error)
            return
        self.opened.emit(Opened(rgb, None, translate(N_("From the clipboard"))))
