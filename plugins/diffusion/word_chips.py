"""The words of a prompt as chips in the order in which they were said; pointing at one asks for its map."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import DrawnItems, hue_of, theme, theme_source
from studio.core.text import N_, translate

_HEIGHT_PX: Final = 24
_PADDING_PX: Final = 8
_GAP_PX: Final = 4
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class WordChips(DrawnItems):
    """The same word may be there twice, so chips go by their number. Arrow keys choose, Escape chooses none.

    Signals: chosen(index), the person chose this word; -1: none any more.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("word_chips")
        self.setAccessibleName(translate(N_("Words of the prompt")))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._words: tuple[str, ...] = ()
        self._current = -1
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_words(self, words: Sequence[str]) -> None:
        """Show these words; none is chosen then. Emits nothing."""
        self._words, self._current, self._hovered = tuple(words), -1, -1
        self._describe()
        self._on_theme_changed()

    def set_current(self, index: int) -> None:
        """Choose a word, or none with -1. Emits nothing."""
        self._current = index
        self._describe()
        self.update()

    def current(self) -> int:
        """The chosen word, -1 for none."""
        return self._current

    # Sizes

    def sizeHint(self) -> QSize:
        """One line; the height comes from heightForWidth."""
        return QSize(200, theme().scaled(_HEIGHT_PX))

    def hasHeightForWidth(self) -> bool:
        """Narrower means more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many lines as the words need."""
        rects = self._rects(width)
        return round(rects[-1].bottom()) + 1 if rects else theme().scaled(_HEIGHT_PX)

    def chip_rect(self, index: int) -> QRectF:
        """Where a word is drawn."""
        return self._rects(self.width())[index]

    def _rects(self, width: int) -> list[QRectF]:
        metrics, height = QFontMetricsF(theme().font("small", QFont.Weight.DemiBold)), theme().scaled(_HEIGHT_PX)
        rects: list[QRectF] = []
        x = y = 0.0
        for word in self._words:
            own = min(max(metrics.horizontalAdvance(word) + 2 * _PADDING_PX, height), width)
            if x > 0 and x + own > width:
                x, y = 0.0, y + height + _GAP_PX
            rects.append(QRectF(x, y, own, height))
            x += own + _GAP_PX
        return rects

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the word, or leave it where it was chosen."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose(-1 if index == self._current else index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from word to word."""
        key = Qt.Key(event.key())
        if key in _ALONG and self._words:
            start = self._current if self._current >= 0 else -max(_ALONG[key], 0)
            self._choose((start + _ALONG[key]) % len(self._words))
        elif key == Qt.Key.Key_Escape and self._current >= 0:
            self._choose(-1)
        else:
            super().keyPressEvent(event)

    def item_at(self, at: QPointF) -> int:
        """The word there."""
        return next((i for i, rect in enumerate(self._rects(self.width())) if rect.contains(at)), -1)

    def _choose(self, index: int) -> None:
        self.set_current(index)
        self.chosen.emit(index)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, the chosen one filled."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, (word, rect) in enumerate(zip(self._words, self._rects(self.width()), strict=True)):
            self._paint_chip(painter, word, rect, index)

    def _paint_chip(self, painter: QPainter, word: str, rect: QRectF, index: int) -> None:
        colour, hue, is_chosen = theme().colour, hue_of(self), index == self._current
        has_ring = self.hasFocus() and index == max(self._current, 0)
        painter.setPen(QPen(QColor(colour.focus), 2) if has_ring else Qt.PenStyle.NoPen)
        rest = colour.control_hover if index == self._hovered else colour.control
        painter.setBrush(QColor(hue.fill if is_chosen else rest))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme().size.radius_small, theme().size.radius_small)
        painter.setPen(QColor(hue.on_fill if is_chosen else colour.text_strong))
        painter.setFont(theme().font("small", QFont.Weight.DemiBold if is_chosen else QFont.Weight.Medium))
        room = rect.adjusted(4, 0, -4, 0)
        text = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _describe(self) -> None:
        text = ", ".join(self._words)
        if self._current >= 0:
            chosen = translate(N_("Chosen: {word}.")).format(word=self._words[self._current])
            text = f"{chosen} {text}"
        self.setAccessibleDescription(text)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
