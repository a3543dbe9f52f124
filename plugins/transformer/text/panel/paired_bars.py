"""Two bars a row, for before and after, or for two measures side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.translation import translate

_ROW_PX: Final = 22
_BAR_PX: Final = 8
_NAME_SHARE: Final = 0.28
_FIGURE_PX: Final = 46
_GAP_PX: Final = 8


@dataclass(frozen=True)
class PairedRow:
    """A name, two lengths of 0 to 1, and the figures beside them."""

    name: str
    left: float
    right: float
    left_text: str
    right_text: str


class PairedBars(QWidget):
    """Two columns with heads."""

    def __init__(self, object_name: str, heads: tuple[str, str], title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._heads = heads
        self._rows: tuple[PairedRow, ...] = ()
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[PairedRow]) -> None:
        """Show these rows; takes no room where there are none. Emits nothing."""
        self._rows = tuple(rows)
        self.setVisible(bool(rows))
        self.setAccessibleDescription("; ".join(f"{row.name} {row.left_text} {row.right_text}" for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each row and one above them."""
        return QSize(200, theme().scaled(_ROW_PX) * (len(self._rows) + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the heads and all rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self._columns()
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text_muted))
        for column, head in zip(columns, self._heads, strict=True):
            painter.drawText(column, Qt.AlignmentFlag.AlignVCenter, translate(head))
        for number, row in enumerate(self._rows):
            self._paint_row(painter, row, theme().scaled(_ROW_PX) * (number + 1), columns)

    def _columns(self) -> tuple[QRectF, QRectF]:
        left = self.width() * _NAME_SHARE
        width = (self.width() - left - _GAP_PX) / 2
        height = theme().scaled(_ROW_PX)
        return QRectF(left, 0, width, height), QRectF(left + width + _GAP_PX, 0, width, height)

    def _paint_row(self, painter: QPainter, row: PairedRow, top: float, columns: tuple[QRectF, QRectF]) -> None:
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(theme().colour.text_strong))
        room = QRectF(0, top, columns[0].left() - 6, columns[0].height())
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        inks = (theme().colour.text_muted, hue_of(self).fill)
        values = ((row.left, row.left_text), (row.right, row.right_text))
        for column, ink, (value, text) in zip(columns, inks, values, strict=True):
            _paint_bar(painter, column.translated(0, top), min(max(value, 0.0), 1.0), text, QColor(ink))


def _paint_bar(painter: QPainter, column: QRectF, value: float, text: str, ink: QColor) -> None:
    painter.setFont(theme().font("caption"))
    painter.setPen(QColor(theme().colour.text_muted))
    painter.drawText(column, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
    track = QRectF(column.x(), column.center().y() - _BAR_PX / 2, column.width() - _FIGURE_PX, _BAR_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme().colour.groove))
    painter.drawRoundedRect(track, 2, 2)
    if value > 0:
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(track.x(), track.y(), max(track.width() * value, 2), _BAR_PX), 2, 2)
