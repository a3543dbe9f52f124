"""The large picture with the tokens that it was just written in: point at one, click it, go to it by arrow keys."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from studio.api.panel import ImageView, clipped, hue_of, rounded, theme
from studio.core.translation import _

LINE: Final = (255, 255, 255, 90)
SHADE: Final = (0, 0, 0, 60)


class TokenCanvas(ImageView):
    """Signals: token_pressed(row, column): a click on a cell."""

    token_pressed = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("emoji_canvas")
        self.setAccessibleDescription(_("Click a token, or go to it with the arrow keys."))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._n_cells = 0
        self._chosen: tuple[int, int] | None = None
        self._hovered: tuple[int, int] | None = None
        self.nudged.connect(self._go)

    def show_cells(self, n_cells: int, chosen: tuple[int, int] | None) -> None:
        """Divide the picture into so many cells a side, none for 0, one of them marked. Emits nothing."""
        self._n_cells, self._chosen = n_cells, chosen
        self.update()

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell at a point; None beside the picture."""
        rect, n = self.content_rect(), self._n_cells
        if not n or not rect.contains(point):
            return None
        row, column = (point.y() - rect.y()) / rect.height(), (point.x() - rect.x()) / rect.width()
        return min(int(n * row), n - 1), min(int(n * column), n - 1)

    def rect_of(self, row: int, column: int) -> QRectF:
        """Where a cell lies."""
        rect, n = self.content_rect(), max(self._n_cells, 1)
        wide, high = rect.width() / n, rect.height() / n
        return QRectF(rect.x() + column * wide, rect.y() + row * high, wide, high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.token_pressed.emit(*cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the cell under the pointer."""
        cell = self.cell_at(event.position())
        if cell != self._hovered:
            self._hovered = cell
            self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """None is lit any more."""
        self._hovered = None
        self.update()

    def _go(self, across: float, down: float) -> None:
        if self._n_cells:
            row, column = self._chosen or (0, 0)
            row, column = (round(min(max(one, 0), self._n_cells - 1)) for one in (row + down, column + across))
            self.token_pressed.emit(row, column)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the picture, and over it the cells while a hand is at it or one is chosen."""
        super().paint_content(painter, rect)
        is_wanted = self._hovered is not None or self._chosen is not None or self.hasFocus()
        if not self._n_cells or not is_wanted:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        with clipped(painter, rounded(rect, theme().size.radius_picture)):
            for offset, colour in ((1.0, SHADE), (0.0, LINE)):
                painter.setPen(QPen(QColor(*colour), 1))
                for number in range(1, self._n_cells):
                    x = round(rect.x() + number * rect.width() / self._n_cells) + offset
                    y = round(rect.y() + number * rect.height() / self._n_cells) + offset
                    painter.drawLine(QPointF(x, rect.y()), QPointF(x, rect.bottom()))
                    painter.drawLine(QPointF(rect.x(), y), QPointF(rect.right(), y))
        marks = (self._hovered, theme().colour.text_strong, 1), (self._chosen, hue_of(self).fill, 3)
        for cell, ink, width in marks:
            if cell is not None:
                painter.setPen(QPen(QColor(ink), width))
                painter.drawRect(self.rect_of(*cell).adjusted(0.5, 0.5, -0.5, -0.5))
