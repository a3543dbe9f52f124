"""The canvas of the styles panel: the original, what becomes of it, and what comes back, with arrows between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import Sized, clipped, enlarge_smooth, image_from_array, rounded, theme, theme_source
from studio.core.translation import _
from studio.core.view import ByteArray

_GAP_PX: Final = 56
_ARROW_PX: Final = 26
_HEAD_PX: Final = 7
_WORDS_LINES: Final = 2
_MAX_SIDE_PX: Final = 460


@dataclass(frozen=True, eq=False)
class CycleTile:
    """One picture (H, W, 3) with its strong words and the quiet ones below.

    Attributes:
        is_made: whether it was made from the one before, which an arrow shows.
    """

    title: str
    detail: str
    pixels: ByteArray
    is_made: bool = True


class CycleView(Sized, QWidget):
    """Tiles of one height in a row, as large as they fit. Signals: painted() after each drawing."""

    painted = Signal()
    room_px, least_px = (560, 320), (200, 140)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cycle_view")
        self.setAccessibleName(_("The original, the translation, and back again"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._tiles: tuple[CycleTile, ...] = ()
        self._images: dict[int, QImage] = {}
        theme_source().theme_changed.connect(self.update)

    def show_tiles(self, tiles: Sequence[CycleTile]) -> None:
        """Show these from left to right."""
        self._tiles = tuple(tiles)
        self._images.clear()
        self.setAccessibleDescription("; ".join(f"{tile.title}: {tile.detail}" for tile in self._tiles))
        self.update()

    def tiles(self) -> tuple[CycleTile, ...]:
        """What is on show."""
        return self._tiles

    def tile_rect(self, index: int) -> QRectF:
        """Where the picture of a tile lies."""
        widths = [tile.pixels.shape[1] / tile.pixels.shape[0] for tile in self._tiles]
        gaps = theme().scaled(_GAP_PX) * (len(widths) - 1)
        high = self.height() - self._words_px() - 8
        height = max(8.0, min((self.width() - gaps - 8) / sum(widths), high, theme().scaled(_MAX_SIDE_PX)))
        left = (self.width() - height * sum(widths) - gaps) / 2 + height * sum(widths[:index])
        left += theme().scaled(_GAP_PX) * index
        return QRectF(round(left), round((high - height) / 2 + 4), round(height * widths[index]), round(height))

    def _words_px(self) -> float:
        return 12 + 1.4 * theme().text_px("body") * _WORDS_LINES

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all tiles and the arrows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = [self.tile_rect(index) for index in range(len(self._tiles))]
        for index, (tile, rect) in enumerate(zip(self._tiles, rects, strict=True)):
            self._paint_picture(painter, index, rect)
            self._paint_words(painter, tile, rect)
        for (before, after), tile in zip(pairwise(rects), self._tiles[1:], strict=True):
            if not tile.is_made:
                continue
            middle = QPointF((before.right() + after.left()) / 2, before.center().y())
            _paint_arrow(painter, middle, theme().scaled(_ARROW_PX))
        painter.end()
        self.painted.emit()

    def _paint_picture(self, painter: QPainter, index: int, rect: QRectF) -> None:
        ratio = self.devicePixelRatioF()
        width, height = round(rect.width() * ratio), round(rect.height() * ratio)
        image = self._images.get(index)
        if image is None or (image.width(), image.height()) != (width, height):
            image = image_from_array(enlarge_smooth(self._tiles[index].pixels, width, height))
            self._images[index] = image
        radius = theme().size.radius_picture
        path = rounded(rect, radius)
        with clipped(painter, path):
            painter.drawImage(rect, image)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_words(self, painter: QPainter, tile: CycleTile, rect: QRectF) -> None:
        line, colour, room = 1.4 * theme().text_px("body"), theme().colour, theme().scaled(_GAP_PX) - 12
        y = rect.bottom() + 10
        for text, ink, font in (
            (tile.title, colour.text_strong, theme().font("body", QFont.Weight.DemiBold)),
            (tile.detail, colour.text_muted, theme().font("small")),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            place = QRectF(rect.x() - room / 2, y, rect.width() + room, line)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, short)
            y += line


def _paint_arrow(painter: QPainter, middle: QPointF, length: float) -> None:
    pen = QPen(QColor(theme().colour.text_muted), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    tip = middle + QPointF(length / 2, 0)
    painter.drawLine(middle - QPointF(length / 2, 0), tip)
    for sign in (-1, 1):
        painter.drawLine(tip, tip + QPointF(-_HEAD_PX, sign * _HEAD_PX))
