"""The field for a prompt: completes words that the model knows, underlines those that it does not know."""

from itertools import islice
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit

from studio.api.panel import show_tip, theme, theme_source
from studio.core.translation import translate

from ..vocabulary import Span, Vocabulary
from .word_hints import MOST_MARKED, PromptWordList, hint, mark_words, python_place

_AROUND_PX: Final = 18  # frame, padding and margin of the document above and below the text
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LINES: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_UNDO: Final = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class PromptEdit(QPlainTextEdit):
    """Grows with its text. Undo and redo belong to the panel, which keeps every change.

    Signals:
        edited(text): the person typed, pasted or took a completion.
        generate_requested(): Ctrl+Enter.
        unknown_changed(): other words than before are underlined; see `unknown`.
        left(): the keyboard went elsewhere.
    """

    edited = Signal(str)
    generate_requested = Signal()
    unknown_changed = Signal()
    left = Signal()

    def __init__(self, object_name: str, title: str, placeholder: str = "", n_lines: tuple[int, int] = (2, 6)) -> None:
        """`n_lines` are how many it shows at least and at most."""
        super().__init__()
        self._n_lines = n_lines
        self._vocabulary = Vocabulary()
        self._text = ""
        self.unknown: tuple[Span, ...] = ()
        self.words = PromptWordList(self)
        self.words.word_chosen.connect(self._take)
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        self.setPlaceholderText(translate(placeholder))
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._on_text_changed)
        self.cursorPositionChanged.connect(self._mark)
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._fit()

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Know these words from now on."""
        self._vocabulary = vocabulary
        self._mark()

    def text(self) -> str:
        """The prompt."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show a prompt; emits nothing. The cursor stays where a person is typing."""
        if text == self._text:
            return
        self._text = text
        self.words.hide()
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._mark()
        self._fit()

    # What the keyboard does

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window; say what an underlined word means."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and any(event.matches(keys) for keys in _UNDO):
            event.ignore()
            return False
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return self._show_hint(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter generates; while words are offered, Up, Down, Enter and Escape belong to them."""
        key = Qt.Key(event.key())
        if key in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.words.hide()
            self.generate_requested.emit()
        elif any(event.matches(keys) for keys in _UNDO):
            event.ignore()
        elif not (self.words.isVisible() and self._offered_key(key)):
            super().keyPressEvent(event)

    def _offered_key(self, key: Qt.Key) -> bool:
        """Whether the list of words took a key."""
        if key in _LINES:
            self.words.move_mark(_LINES[key])
        elif key in _ENTER and self.words.word():
            self._take(self.words.word())
        elif key is Qt.Key.Key_Escape:
            self.words.hide()
        else:
            return False
        return True

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: N802 - Qt's name
        """Tab takes the first offered word, else it goes on to the next control."""
        if is_next and self.words.isVisible():
            self._take(self.words.first())
            return True
        return super().focusNextPrevChild(is_next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Offer nothing any more."""
        super().focusOutEvent(event)
        self.words.hide()
        self._mark()
        self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """The offered words go with the field."""
        super().hideEvent(event)
        self.words.hide()

    # Words

    def _on_text_changed(self) -> None:
        text = self.toPlainText()
        if text == self._text:
            return
        self._text = text
        self._mark()
        self._offer()
        self._fit()
        self.edited.emit(text)

    def _cursor_place(self) -> int:
        return python_place(self._text, self.textCursor().position())

    def _mark(self) -> None:
        """Underline what is unknown, but not the word that is just being typed."""
        if self.toPlainText() != self._text:
            return
        cursor = self._cursor_place() if self.hasFocus() else -1
        unknown = tuple(islice(self._vocabulary.unknown(self._text, cursor), MOST_MARKED))
        if unknown != self.unknown:
            self.unknown = unknown
            mark_words(self, unknown)
            self.unknown_changed.emit()

    def _offer(self) -> None:
        place = self._cursor_place()
        is_inside = place < len(self._text) and not self._text[place].isspace()
        _, words = (0, []) if is_inside or not self.hasFocus() else self._vocabulary.completions(self._text[:place])
        line = self.cursorRect().translated(self.viewport().pos())
        self.words.offer(words, QRect(line), self)

    def _take(self, word: str) -> None:
        """Write an offered word in place of the letters that it stands for."""
        n_typed, _ = self._vocabulary.completions(self._text[: self._cursor_place()])
        cursor = self.textCursor()
        left = QTextCursor.MoveOperation.Left
        cursor.movePosition(left, QTextCursor.MoveMode.KeepAnchor, n_typed)
        cursor.insertText(word)
        self.words.hide()

    def _show_hint(self, event: QHelpEvent) -> bool:
        span = self._word_at(self.viewport().mapFrom(self, event.pos()))
        text = self.toolTip() if span is None else hint(self._vocabulary, span.word)
        show_tip(event.globalPos(), text, self)
        return True

    def _word_at(self, point: QPoint) -> Span | None:
        """The unknown word under a point of the viewport."""
        cursor = self.cursorForPosition(point)
        place = python_place(self._text, cursor.position())
        is_beside = abs(self.cursorRect(cursor).x() - point.x()) > self.fontMetrics().averageCharWidth() * 2
        near = (span for span in self.unknown if span.start <= place <= span.end)
        return None if is_beside else next(near, None)

    # Size

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks other lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        low, high = self._n_lines
        n_lines = min(max(round(self.document().size().height()), low), high)
        height = round(n_lines * self.fontMetrics().lineSpacing()) + _AROUND_PX
        is_full = self.document().size().height() > high
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _on_theme_changed(self) -> None:
        mark_words(self, self.unknown)
        self.setFont(theme().font())
        self._fit()
