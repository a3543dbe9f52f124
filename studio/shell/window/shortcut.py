"""Gives the keys of all commands to the window, beside those of a text field, and lists them."""

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.commands.command import CommandRegistry
from studio.commands.keymap import Keymap
from studio.core.translation import _, translate
from studio.widgets.controls.label import Label


class ShortcutMap(QObject):
    """One shortcut for each key that some command wants; what it runs is asked when it is pressed.

    Qt offers every key to the focus widget first (ShortcutOverride): text fields claim letters, digits, Space
    and the editing keys, so none of those reaches a command while somebody types.
    """

    def __init__(self, window: QWidget, commands: CommandRegistry, keymap: Keymap) -> None:
        super().__init__(window)
        self._window = window
        self._commands = commands
        self._keymap = keymap
        self._shortcuts: dict[str, QShortcut] = {}
        self._forget = commands.on_change(self._match_keys)
        self._match_keys()

    def close(self) -> None:
        """Stop listening to the commands."""
        self._forget()

    def _match_keys(self) -> None:
        wanted = set(self._keymap.keys())
        for key in self._shortcuts.keys() - wanted:
            gone = self._shortcuts.pop(key)
            gone.setEnabled(False)  # at once, or its key would be ambiguous until Qt deletes it
            gone.deleteLater()
        for key in wanted - self._shortcuts.keys():
            sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
            shortcut = QShortcut(sequence, self._window, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(partial(self._on_pressed, key))
            self._shortcuts[key] = shortcut

    def _on_pressed(self, key: str) -> None:
        command_id = self._keymap.command_for(key)
        button = QApplication.focusWidget()
        if key == "Space" and isinstance(button, QAbstractButton) and (command_id is None or self._has_tabbed()):
            button.click()
        elif command_id is not None:
            self._commands.run(command_id)

    def _has_tabbed(self) -> bool:
        """Whether the focus came by the Tab key: then Space presses the button that a person chose so."""
        return self._window.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)


class KeyList(QDialog):
    """Shows every command that has a key, in the order of the commands."""

    def __init__(self, commands: CommandRegistry, keymap: Keymap, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard shortcuts"))
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(20, 20, 20, 20)
        grid.setHorizontalSpacing(24)
        grid.setColumnStretch(0, 1)
        for row, (title, keys) in enumerate(key_lines(commands, keymap)):
            key_label = Label(keys)
            key_label.setProperty("role", "keys")
            grid.addWidget(Label(title), row, 0)
            grid.addWidget(key_label, row, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.resize(460, 560)


def key_lines(commands: CommandRegistry, keymap: Keymap) -> list[tuple[str, str]]:
    """Return (title, keys) of every command that has a key."""
    lines = [(translate(command.title), keymap.keys_of(command.id)) for command in commands.all()]
    return [(title, "   ".join(map(shown_key, keys))) for title, keys in lines if keys]


def shown_key(key: str) -> str:
    """A key as it is written on the keyboards of who reads it: "Strg+K" for "Ctrl+K" in German."""
    return QKeySequence(key, QKeySequence.SequenceFormat.PortableText).toString(QKeySequence.SequenceFormat.NativeText)
