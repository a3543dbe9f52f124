"""A row of words: one of several, by mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from studio.widgets.controls.segmented import Segment, Segmented

LABELS = {"orbit": "Orbit", "fly": "Fly", "photos": "Training views"}


@pytest.fixture
def row(qtbot) -> Segmented:
    row = Segmented("mode", LABELS, "How the camera moves", {"fly": "Walk about freely"})
    qtbot.addWidget(row)
    row.resize(row.sizeHint())
    row.show()
    qtbot.waitExposed(row)
    row.activateWindow()
    return row


def segment(row: Segmented, text: str) -> Segment:
    return next(one for one in row.findChildren(Segment) if one.text() == text)


def said(spy: QSignalSpy) -> list[str]:
    return [spy.at(index)[0] for index in range(spy.count())]


def test_the_first_is_chosen_and_a_click_chooses_another(row) -> None:
    spy = QSignalSpy(row.value_chosen)
    assert row.value() == "orbit"
    QTest.mouseClick(segment(row, "Training views"), Qt.MouseButton.LeftButton)
    assert said(spy) == ["photos"]
    assert [one.text() for one in row.findChildren(Segment) if one.isChecked()] == ["Training views"]


def test_a_click_on_the_chosen_one_keeps_it_and_says_nothing(row) -> None:
    spy = QSignalSpy(row.value_chosen)
    QTest.mouseClick(segment(row, "Orbit"), Qt.MouseButton.LeftButton)
    assert segment(row, "Orbit").isChecked()
    assert said(spy) == []


def test_arrows_go_round_and_leave_out_what_cannot_be_chosen(row, qtbot) -> None:
    spy = QSignalSpy(row.value_chosen)
    row.set_possible("fly", False)
    segment(row, "Orbit").setFocus()
    qtbot.waitUntil(segment(row, "Orbit").hasFocus)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
    assert said(spy) == ["photos", "orbit", "photos"]
    assert segment(row, "Training views").hasFocus()


def test_the_row_is_one_stop_of_the_tabulator(row) -> None:
    row.set_value("fly")
    stops = [one.text() for one in row.findChildren(Segment) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["Fly"]


def test_setting_is_silent_and_moves_nothing(row) -> None:
    spy = QSignalSpy(row.value_chosen)
    places = [one.geometry() for one in row.findChildren(Segment)]
    row.set_value("photos")
    assert (row.value(), said(spy)) == ("photos", [])
    assert [one.geometry() for one in row.findChildren(Segment)] == places


def test_space_is_left_to_play_and_pause_and_enter_chooses(row) -> None:
    spy = QSignalSpy(row.value_chosen)
    QTest.keyClick(segment(row, "Fly"), Qt.Key.Key_Space)
    assert said(spy) == []
    QTest.keyClick(segment(row, "Fly"), Qt.Key.Key_Return)
    assert said(spy) == ["fly"]


def test_names_and_help_are_there_for_assistive_technology(row) -> None:
    assert row.accessibleName() == "How the camera moves"
    assert segment(row, "Fly").accessibleDescription() == segment(row, "Fly").toolTip() == "Walk about freely"
