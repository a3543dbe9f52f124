"""Plays the short picture loop that a family ships; it rests while nobody can see it."""

from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QMovie, QPainter, QPainterPath, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.theme import hue_of, theme

_SHAPE: Final = 0.37  # height over width
_MOST: Final = 1.6


class Thumbnail(QWidget):
    """An animated picture that covers its area; its corners at the top or at the left are round."""

    def __init__(self, path: Path | None, size_px: QSize, corners: Literal["top", "left"] = "top") -> None:
        super().__init__()
        self._movie = QMovie(self)
        if path is not None:
            self._movie.setFileName(str(path))
        self._size_px = size_px
        self._corners = corners
        self._movie.frameChanged.connect(self.update)
        # Beside words it is as high as they are; above them it has its own height.
        height = QSizePolicy.Policy.Fixed if corners == "top" else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Expanding, height)

    @property
    def is_readable(self) -> bool:
        """Whether Qt can play the file."""
        return bool(self._movie.fileName()) and self._movie.isValid()

    def sizeHint(self) -> QSize:
        """The size that the card asked for."""
        return self._size_px

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Above words a wide one is higher, so that less of its picture is cut off."""
        super().resizeEvent(event)
        if self._corners == "top":
            least = self._size_px.height()
            self.setFixedHeight(round(min(max(self.width() * _SHAPE, least), _MOST * least)))

    def showEvent(self, event: QShowEvent) -> None:
        """Go on playing."""
        super().showEvent(event)
        if self.is_readable:
            self._movie.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._movie.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the present picture so that it covers the area."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(self._outline())
        picture = self._movie.currentPixmap()
        if picture.isNull():
            painter.fillRect(self.rect(), QColor(hue_of(self).fill))
            return
        scale = max(self.width() / picture.width(), self.height() / picture.height())
        width, height = self.width() / scale, self.height() / scale
        source = QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
        painter.drawPixmap(QRectF(self.rect()), picture, source)

    def _outline(self) -> QPainterPath:
        """Round the corners on the side where the card's own edge is."""
        radius = theme().size.radius_large - 1
        square = QRectF(self.rect()).adjusted(radius, 0, 0, 0)
        if self._corners == "top":
            square = QRectF(self.rect()).adjusted(0, radius, 0, 0)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        path.addRect(square)
        return path
