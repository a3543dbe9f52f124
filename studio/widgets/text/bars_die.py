"""The die on a bar that holds all probability: every word has its part of it, and the die falls into one."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.text.token import Die, named
from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import set_tip
from studio.widgets.text.tint import chosen_hue
from studio.widgets.theme import hue_of, theme, theme_source

HINT: Final = N_(
    "All the words that may come next, side by side, each as wide as it is likely. The random draw picks one: a "
    "number from 0 to 1, made from the seed and the place in the text (inverse of the cumulative distribution)."
)
_HEIGHT_PX: Final = 38
_BAR_PX: Final = 18
_TEXT_FROM_PX: Final = 30
_MARK_PX: Final = 5.0


class BarsDie(QWidget):
    """The bar with its mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("die_bar")
        self.setAccessibleName(_("Random draw"))
        set_tip(self, translate(HINT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._die: Die | None = None
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_die(self, die: Die | None) -> None:
        """Show where a die fell; takes no room where none was rolled. Emits nothing."""
        self._die = die
        self.setVisible(die is not None)
        self.setAccessibleDescription("" if die is None else f"{die.roll:.3f}")
        self.update()

    def sizeHint(self) -> QSize:
        """A bar with a mark above."""
        return QSize(200, theme().scaled(_HEIGHT_PX))

    def x_of(self, share: float) -> float:
        """Where a share of all probability ends."""
        return share * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts in turn brighter and darker, then the mark."""
        if self._die is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self.height() - _BAR_PX - 2
        bar = QRectF(0, top, self.width(), _BAR_PX)
        painter.fillRect(bar, QColor(theme().colour.groove))
        painter.setFont(theme().font("caption"))
        before = 0.0
        for number, (text, end) in enumerate(self._die.shares):
            part = QRectF(self.x_of(before), top, self.x_of(end) - self.x_of(before), _BAR_PX)
            self._paint_part(painter, part, text, number, before <= self._die.roll < end)
            before = end
        self._paint_mark(painter, top)

    def _paint_part(self, painter: QPainter, part: QRectF, text: str, number: int, is_hit: bool) -> None:
        hue = chosen_hue(self) if is_hit else hue_of(self)
        fill = QColor(hue.fill)
        fill.setAlphaF(1.0 if is_hit else 0.55 if number % 2 else 0.8)
        painter.fillRect(part.adjusted(0, 0, -1 if part.width() > 2 else 0, 0), fill)
        if part.width() < _TEXT_FROM_PX:
            return
        painter.setPen(QColor(hue.on_fill))
        word = painter.fontMetrics().elidedText(named(text), Qt.TextElideMode.ElideRight, int(part.width() - 6))
        painter.drawText(part, Qt.AlignmentFlag.AlignCenter, word)

    def _paint_mark(self, painter: QPainter, top: float) -> None:
        assert self._die is not None
        ink = QColor(theme().colour.text_strong)
        x = min(max(self.x_of(self._die.roll), _MARK_PX), self.width() - _MARK_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        tip = top - 1
        corners = [QPointF(x, tip), QPointF(x - _MARK_PX, tip - 7), QPointF(x + _MARK_PX, tip - 7)]
        painter.drawPolygon(QPolygonF(corners))
        painter.fillRect(QRectF(x - 0.75, tip, 1.5, _BAR_PX + 3), ink)
        painter.setPen(QColor(theme().colour.text_muted))
        room = QRectF(0, 0, x - 10, tip) if x > self.width() / 2 else QRectF(x + 10, 0, self.width() - x - 10, tip)
        side = Qt.AlignmentFlag.AlignRight if x > self.width() / 2 else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, f"{self._die.roll:.3f}")
