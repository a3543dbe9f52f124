"""Brings a person's picture, whole and in its own size, from a file, a drop or the clipboard."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import TaskScope, array_from_image
from studio.core.error import UserError
from studio.core.picture import MAX_SIDE_PX, PICTURE_SUFFIXES, is_picture
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
        self._tasks, self._handle, self._parent = tasks, handle, parent

    def choose(self) -> None:
        """Ask for a file."""
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        pictures = f"{translate(N_('Pictures'))} ({patterns})"
        chosen, _ = QFileDialog.getOpenFileName(self._parent, translate(N_("Open a picture")), "", pictures)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read the picture in a file."""
        work = self._handle.work(partial(read_path, path=path))
        self._tasks.run(_KEY, work, done=self._on_read, failed=self.failed.emit)

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        clipboard = QGuiApplication.clipboard()
        picture = clipboard.image()
        data: QMimeData | None = clipboard.mimeData()  # an empty clipboard has none
        urls = data.urls() if data is not None else []
        copied = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if not picture.isNull():
            try:
                check_size(picture.width(), picture.height())
            except UserError as error:
                self.failed.emit(error)
                return
            pixels = array_from_image(picture, MAX_SIDE_PX)
            self.opened.emit(Opened(pixels, None, translate(N_("From the clipboard"))))
        elif copied and is_picture(copied[0]):
            self.open(copied[0])
        else:
            self.failed.emit(UserError(N_("There is no picture on the clipboard."), N_("Copy one, then paste again.")))

    def _on_read(self, opened: Any) -> None:
        self.opened.emit(opened)
