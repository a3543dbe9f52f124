"""Keyframes on the line: select, drag, reorder, replace, delete, easing."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu

from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from tests.widgets.hand import double_click

LEFT = Qt.MouseButton.LeftButton
N_FRAMES = 101
FRACTIONS = (0.0, 0.3, 0.6, 1.0)


@pytest.fixture
def playback(qapp) -> Playback:
    return Playback()


@pytest.fixture
def bar(qtbot, playback) -> Timeline:
    timeline = Timeline(playback)
    qtbot.addWidget(timeline)
    timeline.resize(1000, 100)
    playback.set_length(N_FRAMES)
    playback.seek(50)
    timeline.show_keyframes([KeyframeMark(fraction) for fraction in FRACTIONS], None)
    timeline.show()
    qtbot.waitExposed(timeline)
    return timeline


def centre(bar: Timeline, index: int) -> QPoint:
    return bar.line.centre_of(index).toPoint()


def at(bar: Timeline, fraction: float) -> QPoint:
    return QPointF(bar.line.axis().x_of_share(fraction), bar.line.line_y_px()).toPoint()


def emitted(spy: QSignalSpy) -> list[tuple]:
    return [tuple(spy.at(i)) for i in range(spy.count())]


def test_a_click_selects_and_moves_nothing(bar, playback) -> None:
    selected, moved = QSignalSpy(bar.keyframe_selected), QSignalSpy(bar.keyframe_moved)
    QTest.mouseClick(bar.line, LEFT, pos=centre(bar, 2))
    assert emitted(selected) == [(2,)]
    assert moved.count() == 0
    assert playback.index == 50
    assert bar.line.current == 2


def test_a_drag_moves_it_in_time(bar) -> None:
    moved, finished = QSignalSpy(bar.keyframe_moved), QSignalSpy(bar.keyframe_move_finished)
    QTest.mousePress(bar.line, LEFT, pos=centre(bar, 1))
    QTest.mouseMove(bar.line, at(bar, 0.4))
    QTest.mouseMove(bar.line, at(bar, 0.2))
    assert finished.count() == 0
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 0.2))
    assert [index for index, _ in emitted(moved)] == [1, 1]
    assert [fraction for _, fraction in emitted(moved)] == pytest.approx([0.4, 0.2], abs=1e-3)
    assert finished.count() == 1
    assert bar.line.marks[1].fraction == pytest.approx(0.2, abs=1e-3)


def test_a_drag_past_a_neighbour_reorders(bar) -> None:
    moved, reordered = QSignalSpy(bar.keyframe_moved), QSignalSpy(bar.keyframe_reordered)
    QTest.mousePress(bar.line, LEFT, pos=centre(bar, 1))
    for fraction in (0.5, 0.7, 0.1, 2.0):
        QTest.mouseMove(bar.line, at(bar, fraction))
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 1.0))
    assert emitted(reordered) == [(1, 2), (2, 1), (1, 2)]
    assert [index for index, _ in emitted(moved)] == [1, 2, 1, 2]
    fractions = [mark.fraction for mark in bar.line.marks]
    assert fractions == sorted(fractions)


def test_the_owner_may_answer_each_move_with_new_keyframes(bar) -> None:
    def answer(index: int, fraction: float) -> None:
        fractions = [mark.fraction for mark in bar.line.marks]
        fractions[index] = min(fraction, 0.5)  # an owner that allows no more
        bar.show_keyframes([KeyframeMark(f) for f in fractions], index)

    bar.keyframe_moved.connect(answer)
    QTest.mousePress(bar.line, LEFT, pos=centre(bar, 1))
    QTest.mouseMove(bar.line, at(bar, 0.55))
    assert bar.line.marks[1].fraction == 0.5
    bar.show_keyframes([], None)  # deleted meanwhile
    QTest.mouseMove(bar.line, at(bar, 0.2))
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 0.2))
    bar.grab()


def test_playhead_and_the_keyframe_below_it_can_both_be_taken(bar, playback) -> None:
    playback.seek(30)
    moved = QSignalSpy(bar.keyframe_moved)
    handle = at(bar, 0.3)
    QTest.mousePress(bar.line, LEFT, pos=handle)
    QTest.mouseMove(bar.line, at(bar, 0.45))
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 0.45))
    assert (playback.index, moved.count()) == (45, 0)
    playback.seek(30)
    assert centre(bar, 1).y() < handle.y() - 8
    QTest.mousePress(bar.line, LEFT, pos=centre(bar, 1))
    QTest.mouseMove(bar.line, at(bar, 0.4))
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 0.4))
    assert (playback.index, moved.count()) == (30, 1)


def test_double_click_goes_there(bar, playback) -> None:
    double_click(bar.line, centre(bar, 2))
    assert playback.index == 60


def test_keys(bar, playback) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    removed, moved = QSignalSpy(bar.keyframe_removed), QSignalSpy(bar.keyframe_moved)
    selected, finished = QSignalSpy(bar.keyframe_selected), QSignalSpy(bar.keyframe_move_finished)
    QTest.keyClick(bar.line, Qt.Key.Key_Delete)
    assert removed.count() == 0  # none is selected
    QTest.keyClick(bar.line, Qt.Key.Key_Right, control)
    QTest.keyClick(bar.line, Qt.Key.Key_Right, control)
    assert emitted(selected) == [(0,), (1,)]
    assert playback.index == 30
    QTest.keyClick(bar.line, Qt.Key.Key_Right, control | shift)
    assert emitted(moved) == [(1, pytest.approx(0.31))]
    assert finished.count() == 1
    playback.seek(0)
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert playback.index == 31
    QTest.keyClick(bar.line, Qt.Key.Key_Delete)
    assert emitted(removed) == [(1,)]


def actions(menu: QMenu) -> dict[str, QAction]:
    return {action.text(): action for action in menu.actions()}


def test_the_menu(bar, playback) -> None:
    bar.show_keyframes([KeyframeMark(f, easing="out") for f in FRACTIONS], 0)
    menu = bar.line.keyframe_menu(2)
    replaced, removed = QSignalSpy(bar.keyframe_replaced), QSignalSpy(bar.keyframe_removed)
    eased = QSignalSpy(bar.keyframe_easing_chosen)
    actions(menu)["Go there"].trigger()
    assert playback.index == 60
    actions(menu)["Replace with what is on screen"].trigger()
    actions(menu)["Delete"].trigger()
    easings = actions(menu)["Move to the next"].menu()
    assert isinstance(easings, QMenu)
    assert [a.text() for a in easings.actions() if a.isChecked()] == ["End slowly"]
    actions(easings)["Start slowly"].trigger()
    assert emitted(replaced) == emitted(removed) == [(2,)]
    assert emitted(eased) == [(2, "in")]
    assert not actions(bar.line.keyframe_menu(3))["Move to the next"].isEnabled()


def close_menu() -> None:
    """Close the open menu as a person does, by Escape."""
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_menu_opens_by_mouse_and_key(bar, qtbot, reason) -> None:
    bar.show_keyframes([KeyframeMark(f) for f in FRACTIONS], 2)
    place = centre(bar, 1)
    QApplication.sendEvent(bar.line, QContextMenuEvent(reason, place, bar.line.mapToGlobal(place)))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    assert bar.line.current == (1 if reason == QContextMenuEvent.Reason.Mouse else 2)
    close_menu()
    QApplication.sendEvent(bar.line, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at(bar, 0.45), QPoint(0, 0)))
    assert QApplication.activePopupWidget() is None  # there is no keyframe


def test_hover_tells_which_keyframe_and_a_drag_its_time(bar) -> None:
    QTest.mouseMove(bar.line, centre(bar, 1))
    assert bar.hover.popup.isVisible()
    assert bar.hover.popup.text.startswith("Keyframe 2 of 4")
    QTest.mousePress(bar.line, LEFT, pos=centre(bar, 1))
    assert not bar.hover.popup.isVisible()
    QTest.mouseMove(bar.line, at(bar, 0.45))
    assert bar.hover.popup.text == "Keyframe 2 of 4 at 1.50 s"
    QTest.mouseRelease(bar.line, LEFT, pos=at(bar, 0.45))
    assert not bar.hover.popup.isVisible()


def test_the_selected_keyframe_looks_different(bar) -> None:
    before = bar.line.grab().toImage()
    bar.show_keyframes(bar.line.marks, 2)
    assert bar.line.grab().toImage() != before
