"""One picture of attention, large: point at a square to read who looked at whom, and how much."""

from collections.abc import Sequence
from typing import Any, Final

import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate
from studio.core.text_token import named, percent

from .attention_maps import map_image

_SIDE_PX: Final = 280
LOOKED: Final = N_("“{word}” looked at “{other}”: {share}")


class AttentionLarge(QWidget):
    """Rows are tokens, columns what they looked at. Signals: row_chosen(token): the person clicked that row."""

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attention_large")
        self.setAccessibleName(translate(N_("Who looked at whom")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._weights: npt.NDArray[Any] | None = None
        self._words: tuple[str, ...] = ()
        self._row = -1
        self._image = QImage()
        theme_source().theme_changed.connect(self._draw)
        self.hide()

    def show_weights(self, weights: npt.NDArray[Any] | None, words: Sequence[str], row: int) -> None:
        """Show weights (T, T) of these words, with a line around a row. Emits nothing."""
        self._weights, self._words, self._row = weights, tuple(words), row
        self._draw()

    def _draw(self) -> None:
        self._image = QImage()
        if self._weights is not None and len(self._weights):
            self._image = map_image(self._weights, QColor(hue_of(self).fill), QColor(theme().colour.field))
        self.setVisible(not self._image.isNull())
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def pair_at(self, at: QPointF) -> tuple[int, int] | None:
        """Which token and which other one a point stands for."""
        square, n_tokens = self._square(), self._image.height()
        if self._image.isNull() or not square.contains(at):
            return None
        row, column = int(at.y() / square.height() * n_tokens), int(at.x() / square.width() * n_tokens)
        return (row, column) if row < n_tokens and column < n_tokens else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the token of that row."""
        pair = self.pair_at(event.position())
        if pair is not None:
            self.row_chosen.emit(pair[0])

    def event(self, event: QEvent) -> bool:
        """Say what a square means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pair = self.pair_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if pair is None else self._told(*pair), self)
            return True
        return super().event(event)

    def _told(self, row: int, column: int) -> str:
        if self._weights is None or max(row, column) >= len(self._words):
            return ""
        if column > row:
            return translate(N_("No word looks at those that come after it."))
        word, other = named(self._words[row]), named(self._words[column])
        return translate(LOOKED).format(word=word, other=other, share=percent(float(self._weights[row, column])))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the squares and the line around a row."""
        painter = QPainter(self)
        square = self._square()
        painter.drawImage(square, self._image)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        if 0 <= self._row < self._image.height():
            cell = square.height() / self._image.height()
            painter.setPen(QPen(QColor(hue_of(self).text), 1.5))
            painter.drawRect(QRectF(0.75, self._row * cell, square.width() - 1.5, max(cell, 2)))
