"""A word in passing lies over the window, goes by itself, and stays while the pointer is on it."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication

from studio.widgets.controls.button import Button


@pytest.fixture
def toast(window):
    window.toast._leave.setInterval(20)
    return window.toast


def test_it_goes_by_itself_and_moves_nothing(window, tab, toast, qtbot):
    before = tab.panel.geometry(), tab.panel.canvas.geometry()
    window.say("Saved as a.png.", "/home")
    assert toast.isVisible()
    assert (tab.panel.geometry(), tab.panel.canvas.geometry()) == before
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_it_stays_while_it_is_looked_at(window, toast, qtbot):
    window.say("Saved.")
    QApplication.sendEvent(toast, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert not toast._leave.isActive()
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_it_follows_the_window_and_does_what_it_offers(window, toast, qtbot):
    done = []
    toast._leave.setInterval(60_000)
    window.say("Saved.", "/home", "Show", lambda: done.append(True))
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: abs(toast.geometry().center().x() - window.width() // 2) <= 1)
    qtbot.mouseClick(toast.findChild(Button, "toast_action"), Qt.MouseButton.LeftButton)
    assert done == [True]
    assert not toast.isVisible()
