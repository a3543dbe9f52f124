"""A field of a few lines in the inspector; Ctrl Enter in it does what its button does."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.api.panel import theme, theme_source
from studio.core.text import translate

_AROUND_PX: Final = 18  # frame, padding and margin of the document above and below the text
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TextField(QPlainTextEdit):
    """Signals: finished(): Ctrl Enter."""

    finished = Signal()

    def __init__(
        self, object_name: str, title: str, n_lines: int, is_code: bool = False, parent: QWidget | None = None
    ) -> None:
        """`is_code` shows equally wide letters."""
        super().__init__(parent)
        self._n_lines, self._is_code = n_lines, is_code
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        self.setTabChangesFocus(True)
        theme_source().theme_changed.connect(self._fit)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Take Ctrl Enter from the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_finish(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl Enter finishes; all else is typed."""
        if _is_finish(event):
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        font = QFont(theme().face.mono) if self._is_code else theme().font("body")
        if self._is_code:
            font.setPixelSize(theme().text_px("small"))
        self.setFont(font)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._n_lines + _AROUND_PX)


def _is_finish(event: QKeyEvent) -> bool:
    return event.key() in _ENTERS and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
