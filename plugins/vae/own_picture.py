"""Brings a person's picture to the model, from a file, a drop or the clipboard; every step is shown."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy, Work
from studio.api.panel import PictureIntake, TaskScope, frame_thumbnail
from studio.core.frame import Frame
from studio.core.text import N_

from .engine_call import read_path, read_pixels
from .reading_section import PICTURE_PX, ReadingSection

READING_KEY = "reading"


class OwnPicture(QObject):
    """Runs the reading of one picture at a time.

    Signals: read(Reading) when it is done; failed(UserError).
    """

    read = Signal(object)
    failed = Signal(object)

    def __init__(
        self, tasks: TaskScope, handle: EngineHandle, section: ReadingSection, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._section = section
        self._intake = PictureIntake(section, self)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(self.failed)
        section.open_requested.connect(self._intake.choose)
        section.paste_requested.connect(self.paste)
        section.stop_requested.connect(self.stop)
        tasks.ended.connect(self._on_work_ended)

    def open(self, path: Path) -> None:
        """Read the picture in a file."""
        self._start(self._handle.work(partial(read_path, path=path)))

    def paste(self) -> None:
        """Read the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def _on_pixels_given(self, rgb: Any) -> None:
        self._start(self._handle.work(partial(read_pixels, rgb=rgb)))

    def stop(self) -> None:
        """End the reading; what was drawn last stays on show."""
        self._tasks.cancel(READING_KEY)
        self._section.show_running(False)

    def _start(self, work: Work) -> None:
        self._section.show_running(True)
        self._tasks.run(
            READING_KEY,
            work,
            Policy.RESTART,
            event=self._on_frame_arrived,
            done=self.read.emit,
            failed=self.failed.emit,
            title=N_("Reading the picture"),
        )

    def _on_frame_arrived(self, frame: Frame) -> None:
        self._section.show_redrawn(frame_thumbnail(frame, PICTURE_PX), frame.scalars["error"])
        if "original" in frame.views:
            original = Frame(0, 1, views={"original": frame.views["original"]})
            self._section.show_original(frame_thumbnail(original, PICTURE_PX))

    def _on_work_ended(self, key: str) -> None:
        """Offer the next picture, also when the status bar stopped this one."""
        if key == READING_KEY:
            self._section.show_running(False)
