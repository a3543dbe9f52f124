"""Keys run commands, except those that a text field or a chosen button needs itself."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMainWindow, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.commands.command import Command, CommandRegistry
from studio.commands.keymap import Keymap
from studio.shell.window.shortcut import ShortcutMap

CTRL = Qt.KeyboardModifier.ControlModifier


class Stage(QMainWindow):
    """A window with a field, a text and a button, and commands on Space, R, Ctrl+Z and F1."""

    def __init__(self):
        super().__init__()
        self.field, self.text, self.button = QLineEdit(), QPlainTextEdit(), QPushButton("b")
        page = QWidget()
        layout = QVBoxLayout(page)
        for part in (self.field, self.text, self.button):
            layout.addWidget(part)
        self.setCentralWidget(page)
        self.ran: list[str] = []
        self.clicks: list[int] = []
        self.button.clicked.connect(lambda: self.clicks.append(1))
        self.commands = CommandRegistry()
        self.can_play = True
        for command_id, key in (
            ("a.play", "Space"),
            ("a.surprise", "R"),
            ("a.undo", "Ctrl+Z"),
            ("a.help", "F1"),
        ):
            self.add(command_id, key)
        self.map = ShortcutMap(self, self.commands, Keymap(self.commands))

    def add(self, command_id, key):
        when = (lambda: self.can_play) if command_id == "a.play" else None
        self.commands.add(Command(command_id, command_id, partial(self.ran.append, command_id), (key,), when=when))


@pytest.fixture
def stage(qtbot):
    window = Stage()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def test_letters_and_space_run_commands(stage, qtbot):
    stage.setFocus()
    qtbot.keyClick(stage, Qt.Key.Key_R)
    qtbot.keyClick(stage, Qt.Key.Key_Space)
    assert stage.ran == ["a.surprise", "a.play"]


@pytest.mark.parametrize("name", ["field", "text"])
def test_a_text_field_keeps_its_keys(stage, qtbot, name):
    widget = getattr(stage, name)
    widget.setFocus()
    qtbot.keyClicks(widget, "r R")
    qtbot.keyClick(widget, Qt.Key.Key_Z, CTRL)
    assert stage.ran == []
    qtbot.keyClick(widget, Qt.Key.Key_F1)
    assert stage.ran == ["a.help"]


def test_a_clicked_button_does_not_take_space_from_play(stage, qtbot):
    qtbot.mouseClick(stage.button, Qt.MouseButton.LeftButton)
    assert stage.button.hasFocus()
    qtbot.keyClick(stage.button, Qt.Key.Key_Space)
    assert (stage.ran, len(stage.clicks)) == (["a.play"], 1)


def test_a_button_chosen_by_tab_is_pressed_by_space(stage, qtbot):
    stage.text.setTabChangesFocus(True)
    stage.text.setFocus()
    qtbot.keyClick(stage.text, Qt.Key.Key_Tab)
    assert stage.button.hasFocus()
    qtbot.keyClick(stage.button, Qt.Key.Key_Space)
    assert (stage.ran, len(stage.clicks)) == ([], 1)


def test_space_presses_a_button_where_nothing_can_be_played(stage, qtbot):
    stage.can_play = False
    qtbot.mouseClick(stage.button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(stage.button, Qt.Key.Key_Space)
    assert (stage.ran, len(stage.clicks)) == ([], 2)


def test_keys_come_and_go_with_their_commands(stage, qtbot):
    stage.setFocus()
    stage.add("b.new", "N")
    qtbot.keyClick(stage, Qt.Key.Key_N)
    stage.commands.remove("b.new")
    qtbot.keyClick(stage, Qt.Key.Key_N)
    assert stage.ran == ["b.new"]
