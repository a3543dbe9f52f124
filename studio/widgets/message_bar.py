"""Errors, warnings and notes above the canvas, in plain sentences, one per matter."""

from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.translation import N_, _, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.icon import icon_pixmap
from studio.widgets.controls.label import Label
from studio.widgets.theme import theme, theme_source

Level = Literal["note", "warning", "error"]
_LEVEL_NAMES: Final[dict[Level, str]] = {"note": N_("Note"), "warning": N_("Warning"), "error": N_("Error")}


class Message(QFrame):
    """One message: sign, bold title, what to do, up to two buttons, a cross.

    Signals: dismissed(key), action_requested(key), second_requested(key).
    """

    dismissed = Signal(str)
    action_requested = Signal(str)
    second_requested = Signal(str)

    def __init__(
        self,
        key: str,
        level: Level,
        title: str,
        text: str,
        action: str = "",
        second: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._level = level
        self.setObjectName(f"message_{key}")
        self.setProperty("role", "message")
        self.setProperty("level", level)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._sign = Label(parent=self)
        self._title = _text_label(title, "strong", self)
        self._text = _text_label(text, "", self)
        self._text.setVisible(bool(text))
        self._lay_out(action, second)
        self.setAccessibleName(f"{translate(_LEVEL_NAMES[level])}: {title} {text}".strip())
        theme_source().theme_changed.connect(self._paint_sign)
        self._paint_sign()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the message away."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit(self.key)
        else:
            super().keyPressEvent(event)

    def _lay_out(self, action: str, second: str) -> None:
        grid = theme().size.grid
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * grid, 2 * grid, 2 * grid, 2 * grid)
        layout.setSpacing(2 * grid)
        layout.addWidget(self._sign)
        layout.addLayout(words, 1)
        for text, clicked in ((action, self._on_action_clicked), (second, self._on_second_clicked)):
            if text:
                button = Button(text)
                button.clicked.connect(clicked)
                layout.addWidget(button)
        close = Button(kind="quiet", icon_name="close", hint=N_("Dismiss"))
        close.clicked.connect(self._on_close_clicked)
        layout.addWidget(close)

    def _on_action_clicked(self) -> None:
        self.action_requested.emit(self.key)

    def _on_second_clicked(self) -> None:
        self.second_requested.emit(self.key)

    def _on_close_clicked(self) -> None:
        self.dismissed.emit(self.key)

    def _paint_sign(self) -> None:
        self._sign.setPixmap(icon_pixmap(self._level, getattr(theme().colour, self._level)))


class MessageBar(QWidget):
    """A stack of messages, at most one per key, the newest below; takes no room while it is empty.

    Signals:
        dismissed(key): the person put a message away.
        action_requested(key): the person pressed the button of a message; second_requested(key): its second one.
    """

    dismissed = Signal(str)
    action_requested = Signal(str)
    second_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setAccessibleName(_("Messages"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._messages: dict[str, Message] = {}
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(theme().size.grid)
        self.hide()

    def show_error(self, error: UserError, key: str = "error", action: str = "") -> None:
        """Say what went wrong and what to do; replaces the message with this key."""
        self._show(key, "error", error.title, error.what_to_do, action)

    def show_warning(self, title: str, text: str = "", key: str = "warning", action: str = "") -> None:
        """Say what may surprise; replaces the message with this key."""
        self._show(key, "warning", title, text, action)

    def show_note(self, title: str, text: str = "", key: str = "note", action: str = "", second: str = "") -> None:
        """Say something worth knowing, with up to two buttons; replaces the message with this key."""
        self._show(key, "note", title, text, action, second)

    def dismiss(self, key: str) -> None:
        """Put the message with this key away, if there is one."""
        message = self._messages.pop(key, None)
        if message is not None:
            self._stack.removeWidget(message)
            message.hide()
            message.deleteLater()
        self.setVisible(bool(self._messages))

    def clear(self) -> None:
        """Put every message away."""
        for key in list(self._messages):
            self.dismiss(key)

    def keys(self) -> list[str]:
        """The keys of the messages on show, oldest first."""
        return list(self._messages)

    def _show(self, key: str, level: Level, title: str, text: str, action: str, second: str = "") -> None:
        self.dismiss(key)
        message = Message(key, level, translate(title), translate(text), translate(action), translate(second), self)
        message.dismissed.connect(self._on_message_dismissed)
        message.action_requested.connect(self.action_requested)
        message.second_requested.connect(self.second_requested)
        self._messages[key] = message
        self._stack.addWidget(message)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(message, QAccessible.Event.Alert))

    def _on_message_dismissed(self, key: str) -> None:
        self.dismiss(key)
        self.dismissed.emit(key)


def _text_label(text: str, role: str, parent: QWidget) -> Label:
    label = Label(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a file name may hold anything
    label.setWordWrap(True)
    label.setProperty("role", role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
