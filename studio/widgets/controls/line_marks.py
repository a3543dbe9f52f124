"""Underlines words in a field of one line, as an editor does with words that it does not know."""

import re
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QInputMethodEvent, QTextCharFormat
from PySide6.QtWidgets import QLineEdit

from studio.widgets.theme import theme


def underline(field: QLineEdit, words: Iterable[str]) -> None:
    """Underline these words or letters wherever they stand in a field, and nothing else; the text stays as it is."""
    look = QTextCharFormat()
    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    look.setUnderlineColor(QColor(theme().colour.warning))
    kind, text = QInputMethodEvent.AttributeType.TextFormat, field.text()
    parts = "|".join(re.escape(word) for word in words if word)
    found = [match.span() for match in re.finditer(parts, text, re.IGNORECASE)] if parts else []
    places = [(_units(text[:start]), _units(text[start:end])) for start, end in found]
    # A line knows no other formats of its own than those of an input method; they count from the cursor.
    cursor = field.cursorPosition()
    marks = [QInputMethodEvent.Attribute(kind, start - cursor, length, look) for start, length in places]
    QCoreApplication.sendEvent(field, QInputMethodEvent("", marks))


def _units(text: str) -> int:
    """Qt counts UTF-16 units: an emoji is two of them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
