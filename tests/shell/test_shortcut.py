"""Keys run commands, except those that a text field or a chosen button needs itself."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMainWindow, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.commands.command import Command, CommandRegistry
from studio.commands.keymap import Keymap
from studio.shell.shortcut import ShortcutMap

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stage(qtbot):
    """A window with a field, a text, a button and a list, and commands on Space, R, Ctrl+Z and Ctrl+Y."""
    window, page = QMainWindow(), QWidget()
    window.field, window.text, window.button = QLineEdit(), QPlainTextEdit(), QPushButton("b")
    layout = QVBoxLayout(page)
    for part in (window.field, window.text, window.button):
        layout.addWidget(part)
    window.setCentralWidget(page)
    window.ran, window.clicks = [], []
    window.button.clicked.connect(lambda: window.clicks.append(1))
    window.commands = CommandRegistry()
    window.can_play = True
    for command_id, key in (("a.play", "Space"), ("a.surprise", "R"), ("a.undo", "Ctrl+Z"), ("a.help", "F1")):
        when = (lambda: window.can_play) if command_id == "a.play" else None
        window.commands.add(
            Command(command_id, command_id, lambda one=command_id: window.ran.append(one), (key,), when=when)
        )
    window.map = ShortcutMap(window, window.commands, Keymap(window.commands))
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
    stage.commands.add(Command("b.new", "new", lambda: stage.ran.append("b.new"), ("N",)))
    qtbot.keyClick(stage, Qt.Key.Key_N)
    stage.commands.remove("b.new")
    qtbot.keyClick(stage, Qt.Key.Key_N)
    assert stage.ran == ["b.new"]
