"""Messages appear, replace each other, act and go."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.core.error import UserError
from studio.widgets.message_bar import Message, MessageBar


@pytest.fixture
def bar(qtbot) -> MessageBar:
    widget = MessageBar()
    qtbot.addWidget(widget)
    widget.resize(500, 40)
    return widget


def messages(bar: MessageBar) -> list[Message]:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return bar.findChildren(Message)


def words(bar: MessageBar) -> list[str]:
    labels = [label for m in messages(bar) for label in m.findChildren(QLabel)]
    return [label.text() for label in labels if label.text() and not label.isHidden()]


def test_error_says_what_and_what_to_do(bar) -> None:
    assert bar.isHidden()
    bar.show_error(UserError("This file is cut off.", "Download it again."))
    assert words(bar) == ["This file is cut off.", "Download it again."]
    assert not bar.isHidden()
    assert messages(bar)[0].accessibleName() == "Error: This file is cut off. Download it again."


def test_one_message_per_key(bar) -> None:
    bar.show_error(UserError("First."), key="open")
    bar.show_error(UserError("Second."), key="open")
    bar.show_warning("Other.", key="range")
    assert words(bar) == ["Second.", "Other."]
    assert bar.keys() == ["open", "range"]


def test_cross_and_escape_dismiss(bar) -> None:
    spy = QSignalSpy(bar.dismissed)
    bar.show_note("One.", key="one")
    bar.show_note("Two.", key="two")
    cross = messages(bar)[0].findChildren(QPushButton)[-1]
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert bar.keys() == ["two"]
    QTest.keyClick(messages(bar)[0], Qt.Key.Key_Escape)
    assert bar.keys() == []
    assert bar.isHidden()
    assert [spy.at(i)[0] for i in range(2)] == ["one", "two"]


def test_a_second_button_has_a_signal_of_its_own(bar) -> None:
    first, second = QSignalSpy(bar.action_requested), QSignalSpy(bar.second_requested)
    bar.show_note("Stopped.", key="train", action="Continue", second="Discard")
    buttons = messages(bar)[0].findChildren(QPushButton)
    assert [button.text() for button in buttons] == ["Continue", "Discard", ""]
    QTest.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert (first.count(), second.count(), second.at(0)[0]) == (0, 1, "train")
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert (first.count(), second.count()) == (1, 1)


def test_action_names_its_message(bar, qtbot) -> None:
    bar.show_warning("No room left.", key="disk", action="Free some")
    button = messages(bar)[0].findChildren(QPushButton)[0]
    assert button.text() == "Free some"
    with qtbot.waitSignal(bar.action_requested) as caught:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert caught.args == ["disk"]


def test_markup_in_a_file_name_stays_text(bar) -> None:
    bar.show_error(UserError("<b>file</b>.png is no picture."))
    label = messages(bar)[0].findChildren(QLabel)[1]
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_clear_and_unknown_key(bar) -> None:
    bar.show_note("One.")
    bar.dismiss("nothing of the kind")
    assert len(messages(bar)) == 1
    bar.clear()
    assert messages(bar) == []
