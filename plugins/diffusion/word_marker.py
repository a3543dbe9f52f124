"""Underlines the words of a prompt that the model does not know, and says what to write instead."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from studio.api.panel import theme
from studio.core.text import N_, translate

from .vocabulary import Span, Vocabulary

MOST_MARKED: Final = 100


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
        return translate(N_("The model does not know “{word}”, so it cannot show it.")).format(word=shortened(word))
    sentence = translate(N_("The model does not know “{word}”. Try: {near}."))
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
