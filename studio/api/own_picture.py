"""Brings a person's picture to a panel, from a file, a drop or the clipboard."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.engine_tasks import EngineTasks
from studio.core.view import ByteArray
from studio.widgets.views.picture_intake import PictureIntake

_KEY: Final = "own picture"


class OwnPicture(QObject):
    """Reads one picture at a time. Signals: read(what the reader returned); failed(UserError)."""

    read = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        tasks: EngineTasks,
        intake: PictureIntake,
        reader: Callable[..., Any],
        title: str = "",
    ) -> None:
        """`reader(engine, source)` takes a file's path or pixels (H, W, 3); the status bar shows its `title`."""
        super().__init__(intake.parent())
        self._tasks, self._reader, self._title = tasks, reader, title
        self.choose, self.paste = intake.choose, intake.paste
        intake.path_given.connect(self.open)
        intake.pixels_given.connect(self.open)
        intake.failed.connect(self.failed)

    def open(self, source: Path | ByteArray) -> None:
        """Take the picture in a file, or pixels (H, W, 3)."""
        call = partial(self._reader, source=source)
        self._tasks.ask(_KEY, call, Policy.RESTART, done=self.read.emit, failed=self.failed.emit, title=self._title)
