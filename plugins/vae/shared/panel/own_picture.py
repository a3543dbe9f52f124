"""The inspector's part for one's own picture: bring it in by file, drop or clipboard, see it beside its redrawing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    EngineTasks,
    Label,
    PictureIntake,
    at_the_left,
    frame_thumbnail,
    named_button,
    put_in_a_column,
)
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate

PICTURE_PX = 132
READING_KEY = "reading"


class VaeReadingSection(QWidget):
    """Original and redrawing side by side.

    Signals: open_requested(), paste_requested(), stop_requested().
    """

    open_requested = Signal()
    paste_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open = named_button("open_picture", N_("Open picture…"), "", "open", pressed=self.open_requested)
        self.paste = named_button(
            "paste_picture",
            N_("Paste"),
            N_("Read the picture on the clipboard (Ctrl+V)"),
            "copy",
            pressed=self.paste_requested,
        )
        self.stop = named_button("stop_reading", N_("Stop"), "", "stop", pressed=self.stop_requested)
        self.original = thumbnail_label(N_("Your picture"))
        self.redrawn = thumbnail_label(N_("Redrawn by the model"))
        self.error = Label()
        self.error.setProperty("role", "muted")
        self.error.setWordWrap(True)
        self._hint = Label(_("Drop two pictures at once, and one melts into the other."))
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._pair = QWidget()
        self._lay_out()
        self._pair.hide()
        self.stop.hide()

    def _lay_out(self) -> None:
        buttons = at_the_left(self.open, self.paste, self.stop)
        pair = QHBoxLayout()
        pair.setSpacing(12)
        for label, title in ((self.original, N_("Yours")), (self.redrawn, N_("The model’s"))):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(label)
            name = Label(translate(title))
            name.setProperty("role", "small")
            column.addWidget(name)
            pair.addLayout(column)
        pair.addStretch(1)
        put_in_a_column(self._pair, (pair, self.error))
        put_in_a_column(self, (buttons, self._hint, self._pair))

    def show_running(self, is_running: bool) -> None:
        """Offer to stop while a picture is being read."""
        self.stop.setVisible(is_running)
        self.open.setVisible(not is_running)
        self.paste.setVisible(not is_running)

    def show_original(self, picture: QImage) -> None:
        """Show the person's picture, made ready for the model."""
        self.original.setPixmap(QPixmap.fromImage(picture))
        self._pair.show()

    def show_redrawn(self, picture: QImage, error: float) -> None:
        """Show the model's redrawing and the mean difference per pixel, 0..1."""
        self.redrawn.setPixmap(QPixmap.fromImage(picture))
        self.error.setText(
            _("On average they differ by {percent:.1f} % of the range from ink to paper.").format(percent=100 * error)
        )
        self._pair.show()


def dropped(event: QDropEvent, is_taken: Callable[[Path], bool]) -> Path | None:
    """The one file or folder that is dropped, where it is taken."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and is_taken(path) else None


def thumbnail_label(name: str) -> Label:
    """A square for a picture."""
    label = Label()
    label.setFixedSize(PICTURE_PX, PICTURE_PX)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setAccessibleName(translate(name))
    label.setProperty("role", "thumbnail")
    return label


class VaeOwnPicture(QObject):
    """Runs the reading of one picture at a time.

    Signals: read(Reading) when it is done; failed(UserError); ended() where no other one is read after it.
    """

    read = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, tasks: EngineTasks, section: VaeReadingSection, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._section = section
        self._intake = PictureIntake(section, self)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(self.failed)
        section.open_requested.connect(self._intake.choose)
        section.paste_requested.connect(self.paste)
        section.stop_requested.connect(self.stop)

    def open(self, path: Path) -> None:
        """Read the picture in a file."""
        self._start(lambda engine: engine.read_file(path))

    def paste(self) -> None:
        """Read the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def _on_pixels_given(self, rgb: Any) -> None:
        self._start(lambda engine: engine.read(rgb))

    def stop(self) -> None:
        """End the reading; what was drawn last stays on show."""
        self._tasks.cancel(READING_KEY)
        self._section.show_running(False)

    def _start(self, call: Callable[[Any], Any]) -> None:
        self._section.show_running(True)
        self._tasks.ask(
            READING_KEY,
            call,
            Policy.RESTART,
            event=self._on_frame_arrived,
            done=self.read.emit,
            failed=self.failed.emit,
            ended=self._on_work_ended,
            title=N_("Reading the picture"),
        )

    def _on_frame_arrived(self, frame: Frame) -> None:
        self._section.show_redrawn(frame_thumbnail(frame, PICTURE_PX), frame.scalars["error"])
        if "original" in frame.views:
            original = Frame(0, 1, views={"original": frame.views["original"]})
            self._section.show_original(frame_thumbnail(original, PICTURE_PX))

    def _on_work_ended(self, _: str) -> None:
        """Offer the next picture, also when the status bar stopped this one."""
        self._section.show_running(False)
        self.ended.emit()
