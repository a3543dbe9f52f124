"""The words that a half-typed one may become, under the cursor; it never takes the keyboard away from the text."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QListWidget, QWidget

from studio.api.panel import theme
from studio.core.text import N_, translate

_WIDTH_PX: Final = 220
_GAP_PX: Final = 4


class WordList(QListWidget):
    """Floats in the window of its owner. Signals: word_chosen(word) by a click."""

    word_chosen = Signal(str)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setObjectName("word_list")
        self.setAccessibleName(translate(N_("Words that the model knows")))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.itemClicked.connect(lambda item: self.word_chosen.emit(item.text()))
        self.hide()

    def offer(self, words: Sequence[str], line: QRect, owner: QWidget) -> None:
        """Show words under a line of text, given in the owner's coordinates, or above it; hide where there are none."""
        self.clear()
        self.addItems(list(words))
        if not words:
            self.hide()
            return
        if self.parentWidget() is not owner.window():
            self.setParent(owner.window())
        width = theme().scaled(_WIDTH_PX)
        height = self.sizeHintForRow(0) * len(words) + 2 * self.frameWidth() + 2
        self.setGeometry(self._place(line, owner, width, height))
        self.show()
        self.raise_()

    def word(self) -> str:
        """The word that is marked; empty where none is."""
        item = self.currentItem()
        return item.text() if item is not None and self.currentRow() >= 0 else ""

    def first(self) -> str:
        """The marked word, or else the first one."""
        first = self.item(0)
        return self.word() or (first.text() if first is not None else "")

    def move_mark(self, step: int) -> None:
        """Mark the next or the previous word."""
        row = self.currentRow()
        self.setCurrentRow((row + step) % self.count() if row >= 0 else (0 if step > 0 else self.count() - 1))

    def _place(self, line: QRect, owner: QWidget, width: int, height: int) -> QRect:
        room = owner.window().rect()
        below = owner.mapTo(owner.window(), line.bottomLeft() + QPoint(0, _GAP_PX))
        above = owner.mapTo(owner.window(), line.topLeft() - QPoint(0, _GAP_PX + height))
        place = below if below.y() + height <= room.bottom() or above.y() < 0 else above
        x = max(min(place.x(), room.right() - width), room.left())
        return QRect(x, place.y(), width, height)
