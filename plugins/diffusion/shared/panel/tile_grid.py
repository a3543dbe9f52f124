"""Pictures in rows, words under each, one of them chosen: for strips, races and neighbourhoods."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import DrawnItems, clipped, hue_of, icon_pixmap, rounded, theme
from studio.core.translation import _

_GAP_PX: Final = 18
_RING_PX: Final = 4
_BAR_PX: Final = 3
_PIN_PX: Final = 20
_MAX_SIDE_PX: Final = 420
_CRISP_BELOW: Final = 16  # pixels of a picture that is shown as squares
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_JUMPS: Final = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1}


@dataclass(frozen=True, eq=False)
class StudyTile:
    """One picture.

    Attributes:
        caption: the strong words under it; where no tile has any, no room is kept for them.
        detail: the quiet ones under these.
        image: null until there is one.
        is_origin: whether this is the picture that the others were made from; it wears a pin.
        share: 0..1, how far it is made; a bar under the picture shows it until it is 1.
    """

    caption: str
    detail: str = ""
    image: QImage = field(default_factory=QImage)
    share: float = 1.0
    is_origin: bool = False


class TileGrid(DrawnItems):
    """All tiles equally large, as large as they fit. Arrow keys and a click choose, Enter and a double click take.

    Signals:
        chosen(index): the person looks at this one.
        taken(index): the person wants to go on with this one.
    """

    chosen = Signal(int)
    taken = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tile_grid")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._tiles: list[StudyTile] = []
        self._n_columns = 1
        self._chosen = -1

    def set_tiles(self, tiles: Sequence[StudyTile], n_columns: int, chosen: int = -1) -> None:
        """Show these tiles in so many columns, and mark one, -1 for none. Emits nothing."""
        self._tiles, self._n_columns, self._chosen, self._hovered = list(tiles), max(n_columns, 1), chosen, -1
        self._describe()
        self.update()

    def set_tile(self, index: int, tile: StudyTile) -> None:
        """One of them has changed. Emits nothing."""
        self._tiles[index] = tile
        self._describe()
        self.update()

    def set_chosen(self, index: int) -> None:
        """Mark a tile; -1 for none. Emits nothing."""
        self._chosen = index
        self._describe()
        self.update()

    def chosen_index(self) -> int:
        """The marked tile, -1 for none."""
        return self._chosen

    def __len__(self) -> int:
        return len(self._tiles)

    def tile(self, index: int) -> StudyTile:
        """One of the tiles."""
        return self._tiles[index]

    # Places

    def sizeHint(self) -> QSize:
        """Layouts give more."""
        return QSize(480, 320)

    def minimumSizeHint(self) -> QSize:
        """Tiles get small rather than push the window open."""
        return QSize(160, 120)

    def picture_rect(self, index: int) -> QRectF:
        """Where the picture of a tile is."""
        side, words = self._side_px(), self._words_px()
        row, column = divmod(index, self._n_columns)
        width = self._n_columns * (side + _GAP_PX) - _GAP_PX
        height = self._n_rows * (side + words + _GAP_PX) - _GAP_PX
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        return QRectF(round(left + column * (side + _GAP_PX)), round(top + row * (side + words + _GAP_PX)), side, side)

    @property
    def _n_rows(self) -> int:
        return max(1, math.ceil(len(self._tiles) / self._n_columns))

    def _side_px(self) -> int:
        wide = (self.width() - 2 * _RING_PX + _GAP_PX) / self._n_columns - _GAP_PX
        high = (self.height() - 2 * _RING_PX + _GAP_PX) / self._n_rows - _GAP_PX - self._words_px()
        return max(8, math.floor(min(wide, high, _MAX_SIDE_PX)))

    def _words_px(self) -> int:
        """The room for the words under a picture: one line, or two where any tile has a detail."""
        line = 1.4 * theme().text_px("small")
        n_lines = 2 if any(tile.detail for tile in self._tiles) else int(any(tile.caption for tile in self._tiles))
        return round(10 + line * n_lines) if n_lines else 0

    def item_at(self, at: QPointF) -> int:
        """The tile there, with its words."""
        words = self._words_px()
        rects = (self.picture_rect(index).adjusted(0, 0, 0, words) for index in range(len(self._tiles)))
        return next((index for index, rect in enumerate(rects) if rect.contains(at)), -1)

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a tile."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go on with a tile."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._take(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from tile to tile, or on with the chosen one; other keys are the window's."""
        key, n = Qt.Key(event.key()), len(self._tiles)
        ways = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._n_columns,
            Qt.Key.Key_Down: self._n_columns,
        }
        if n and key in ways:
            target = self._chosen + ways[key] if self._chosen >= 0 else 0
            if 0 <= target < n:
                self._choose(target)
        elif n and key in _JUMPS:
            self._choose(_JUMPS[key] % n)
        elif key in _ENTER and self._chosen >= 0:
            self._take(self._chosen)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int) -> None:
        if index != self._chosen:
            self.set_chosen(index)
            self.chosen.emit(index)

    def _take(self, index: int) -> None:
        self._choose(index)
        if not self._tiles[index].image.isNull():
            self.taken.emit(index)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all tiles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, tile in enumerate(self._tiles):
            rect = self.picture_rect(index)
            self._paint_picture(painter, tile, rect, index)
            self._paint_words(painter, tile, rect, index)

    def _paint_picture(self, painter: QPainter, tile: StudyTile, rect: QRectF, index: int) -> None:
        radius, colour = min(theme().size.radius_picture, rect.width() / 8), theme().colour
        path = rounded(rect, radius)
        painter.fillPath(path, QColor(colour.field))
        if not tile.image.isNull():
            is_smooth = min(tile.image.width(), tile.image.height()) > _CRISP_BELOW
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            with clipped(painter, path):
                painter.drawImage(_fitted(tile.image, rect), tile.image)
                if tile.share < 1:
                    self._paint_bar(painter, rect, tile.share)
        elif tile.share < 1:
            painter.setPen(QColor(colour.text_muted))
            painter.setFont(theme().font("small"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _("waiting"))
        if tile.is_origin:
            self._paint_pin(painter, rect)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        is_lit = index == self._hovered
        painter.setPen(QPen(QColor(colour.text_muted if is_lit else colour.border), 1))
        painter.drawPath(path)
        if index == self._chosen:
            painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else hue_of(self).fill), 3))
            painter.drawRoundedRect(rect.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5, radius + 2.5)

    def _paint_pin(self, painter: QPainter, rect: QRectF) -> None:
        plate = QRectF(rect.right() - _PIN_PX - 6, rect.y() + 6, _PIN_PX, _PIN_PX)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawEllipse(plate)
        icon = icon_pixmap("pin_filled", size_px=_PIN_PX - 8)
        painter.drawPixmap(plate.topLeft() + QPointF(4, 4), icon)

    def _paint_bar(self, painter: QPainter, rect: QRectF, share: float) -> None:
        bar = QRectF(rect.x(), rect.bottom() - _BAR_PX, rect.width(), _BAR_PX)
        painter.fillRect(bar, QColor(theme().colour.groove))
        painter.fillRect(QRectF(bar.x(), bar.y(), bar.width() * share, bar.height()), QColor(hue_of(self).fill))

    def _paint_words(self, painter: QPainter, tile: StudyTile, rect: QRectF, index: int) -> None:
        line, colour = 1.4 * theme().text_px("small"), theme().colour
        weight = QFont.Weight.DemiBold if index == self._chosen else QFont.Weight.Medium
        y = rect.bottom() + 6
        for text, ink, font in (
            (tile.caption, colour.text_strong, theme().font("small", weight)),
            (tile.detail, colour.text_muted, theme().font("caption")),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            room = QRectF(rect.x() - _GAP_PX / 2 + 2, y, rect.width() + _GAP_PX - 4, line)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, short)
            y += line

    def _describe(self) -> None:
        if 0 <= self._chosen < len(self._tiles):
            tile = self._tiles[self._chosen]
            text = _("{i} of {n}. {caption} {detail}")
            where = {"i": self._chosen + 1, "n": len(self._tiles), "caption": tile.caption, "detail": tile.detail}
            self.setAccessibleDescription(text.format(**where).strip())
        else:
            self.setAccessibleDescription(_("{n} pictures").format(n=len(self._tiles)))


def _fitted(image: QImage, room: QRectF) -> QRectF:
    """The largest rectangle in the shape of the image, in the middle of the room."""
    scale = min(room.width() / image.width(), room.height() / image.height())
    fitted = QRectF(0, 0, image.width() * scale, image.height() * scale)
    fitted.moveCenter(room.center())
    return fitted
