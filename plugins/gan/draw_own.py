"""Brings a person's picture to the sheet as an outline, from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle, Policy, Work
from studio.api.panel import TaskScope, array_from_image
from studio.core.error import UserError
from studio.core.picture import PICTURE_SUFFIXES, is_picture
from studio.core.text import N_, translate

from .draw_call import outline_file, outline_pixels

KEY: Final = "outline"
MAX_PASTED_PX: Final = 1024


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
        self._window = parent

    def choose(self) -> None:
        """Let a file be chosen."""
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        pictures = f"{translate(N_('Pictures'))} ({patterns})"
        chosen, _ = QFileDialog.getOpenFileName(self._window, translate(N_("Open a picture")), "", pictures)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Take the picture in a file."""
        self._start(self._handle.work(partial(outline_file, path=path)))

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        clipboard = QGuiApplication.clipboard()
        picture = clipboard.image()
        data: QMimeData | None = clipboard.mimeData()  # an empty clipboard has none
        urls = data.urls() if data is not None else []
        copied = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if not picture.isNull():
            self._start(self._handle.work(partial(outline_pixels, rgb=array_from_image(picture, MAX_PASTED_PX))))
        elif copied and is_picture(copied[0]):
            self.open(copied[0])
        else:
            self.failed.emit(UserError(N_("There is no picture on the clipboard."), N_("Copy one, then paste again.")))

    def _start(self, work: Work) -> None:
        self._tasks.run(
            KEY, work, Policy.RESTART, done=self.drawn.emit, failed=self.failed.emit, title=N_("Finding the outline")
        )
