"""The list of all keyboard shortcuts, made from the commands."""

from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.commands.command import CommandRegistry
from studio.commands.keymap import Keymap
from studio.core.text import N_, translate


class KeyList(QDialog):
    """Shows every command that has a key, in the order of the commands."""

    def __init__(self, commands: CommandRegistry, keymap: Keymap, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate(N_("Keyboard shortcuts")))
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(20, 20, 20, 20)
        grid.setHorizontalSpacing(24)
        grid.setColumnStretch(0, 1)
        for row, (title, keys) in enumerate(key_lines(commands, keymap)):
            key_label = QLabel(keys)
            key_label.setProperty("role", "keys")
            grid.addWidget(QLabel(title), row, 0)
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
    return [(title, "   ".join(keys)) for title, keys in lines if keys]
