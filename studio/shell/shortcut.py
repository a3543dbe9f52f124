"""Gives the keys of all commands to the window; a text field that has the focus keeps its own keys."""

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from studio.commands.command import CommandRegistry
from studio.commands.keymap import Keymap


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
        if (
            key == "Space"
            and isinstance(button, QAbstractButton)
            and (command_id is None or self._has_tabbed())
        ):
            button.click()
        elif command_id is not None:
            self._commands.run(command_id)

    def _has_tabbed(self) -> bool:
        """Whether the focus came by the Tab key: then Space presses the button that a person chose so."""
        return self._window.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
