"""Brings a person's picture into the styles panel: from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope, array_from_image
from studio.core.error import UserError
from studio.core.picture import PICTURE_SUFFIXES, is_picture
from studio.core.text import N_, translate

from .styles_call import read_own
from .styles_picture import prepared

KEY = "own picture"
MAX_PASTED_PX = 1024


class StylesOwn(QObject):
    """Reads one picture at a time. Signals: read(pixels) with (64, 64, 3) uint8; failed(UserError)."""

    read = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._widget = parent

    def choose(self) -> None:
        """Ask for a file."""
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        pictures = f"{translate(N_('Pictures'))} ({patterns})"
        chosen, _ = QFileDialog.getOpenFileName(self._widget, translate(N_("Open a picture")), "", pictures)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read the picture in a file."""
        work = self._handle.work(partial(read_own, path=path))
        self._tasks.run(KEY, work, Policy.RESTART, done=self.read.emit, failed=self.failed.emit)

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        clipboard = QGuiApplication.clipboard()
        picture = clipboard.image()
        data: QMimeData | None = clipboard.mimeData()  # an empty clipboard has none
        urls = data.urls() if data is not None else []
        copied = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if not picture.isNull():
            self.read.emit(prepared(array_from_image(picture, MAX_PASTED_PX)))
        elif copied and is_picture(copied[0]):
            self.open(copied[0])
        else:
            self.failed.emit(
                UserError(N_("There is no picture on the clipboard."), N_("Copy one, then paste again."))
            )
