"""Takes in a person's picture: from a file that is chosen, or from the clipboard."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.core.error import UserError
from studio.core.picture import PICTURE_SUFFIXES, is_picture
from studio.core.translation import N_, _
from studio.widgets.views.picture import array_from_image

MAX_PASTED_PX = 1024


class PictureIntake(QObject):
    """Asks for one picture at a time; reading a file is left to whoever listens, since it belongs on the Worker.

    Signals: path_given(Path) of a picture file; pixels_given(rgb) with (H, W, 3) uint8 of a copied picture, on white
    where it lets light through, sides of at most `max_px`; failed(UserError) where the clipboard has none.
    """

    path_given = Signal(object)
    pixels_given = Signal(object)
    failed = Signal(object)

    def __init__(self, window: QWidget, parent: QObject, max_px: int = MAX_PASTED_PX) -> None:
        """`window` is what the dialog stands before."""
        super().__init__(parent)
        self._window = window
        self._max_px = max_px

    def choose(self) -> None:
        """Let a file be chosen."""
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        pictures = f"{_('Pictures')} ({patterns})"
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a picture"), "", pictures)
        if chosen:
            self.path_given.emit(Path(chosen))

    def paste(self) -> None:
        """Take the picture on the clipboard, or the picture file that was copied in a file manager."""
        clipboard = QGuiApplication.clipboard()
        picture = clipboard.image()
        data: QMimeData | None = clipboard.mimeData()  # an empty clipboard has none
        urls = data.urls() if data is not None else []
        copied = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if not picture.isNull():
            self.pixels_given.emit(array_from_image(picture, self._max_px))
        elif copied and is_picture(copied[0]):
            self.path_given.emit(copied[0])
        else:
            self.failed.emit(UserError(N_("There is no picture on the clipboard."), N_("Copy one, then paste again.")))
