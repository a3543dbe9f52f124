"""A bar for every token of a text: how differently two of them expected it."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

_HEIGHT_PX = 56
_LEAST_PX = 1.0


class PairStrip(QWidget):
    """Signals: chosen(token): go to this one."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pair_strip")
        self.setAccessibleName(translate(N_("How differently both expect each word")))
        hint = N_("0 where both expect the same, full height where they have nothing in common (Jensen–Shannon, bits)")
        self.setToolTip(translate(hint))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bits: dict[int, float] = {}
        theme_source().theme_changed.connect(self.update)
        self.hide()

    def show_bits(self, bits: Mapping[int, float]) -> None:
        """Show these, by the number of the token; takes no room where there are none. Emits nothing."""
        self._bits = dict(bits)
        self.setVisible(bool(bits))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, theme().scaled(_HEIGHT_PX))

    def rect_of(self, token: int) -> QRectF:
        """Where a token's bar stands."""
        first, last = min(self._bits), max(self._bits)
        width = self.width() / (last - first + 1)
        height = max(_LEAST_PX, self._bits[token] * (self.height() - 2))
        return QRectF((token - first) * width, self.height() - height, max(width - 1, 1.0), height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the token under the pointer, or to the one that is nearest."""
        if self._bits and event.button() == Qt.MouseButton.LeftButton:
            x = event.position().x()
            self.chosen.emit(min(self._bits, key=lambda token: abs(self.rect_of(token).center().x() - x)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars on their groove."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().colour.groove))
        fill = QColor(hue_of(self).fill)
        for token in self._bits:
            painter.fillRect(self.rect_of(token), fill)
