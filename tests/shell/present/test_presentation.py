"""Presenting as visitors and the presenter meet it: real keys and presses, and a clock that the test moves."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from studio.shell.present.large import LargeSlider
from studio.shell.present.pace import HOLD_S, MOVE_S
from tests.shell.conftest import MODEL
from tests.shell.present.conftest import LEFT, NO_KEY

CTRL = Qt.KeyboardModifier.ControlModifier
IDLE_S = 60


def sliders(visitor):
    return [one for one in visitor.side.controls() if isinstance(one, LargeSlider)]


def strength_slider(visitor):
    return next(one for one in sliders(visitor) if one.findChild(QLabel).text() == "Strength")


def test_f11_shows_the_picture_and_a_few_controls_and_nothing_else(present, window, tab):
    visitor = present()
    assert window.isFullScreen()
    assert tab.panel.frame.canvas.isVisible()
    hidden = (window.top_bar, window.status, window.guide, tab.panel.frame.inspector, tab.panel.timeline.bar)
    assert not any(widget.isVisible() for widget in hidden)
    assert 1 <= len(visitor.side.controls()) <= 5
    assert visitor.side.findChild(QLabel, "visitor_title").text() == "Waves"


def test_the_exit_key_leaves_and_everything_is_as_before(present, window, tab, qtbot):
    size, front = window.size(), window.tabs.front
    visitor = present()
    visitor.press_key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: visitor.presentation is None)
    assert not window.isFullScreen()
    assert window.size() == size
    assert window.tabs.front is front
    qtbot.waitUntil(lambda: [one for one in QApplication.topLevelWidgets() if one.isVisible()] == [window])
    assert window.top_bar.isVisible()
    assert window.status.isVisible()
    assert tab.panel.frame.inspector.isVisible()
    assert tab.panel.timeline.bar.isVisible()


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_W, CTRL),
        (Qt.Key.Key_K, CTRL),
        (Qt.Key.Key_Q, CTRL),
        (Qt.Key.Key_E, CTRL),
        (Qt.Key.Key_Tab, CTRL),
        (Qt.Key.Key_1, CTRL),
        (Qt.Key.Key_F1, NO_KEY),
        (Qt.Key.Key_F11, NO_KEY),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_no_key_of_the_window_does_anything(present, window, tab, key, modifier):
    visitor = present()
    visitor.press_key(key, modifier)
    assert visitor.presentation is not None
    assert window.tabs.front is tab
    assert window.isVisible()
    assert not window.finder.palette.isVisible()
    assert not window.guide.isVisible()
    assert QApplication.activeModalWidget() is None


def test_a_slider_moves_what_the_small_one_moves_in_one_step_of_undo(present, tab):
    visitor = present()
    before, n_steps = tab.panel.params(), len(tab.undo)
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    assert tab.panel.params().strength > before.strength
    assert len(tab.undo) == n_steps + 1
    tab.undo.undo()
    assert tab.panel.params() == before
    assert strength_slider(visitor).track.exact_value == before.strength


def test_start_again_brings_the_prepared_state_back(present, tab):
    visitor = present()
    before = tab.panel.params()
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    visitor.click(visitor.side.surprise)
    assert tab.panel.params().seed != before.seed
    visitor.click(visitor.side.again)
    assert tab.panel.params() == before


def test_it_returns_to_the_start_after_a_while_without_a_touch(present, tab):
    visitor = present()
    before = tab.panel.params()
    visitor.wait(30)
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    visitor.wait(IDLE_S - 1)
    assert tab.panel.params() != before
    assert visitor.side.footer.text() == "returns to the start in 1 s"
    visitor.wait(1)
    assert tab.panel.params() == before
    assert visitor.side.invitation.isVisible()
    assert visitor.side.footer.text() == ""
    cursor = QGuiApplication.overrideCursor()
    assert cursor is not None
    assert cursor.shape() is Qt.CursorShape.BlankCursor


def test_something_moves_while_nobody_touches_and_the_first_touch_only_wakes(present, tab):
    visitor = present()
    before = tab.panel.params()
    visitor.wait(IDLE_S)
    visitor.wait(MOVE_S)
    assert tab.panel.params() != before or tab.panel.timeline.playback.is_playing
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    assert tab.panel.params() == before
    assert not visitor.side.invitation.isVisible()
    assert QGuiApplication.overrideCursor() is None
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    assert tab.panel.params().strength > before.strength


def test_what_the_panel_asks_of_the_window_is_not_done(present, window, tab):
    visitor = present()
    tab.panel.host.run_command("studio.export")
    assert window.exporter.dialog is None
    window.presenting.leave()
    assert visitor.presentation is None
    tab.panel.host.run_command("studio.guide")
    assert window.guide.isVisible()


@pytest.mark.parametrize("deed", ["close", "replace"])
def test_it_goes_on_where_the_tab_is_closed_or_shows_another_model(present, window, tab, qtbot, deed):
    visitor = present()
    if deed == "close":
        window.tabs.close_page(tab)
    else:
        window.opener.open_here(tab, MODEL)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    visitor.wait(0.3)
    qtbot.waitUntil(window.tabs.front_tab.panel.frame.canvas.isVisible)
    qtbot.waitUntil(lambda: visitor.is_laid_out)
    visitor.drag(strength_slider(visitor).track, 0.5, 0.9)
    assert window.tabs.front_tab.panel.params().strength > 1.0


def test_a_long_press_in_a_corner_leaves_and_a_short_one_does_not(present, window):
    visitor = present()
    corner = QPoint(window.width() - 5, 5)
    visitor.press(corner)
    visitor.wait(HOLD_S - 0.5)
    visitor.release(corner)
    visitor.wait(HOLD_S)
    assert visitor.presentation is not None
    visitor.press(window.rect().center())
    visitor.wait(HOLD_S)
    visitor.release(window.rect().center())
    assert visitor.presentation is not None
    visitor.press(corner)
    visitor.wait(HOLD_S)
    assert visitor.presentation is None
    visitor.release(corner)


def test_a_finger_wakes_it_and_moves_a_slider(present, window, tab, qtbot):
    visitor = present()
    before = tab.panel.params()
    visitor.wait(IDLE_S)
    device, handle = QTest.createTouchDevice(), window.windowHandle()
    track = strength_slider(visitor).track
    QTest.touchEvent(handle, device).press(0, visitor.place(track, 0.5), handle).commit()
    QTest.touchEvent(handle, device).release(0, visitor.place(track, 0.5), handle).commit()
    assert not visitor.presentation.pace.is_attracting
    QTest.touchEvent(handle, device).press(1, visitor.place(track, 0.5), handle).commit()
    QTest.touchEvent(handle, device).move(1, visitor.place(track, 0.9), handle).commit()
    QTest.touchEvent(handle, device).release(1, visitor.place(track, 0.9), handle).commit()
    assert tab.panel.params().strength > before.strength


def test_neither_menus_nor_files_come_through(present, window, tab):
    visitor = present()
    visitor.click(tab.panel.frame.canvas, Qt.MouseButton.RightButton)
    assert QApplication.activePopupWidget() is None
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/nowhere.png")])
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, LEFT, NO_KEY)
    QApplication.sendEvent(window.windowHandle(), event)
    assert not event.isAccepted()


def test_the_playlist_shows_one_state_after_the_other(visitor, window, tab, qtbot):
    window.tabs.show_home()
    visitor.press_key(Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: visitor.presentation is not None)
    assert window.tabs.front_tab.source.id == MODEL
    assert window.tabs.front_tab is not tab  # a tab of its own, so that nothing of the person's is touched
    visitor.press_key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: visitor.presentation is None)
    assert window.tabs.front is window.home
    assert window.tabs.model_tabs() == [tab]


def test_the_window_can_be_closed_by_the_system(present, window):
    visitor = present()
    window.close()
    assert visitor.presentation is None
    assert not window.isVisible()
