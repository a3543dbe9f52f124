"""Chips: one of several, by mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.controls.chip import Chip, ChipFlow


@pytest.fixture
def chips(qtbot) -> ChipFlow:
    flow = ChipFlow("letters", "abcdefgh", "Letter")
    qtbot.addWidget(flow)
    flow.set_current("c")
    flow.resize(130, 200)
    flow.show()
    qtbot.waitExposed(flow)
    flow.activateWindow()
    return flow


def chip(flow: ChipFlow, text: str) -> Chip:
    return next(c for c in flow.findChildren(Chip) if c.text() == text)


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_click_chooses_exactly_one(chips) -> None:
    spy = QSignalSpy(chips.chosen)
    QTest.mouseClick(chip(chips, "f"), Qt.MouseButton.LeftButton)
    assert [spy.at(i)[0] for i in range(spy.count())] == ["f"]
    assert [c.text() for c in chips.findChildren(Chip) if c.isChecked()] == ["f"]
    assert chips.current() == "f"


def test_click_on_the_chosen_one_keeps_it_and_says_nothing(chips) -> None:
    spy = QSignalSpy(chips.chosen)
    QTest.mouseClick(chip(chips, "c"), Qt.MouseButton.LeftButton)
    assert chips.current() == "c"
    assert chip(chips, "c").isChecked()
    assert spy.count() == 0


def test_arrows_go_round(chips, qtbot) -> None:
    first = chip(chips, "c")
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    for key, expected in ((Qt.Key.Key_Right, "d"), (Qt.Key.Key_Left, "c"), (Qt.Key.Key_Left, "b")):
        QTest.keyClick(focused(), key)
        assert chips.current() == expected
        assert chip(chips, expected).hasFocus()
    chips.set_current("a")
    chip(chips, "a").setFocus()
    QTest.keyClick(chip(chips, "a"), Qt.Key.Key_Left)
    assert chips.current() == "h"


def test_group_is_one_stop_of_the_tabulator(chips) -> None:
    stops = [c.text() for c in chips.findChildren(Chip) if c.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["c"]


def test_setting_is_silent_and_unknown_chooses_nothing(chips) -> None:
    spy = QSignalSpy(chips.chosen)
    chips.set_current("e")
    assert chips.current() == "e"
    chips.set_current("?")
    assert chips.current() == ""
    assert spy.count() == 0


def test_new_texts_keep_the_choice(chips) -> None:
    chips.set_texts("xyc")
    assert chips.current() == "c"
    chips.set_texts("xyz")
    assert chips.current() == ""


def test_lines_break_and_the_height_follows(chips) -> None:
    tops = {c.y() for c in chips.findChildren(Chip)}
    assert len(tops) >= 2
    assert all(c.geometry().right() <= chips.width() for c in chips.findChildren(Chip))
    assert chips.heightForWidth(130) > chips.heightForWidth(1000)
