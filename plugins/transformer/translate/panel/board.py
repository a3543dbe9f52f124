"""The alignment board: a row for each word of the translation, a column for each of the text that it came from."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from studio.api.panel import CHART, DrawnItems, hue_of, theme
from studio.core.text.token import percent
from studio.core.translation import _

from ..view_model import TranslationView

_MOST_PX: Final = 18.0
_HEIGHT_PX: Final = 220


class AlignmentBoard(DrawnItems):
    """Signals: pointed(word, chip): the pointer is over a cell, -1 for none; pressed(word)."""

    spoken_role = CHART
    pointed = Signal(int, int)
    pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("translate_board")
        self.setAccessibleName(_("Which word comes from which"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view: TranslationView | None = None
        self.hovered.connect(lambda index: self.pointed.emit(*self.pair_of(index)))

    def show_view(self, view: TranslationView | None) -> None:
        """Show another text. Emits nothing."""
        self._view = view
        self.update()

    def sizeHint(self) -> QSize:
        """As high as most translations need."""
        return QSize(240, theme().scaled(_HEIGHT_PX))

    def cell(self, word: int, chip: int) -> QRectF:
        """Where a cell is; empty where there are none."""
        if self._view is None or not self._view.looks.size:
            return QRectF()
        n_rows, n_columns = self._view.looks.shape
        side = min(_MOST_PX, self.width() / n_columns, self.height() / n_rows)
        return QRectF(chip * side, word * side, side, side)

    def item_at(self, at: QPointF) -> int:
        """The number of the cell at a place, row by row."""
        side = self.cell(0, 0).width()
        if self._view is None or side <= 0:
            return -1
        word, chip = int(at.y() // side), int(at.x() // side)
        n_rows, n_columns = self._view.looks.shape
        return word * n_columns + chip if 0 <= word < n_rows and 0 <= chip < n_columns else -1

    def pair_of(self, index: int) -> tuple[int, int]:
        """The word and chip of a cell; -1 for none."""
        has_pair = self._view is not None and 0 <= index < self._view.looks.size
        return divmod(index, self._view.looks.shape[1]) if has_pair and self._view is not None else (-1, -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the word of a row."""
        word = self.pair_of(self.item_at(event.position()))[0]
        if event.button() == Qt.MouseButton.LeftButton and word >= 0:
            self.pressed.emit(word)

    def hint_of(self, index: int) -> str:
        """What a cell means."""
        view, (word, chip) = self._view, self.pair_of(index)
        if view is None or word < 0:
            return ""
        own = "".join(view.tokens[one].piece for one in view.words[word]).strip()
        share = percent(float(view.looks[word, chip]))
        text = _("For “{word}” {share} of the look went to “{other}”.")
        return text.format(word=own, share=share, other=view.chips[chip].strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a square for each pair, the fuller the more was looked at."""
        view = self._view
        if view is None or not view.looks.size:
            return
        painter = QPainter(self)
        n_rows, n_columns = view.looks.shape
        side = self.cell(0, 0).width()
        painter.fillRect(QRectF(0, 0, side * n_columns, side * n_rows), QColor(theme().colour.groove))
        colour = QColor(hue_of(self).fill)
        for word, chip in np.argwhere(view.looks > 0.02).tolist():
            colour.setAlphaF(min(1.0, float(view.looks[word, chip])))
            painter.fillRect(self.cell(word, chip).adjusted(0.5, 0.5, -0.5, -0.5), colour)
        if (pair := self.pair_of(self._hovered))[0] >= 0:
            painter.setPen(QPen(QColor(theme().colour.focus), 1.5))
            painter.drawRect(self.cell(*pair))
