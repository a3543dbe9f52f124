"""The single pictures of a short loop, read one by one between other events while somebody goes through them."""

from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader


class LoopFrames(QObject):
    """Holds pictures only from `begin` to `drop`: all of a loop are some 20 MB. Signals: grown() after each."""

    grown = Signal()

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._reader: QImageReader | None = None
        self._size_px = QSize()
        self._read: list[QImage] = []
        # One picture at a turn: each takes a few milliseconds, and a loop has up to seventy.
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._read_one)

    def begin(self, size_px: QSize) -> None:
        """Read all pictures, each as small as may cover `size_px`; nothing where that is under way."""
        if self._reader is None:
            self._size_px = size_px
            self._reader = QImageReader(str(self._path))
            self._turns.start()

    def drop(self) -> None:
        """Forget them."""
        self._turns.stop()
        self._reader = None
        self._read = []

    @property
    def n_read(self) -> int:
        """How many are there by now."""
        return len(self._read)

    def nearest(self, index: int) -> QImage:
        """The picture `index`, or the last one before it that is there; null before the first."""
        return self._read[min(index, len(self._read) - 1)] if self._read else QImage()

    def _read_one(self) -> None:
        picture = self._reader.read() if self._reader is not None else QImage()
        if picture.isNull():  # the end
            self._turns.stop()
            return
        self._read.append(_covering(picture, self._size_px))
        self.grown.emit()


def _covering(picture: QImage, size_px: QSize) -> QImage:
    """As it is, or smaller where it is more than covers `size_px`."""
    size = picture.size().scaled(size_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    if size.width() >= picture.width():
        return picture
    return picture.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
