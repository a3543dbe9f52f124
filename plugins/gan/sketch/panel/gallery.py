"""Outlines to begin with, none of which was learnt from, in small."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import DrawnItems, hue_of, image_from_array, rounded, steps_along, theme
from studio.core.translation import _

N_COLUMNS: Final = 6
_GAP_PX: Final = 6
_CELL_PX: Final = 45
_BY: Final = steps_along(N_COLUMNS)


class ExampleGrid(DrawnItems):
    """Small outlines in rows; a click, or the arrow keys, go to one of them.

    Signals: chosen(number).
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_examples")
        self.setAccessibleName(_("Examples"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self._current = -1

    def show_examples(self, pixels: NDArray[np.uint8], names: tuple[str, ...]) -> None:
        """Offer these, (N, H, W) grey."""
        self._images = [image_from_array(one) for one in pixels]
        self._names = names
        self.updateGeometry()
        self.update()

    def set_current(self, number: int) -> None:
        """Mark the one that is drawn, or none (-1). Emits nothing."""
        self._current = number
        self.setAccessibleDescription(self._names[number] if 0 <= number < len(self._names) else "")
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        n_rows = max(-(-len(self._images) // N_COLUMNS), 1)
        return QSize(N_COLUMNS * (_CELL_PX + _GAP_PX) - _GAP_PX, n_rows * (_CELL_PX + _GAP_PX) - _GAP_PX)

    def minimumSizeHint(self) -> QSize:
        """The same: the column of controls scrolls."""
        return self.sizeHint()

    def cell_rect(self, number: int) -> QRectF:
        """Where one is shown; all of the width is used."""
        row, column = divmod(number, N_COLUMNS)
        pitch = (self.width() + _GAP_PX) / N_COLUMNS
        return QRectF(column * pitch, row * (_CELL_PX + _GAP_PX), pitch - _GAP_PX, _CELL_PX)

    def item_at(self, at: QPointF) -> int:
        """The one under a point, -1 where there is none."""
        return next((number for number in range(len(self._images)) if self.cell_rect(number).contains(at)), -1)

    def hint_of(self, index: int) -> str:
        """What an outline shows."""
        return self._names[index] if index >= 0 else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the one under the pointer."""
        number = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour; Enter goes back to the marked one as it was."""
        step = _BY.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            step = 0
        if step is None or not self._images:
            super().keyPressEvent(event)
            return
        number = max(self._current, 0) + step
        if 0 <= number < len(self._images):
            self.chosen.emit(number)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all cells, and the ring around the marked one."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        radius, colour = theme().size.radius_small, theme().colour
        for number, image in enumerate(self._images):
            rect = self.cell_rect(number).adjusted(1, 1, -1, -1)
            path = rounded(rect, radius)
            painter.fillPath(path, QColor(colour.paper))
            side = min(rect.width(), rect.height()) - 4
            painter.drawImage(QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side), image)
            is_current = number == self._current
            marked = colour.focus if self.hasFocus() else hue_of(self).fill
            painter.setPen(QPen(QColor(marked), 2) if is_current else QPen(QColor(colour.border), 1))
            painter.drawPath(path)
