"""A field for a person's own text, which ends where there is no more room and leaves undo to the window."""

from typing import Final

from PySide6.QtCore import QEvent, QMimeData, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from studio.core.translation import _
from studio.widgets.theme import theme, theme_source

_AROUND_PX: Final = 18
_UNDO: Final = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class OwnTextField(QPlainTextEdit):
    """A field of a few lines. Signals: edited(text): the person typed or pasted."""

    edited = Signal(str)

    def __init__(self, name: str, invitation: str, n_lines: int, most: int) -> None:
        """`invitation` stands there while it is empty; `most` characters have room."""
        super().__init__()
        self._n_lines, self._most = n_lines, most
        self.setObjectName(name)
        self.setAccessibleName(_("Your own text"))
        self.setPlaceholderText(invitation)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self._text = ""
        self.textChanged.connect(self._on_text_changed)
        theme_source().theme_changed.connect(self._fit)
        self._fit()

    def set_text(self, text: str) -> None:
        """Show a text; emits nothing."""
        if text != self._text:
            self._text = text
            self.setPlainText(text)
            self.moveCursor(QTextCursor.MoveOperation.End)

    def text(self) -> str:
        """What stands there."""
        return self._text

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste no more than the field may hold."""
        room = self._most - len(self.toPlainText()) + len(self.textCursor().selectedText())
        self.insertPlainText(source.text().replace("\r\n", "\n")[: max(room, 0)])

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and any(event.matches(keys) for keys in _UNDO):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Write, as long as there is room."""
        is_full = len(self._text) >= self._most and bool(event.text()) and event.text().isprintable()
        if is_full or any(event.matches(keys) for keys in _UNDO):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _on_text_changed(self) -> None:
        text = self.toPlainText()
        if text != self._text:
            self._text = text
            self.edited.emit(text)

    def _fit(self) -> None:
        self.setFont(theme().font("body"))
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._n_lines + _AROUND_PX)
