"""What a field says of the words in a prompt: unknown ones underlined, half-typed ones completed in a list."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QListWidget, QPlainTextEdit, QTextEdit, QWidget

from studio.api.panel import theme
from studio.core.translation import _

from ..vocabulary import Span, Vocabulary

MOST_MARKED: Final = 100
_WIDTH_PX: Final = 220
_GAP_PX: Final = 4


def mark_words(edit: QPlainTextEdit, spans: Sequence[Span]) -> None:
    """Underline these words, and no others; the text itself stays as it is."""
    look = QTextCharFormat()
    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    look.setUnderlineColor(QColor(theme().colour.warning))
    marks, text = [], edit.toPlainText()
    for span in spans[:MOST_MARKED]:
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(edit.document())
        cursor.setPosition(qt_place(text, span.start))
        cursor.setPosition(qt_place(text, span.end), QTextCursor.MoveMode.KeepAnchor)
        mark.cursor = cursor
        mark.format = look
        marks.append(mark)
    edit.setExtraSelections(marks)


def hint(vocabulary: Vocabulary, word: str) -> str:
    """What to say of an unknown word."""
    near = vocabulary.nearest(word)
    if not near:
        return _("The model does not know “{word}”, so it cannot show it.").format(word=shortened(word))
    sentence = _("The model does not know “{word}”. Try: {near}.")
    return sentence.format(word=shortened(word), near=", ".join(near))


def shortened(word: str, n_most: int = 24) -> str:
    """A word that fits into a line."""
    return word if len(word) <= n_most else word[: n_most - 1] + "…"


def qt_place(text: str, place: int) -> int:
    """Qt counts UTF-16 units, Python counts characters: an emoji is two of the former."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def python_place(text: str, place: int) -> int:
    """The character at Qt's place."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "replace"))


class PromptWordList(QListWidget):
    """Floats in the window of its owner. Signals: word_chosen(word) by a click."""

    word_chosen = Signal(str)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setObjectName("word_list")
        self.setAccessibleName(_("Words the model knows"))
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
