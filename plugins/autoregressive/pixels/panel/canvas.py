"""The large picture that grows pixel by pixel: to look into, to erase, to draw on.

A left button works with the tool in hand, the right one always erases; the wheel and the keys [ and ] change the
brush. Arrow keys go from pixel to pixel, Enter uses the tool there, Escape takes a stroke under way back.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import ENTER, PICTURE, Sized, clipped, hue_of, image_from_array, rounded, theme
from studio.core.translation import _
from studio.core.view import ByteArray

from ..scene import Mask, covered_pixels
from ..state import UNKNOWN

LEAST_GRID_PX: Final = 6.0
GRID_COLOUR: Final = QColor(255, 255, 255, 18)
_ARROWS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True, eq=False)
class PixelCanvasContent:
    """What the canvas shows.

    Attributes:
        pixels: (H, W, 3). is_known: (H, W) which of them are there.
        place: the pixel that is marked, by reading order; None for none.
        veil: (H, W, 4) laid over it, or None. box: (top, left, bottom, right) with a dashed line around, or None.
        order_from: from this place on a thin line shows in which order pixels come; None for no line.
    """

    pixels: ByteArray
    is_known: Mask
    place: int | None = None
    veil: ByteArray | None = None
    box: tuple[int, int, int, int] | None = None
    order_from: int | None = None


class PixelCanvas(Sized, QWidget):
    """Signals:
    pixel_chosen(place): a click or a key with the tool that looks.
    stroke_begun(is_erasing), stroke_touched(mask), stroke_ended(), stroke_cancelled(): (H, W) pixels at a time.
    brush_scaled(steps): notches of the wheel, or keys.
    """

    spoken_role = PICTURE
    room_px, least_px = (440, 440), (160, 160)

    pixel_chosen = Signal(int)
    stroke_begun = Signal(bool)
    stroke_touched = Signal(object)
    stroke_ended = Signal()
    stroke_cancelled = Signal()
    brush_scaled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pixel_canvas")
        self.setAccessibleName(_("Picture"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._shown: PixelCanvasContent | None = None
        self._image, self._veil, self._grid = QImage(), QImage(), QPixmap()
        self._grid_key: tuple[QSize, int] | None = None
        self._tool, self._shape, self._brush_px = "look", "brush", 3
        self._at: tuple[int, int] | None = None  # row and column under the pointer, or of the keys
        self._from: tuple[int, int] | None = None  # where the stroke under way began

    # What it shows

    def show_picture(self, shown: PixelCanvasContent) -> None:
        """Show a picture with what is laid over it."""
        self._shown = shown
        alpha = np.where(shown.is_known, 255, 0).astype(np.uint8)[..., None]  # the grid shows where nothing is
        self._image = image_from_array(np.concatenate([shown.pixels, alpha], -1))
        self._veil = QImage() if shown.veil is None else image_from_array(shown.veil)
        self.update()

    def set_tool(self, tool: str, shape: str, brush_px: int) -> None:
        """Take another tool in hand."""
        self._tool, self._shape, self._brush_px = tool, shape, brush_px
        self.setAccessibleDescription(tool)
        self.update()

    @property
    def side(self) -> int:
        """Pixels of a side of the picture, 0 before there is one."""
        return 0 if self._shown is None else len(self._shown.pixels)

    def content_rect(self) -> QRectF:
        """Where the picture lies: a square, its pixels whole numbers of the screen's where they are large."""
        most = max(min(self.width(), self.height()) - 8, 1)
        side = most // self.side * self.side if 0 < self.side <= most else most
        return QRectF((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def rect_of(self, row: int, column: int) -> QRectF:
        """Where a pixel lies."""
        rect, cell = self.content_rect(), self.content_rect().width() / max(self.side, 1)
        return QRectF(rect.x() + column * cell, rect.y() + row * cell, cell, cell)

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column at a point, None beside the picture."""
        rect = self.content_rect()
        if not self.side or not rect.contains(point):
            return None
        cell = rect.width() / self.side
        row, column = int((point.y() - rect.y()) / cell), int((point.x() - rect.x()) / cell)
        return min(row, self.side - 1), min(column, self.side - 1)

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at a pixel, or begin a stroke."""
        at = self.pixel_at(event.position())
        is_right = event.button() == Qt.MouseButton.RightButton
        if at is None or self._from is not None or not (is_right or event.button() == Qt.MouseButton.LeftButton):
            return
        self._at = at
        if self._tool == "look" and not is_right:
            self.pixel_chosen.emit(at[0] * self.side + at[1])
        else:
            self._begin(at, is_right)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the brush; go on with the stroke; look from pixel to pixel while the button is down."""
        at = self.pixel_at(event.position())
        if at == self._at or at is None:
            return
        before, self._at = self._at, at
        if self._from is not None:
            self._touch(before or at, at)
        elif self._tool == "look" and event.buttons() & Qt.MouseButton.LeftButton:
            self.pixel_chosen.emit(at[0] * self.side + at[1])
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if self._from is not None and event.button() != Qt.MouseButton.MiddleButton:
            self._end()

    def leaveEvent(self, event: QEvent) -> None:
        """No brush is shown beside the picture."""
        if self._from is None:
            self._at = None
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A larger or smaller brush."""
        steps = event.angleDelta().y()
        if steps:
            self.brush_scaled.emit(1 if steps > 0 else -1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from pixel to pixel, use the tool, change the brush, take a stroke back."""
        key = Qt.Key(event.key())
        if key in _ARROWS and self.side:
            self._go(*_ARROWS[key])
        elif key in ENTER and self._at is not None and self._tool != "look":
            self._begin(self._at, False)
            self._end()
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.brush_scaled.emit(1 if key == Qt.Key.Key_BracketRight else -1)
        elif key == Qt.Key.Key_Escape and self._from is not None:
            self._from = None
            self.stroke_cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _go(self, rows: int, columns: int) -> None:
        place = self._shown.place if self._shown is not None else None
        start = divmod(place, self.side) if place is not None else (0, 0)
        row, column = self._at or start
        self._at = min(max(row + rows, 0), self.side - 1), min(max(column + columns, 0), self.side - 1)
        if self._tool == "look":
            self.pixel_chosen.emit(self._at[0] * self.side + self._at[1])
        self.update()

    def _begin(self, at: tuple[int, int], is_erasing: bool) -> None:
        self._from = at
        self.stroke_begun.emit(is_erasing)
        self._touch(at, at)

    def _touch(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        start = first if self._shape == "brush" else self._from or first
        self.stroke_touched.emit(covered_pixels(self.side, self._shape, start, last, self._brush_px))

    def _end(self) -> None:
        self._from = None
        self.stroke_ended.emit()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw pixels, grid, veil, marks and the brush."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, colour = self.content_rect(), theme().colour
        outline = rounded(rect, theme().size.radius_picture)
        painter.fillPath(outline, QColor(*UNKNOWN))
        with clipped(painter, outline):
            if self._shown is not None:
                self._paint_grid(painter, rect)
                painter.drawImage(rect, self._image)
                if not self._veil.isNull():
                    painter.drawImage(rect, self._veil)
                self._paint_order(painter, self._shown.order_from)
                self._paint_marks(painter, self._shown)
        self._paint_brush(painter)
        is_marked = self.hasFocus()
        painter.setPen(QPen(QColor(colour.focus if is_marked else colour.border), 2 if is_marked else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def _paint_grid(self, painter: QPainter, rect: QRectF) -> None:
        """Thin lines between the pixels; what is there already is painted over them."""
        key = (rect.size().toSize(), self.side)
        if rect.width() / max(self.side, 1) < LEAST_GRID_PX:
            return
        if key != self._grid_key:
            self._grid_key, self._grid = key, grid_picture(*key)
        painter.drawPixmap(rect.topLeft(), self._grid)

    def _paint_order(self, painter: QPainter, first: int | None) -> None:
        if first is None:
            return
        painter.setPen(QPen(QColor(hue_of(self).fill), 1))
        for row in range(first // self.side, self.side):
            left = self.rect_of(row, first % self.side if row == first // self.side else 0).center()
            right = self.rect_of(row, self.side - 1).center()
            painter.drawLine(left, right)
            if row + 1 < self.side:
                painter.drawLine(right, self.rect_of(row + 1, 0).center())

    def _paint_marks(self, painter: QPainter, shown: PixelCanvasContent) -> None:
        hue, cell = QColor(hue_of(self).fill), self.content_rect().width() / self.side
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if shown.box is not None:
            top, left, bottom, right = shown.box
            area = self.rect_of(top, left).united(self.rect_of(bottom, right))
            painter.setPen(QPen(hue, 1.2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(area, 4, 4)
        if shown.place is not None:
            painter.setPen(QPen(hue, 2))
            painter.drawRoundedRect(self.rect_of(*divmod(shown.place, self.side)), cell / 6, cell / 6)

    def _paint_brush(self, painter: QPainter) -> None:
        """An outline of what the tool would touch."""
        if self._at is None or self._tool == "look" or not self.side:
            return
        start = self._from if self._from is not None and self._shape != "brush" else self._at
        mask = covered_pixels(self.side, self._shape, start, self._at, self._brush_px)
        path = QPainterPath()
        for row, column in zip(*np.nonzero(mask), strict=True):
            path.addRect(self.rect_of(int(row), int(column)))
        for ink, wide in ((QColor(255, 255, 255, 220), 3.0), (QColor(40, 40, 46), 1.2)):
            painter.setPen(QPen(ink, wide))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path.simplified())


def grid_picture(size: QSize, side: int) -> QPixmap:
    """The lines between `side` times `side` pixels, on nothing; drawn once, since 54 clipped lines take 8 ms."""
    picture = QPixmap(size)
    picture.fill(Qt.GlobalColor.transparent)
    painter, cell = QPainter(picture), size.width() / side
    for number in range(1, side):
        painter.fillRect(round(number * cell), 0, 1, size.height(), GRID_COLOUR)
        painter.fillRect(0, round(number * cell), size.width(), 1, GRID_COLOUR)
    painter.end()
    return picture
