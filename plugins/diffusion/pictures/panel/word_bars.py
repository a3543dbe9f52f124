"""Two bars for each word of a prompt: how much it was looked at, and what changes without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, show_tip, theme, theme_source
from studio.core.translation import N_, _, translate

LOOKED: Final = N_("Looked at")
CHANGED: Final = N_("Changes without it")
LOOKED_HELP: Final = N_("Attention shows where the network looked: the average of this word’s map (cross-attention).")
CHANGED_HELP: Final = N_(
    "Leaving a word out shows what changed: the difference between the finished pictures with and without it, from the "
    "same noise (root mean square)."
)
_ROW_PX: Final = 20
_WORD_SHARE: Final = 0.3
_FIGURE_PX: Final = 40
_BAR_PX: Final = 8
_GAP_PX: Final = 10


@dataclass(frozen=True)
class WordRow:
    """One word.

    Attributes:
        word: as it was said.
        looked: 0..1, how much of the attention it has; None before there is a step.
        changed: 0..1, how much of the picture changes without it; None before it was tried.
    """

    word: str
    looked: float | None = None
    changed: float | None = None


class WordBars(QWidget):
    """The longest bar of a column fills it; the figures say what it stands for.

    Signals: hovered(index), -1 for none.
    """

    hovered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("word_bars")
        self.setAccessibleName(_("How much each word mattered"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._rows: tuple[WordRow, ...] = ()
        self._hovered = -1
        self._marked = -1
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_rows(self, rows: Sequence[WordRow]) -> None:
        """Show these words. Emits nothing."""
        is_resized = len(rows) != len(self._rows)
        self._rows = tuple(rows)
        self.setAccessibleDescription("; ".join(map(_spoken, rows)))
        if is_resized:
            self.updateGeometry()
        self.update()

    def set_marked(self, index: int) -> None:
        """Mark the chosen word; -1 for none. Emits nothing."""
        self._marked = index
        self.update()

    def sizeHint(self) -> QSize:
        """One line for each word and one above them."""
        return QSize(200, theme().scaled(_ROW_PX) * (len(self._rows) + 1) if self._rows else 0)

    def row_rect(self, index: int) -> QRectF:
        """Where a word's line is."""
        height = theme().scaled(_ROW_PX)
        return QRectF(0, height * (index + 1), self.width(), height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which word is under the pointer."""
        self._hover(self._index_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """None is."""
        self._hover(-1)

    def event(self, event: QEvent) -> bool:
        """Say what the column under the pointer means."""
        if isinstance(event, QHelpEvent):
            text = LOOKED_HELP if event.pos().x() < self._columns()[1].x() - _GAP_PX / 2 else CHANGED_HELP
            show_tip(event.globalPos(), translate(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the heads of the columns and all rows."""
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text_muted))
        for column, title in zip(self._columns(), (LOOKED, CHANGED), strict=True):
            text = painter.fontMetrics().elidedText(translate(title), Qt.TextElideMode.ElideRight, int(column.width()))
            painter.drawText(column, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        most = max((row.looked or 0.0 for row in self._rows), default=0.0)
        most_changed = max((row.changed or 0.0 for row in self._rows), default=0.0)
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row, most, most_changed)

    def _paint_row(self, painter: QPainter, index: int, row: WordRow, most: float, most_changed: float) -> None:
        place, colour = self.row_rect(index), theme().colour
        if index in (self._hovered, self._marked):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour.selected))
            painter.drawRoundedRect(place.adjusted(-2, 1, 2, -1), 4, 4)
        looked, changed = self._columns()
        painter.setFont(theme().font("small", QFont.Weight.DemiBold if index == self._marked else QFont.Weight.Normal))
        painter.setPen(QColor(colour.text_strong))
        room = QRectF(4, place.y(), looked.x() - _GAP_PX, place.height())
        word = painter.fontMetrics().elidedText(row.word, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, word)
        hue = QColor(hue_of(self).fill)
        _paint_bar(painter, looked.translated(0, place.y()), row.looked, most, hue)
        _paint_bar(painter, changed.translated(0, place.y()), row.changed, most_changed, QColor(colour.text_muted))

    def _columns(self) -> tuple[QRectF, QRectF]:
        """Where both columns lie in a line at the top."""
        height, left = theme().scaled(_ROW_PX), self.width() * _WORD_SHARE
        width = (self.width() - left - _GAP_PX) / 2
        return QRectF(left, 0, width, height), QRectF(left + width + _GAP_PX, 0, width, height)

    def _index_at(self, at: QPointF) -> int:
        return next((i for i in range(len(self._rows)) if self.row_rect(i).contains(at)), -1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()
            self.hovered.emit(index)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _paint_bar(painter: QPainter, column: QRectF, value: float | None, most: float, fill: QColor) -> None:
    """A bar against the longest one, and its figure; a dash where nothing is known."""
    figure = theme().scaled(_FIGURE_PX)
    painter.setFont(theme().font("caption"))
    painter.setPen(QColor(theme().colour.text_muted))
    room = QRectF(column.right() - figure, column.y(), figure, column.height())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(value))
    track = QRectF(column.x(), column.center().y() - _BAR_PX / 2, column.width() - figure - 4, _BAR_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme().colour.groove))
    painter.drawRoundedRect(track, 2, 2)
    if value and most > 0:
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(track.x(), track.y(), max(track.width() * value / most, 2), _BAR_PX), 2, 2)


def percent(value: float | None) -> str:
    """A share as people read it, a dash for none."""
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if value < 0.0995 else f"{100 * value:.0f} %"


def _spoken(row: WordRow) -> str:
    looked = f"{translate(LOOKED)} {percent(row.looked)}"
    changed = f"{translate(CHANGED)} {percent(row.changed)}"
    return f"{row.word}: {looked}, {changed}"
