"""Steps and bookmarks: back to any step, to a place with a name, to the start; Home stays where it is."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.shell.session.session import TabMemory
from studio.shell.window.front_steps import HistoryDialog
from tests.shell.answering import answer
from tests.shell.conftest import MODEL
from tests.shell.window.test_window import change_strength, titles

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(window, tab, qtbot):
    """The dialog over a tab whose strength was raised three times."""
    for _ in range(3):
        change_strength(qtbot, tab)
        tab.undo.end_gesture()
    qtbot.keyClick(window, Qt.Key.Key_H, CTRL)
    (dialog,) = window.findChildren(HistoryDialog)
    qtbot.waitExposed(dialog)
    yield dialog
    dialog.close()


def texts(rows):
    return [rows.item(row).text() for row in range(rows.count())]


def click(qtbot, rows, row):
    before = rows.item(row)
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(before).center())
    qtbot.wait(0)


def test_a_click_on_a_step_goes_there_and_forward_again(dialog, tab, qtbot):
    n_steps = tab.undo.n_done
    newest = tab.panel.params()
    assert dialog.steps.count() == n_steps + 1
    assert texts(dialog.steps)[-1] == "The start"
    click(qtbot, dialog.steps, n_steps)
    assert tab.undo.n_done == 0
    assert tab.panel.params() == type(newest)(seed=newest.seed)
    qtbot.waitUntil(lambda: dialog.steps.currentRow() == n_steps)
    click(qtbot, dialog.steps, 0)
    assert tab.panel.params() == newest


def test_a_place_with_a_name_is_returned_to_and_kept(dialog, tab, qtbot):
    there = tab.panel.params()
    qtbot.keyClicks(dialog.name, "  By the   sea ")
    qtbot.mouseClick(dialog.add, LEFT)
    assert texts(dialog.bookmarks) == ["By the sea"]
    assert not dialog.add.isEnabled()
    tab.undo.go_to(0)
    tab.mark("Start")
    assert tab.panel.params() != there
    dialog.refresh()
    tab.panel.set_params(there)
    tab.go_to("Go", tab.bookmarks[0].params, tab.bookmarks[0].state)
    assert tab.panel.params() != there
    tab.undo.undo()
    assert tab.panel.params() == there
    assert [one.name for one in tab.memory().bookmarks] == ["Start"]


def test_a_click_on_a_bookmark_goes_there_as_one_step(dialog, tab, qtbot):
    there = tab.panel.params()
    tab.mark("There")
    tab.reset()
    start = tab.panel.params()
    assert start != there
    dialog.refresh()
    click(qtbot, dialog.bookmarks, 0)
    assert tab.panel.params() == there
    tab.undo.undo()
    assert tab.panel.params() == start
    dialog.bookmarks.setCurrentRow(0)
    qtbot.mouseClick(dialog.remove, LEFT)
    assert tab.bookmarks == ()
    tab.undo.undo()
    assert [one.name for one in tab.bookmarks] == ["There"]


def test_back_to_the_start_is_one_step_also_in_a_tab_that_came_back(window, services, tab, qtbot):
    start = tab.memory()
    change_strength(qtbot, tab)
    changed = tab.panel.params()
    assert services.commands.run("edit.reset")
    assert tab.panel.params() != changed
    assert (tab.memory().params, tab.memory().state) == (start.params, start.state)
    tab.undo.undo()
    assert tab.panel.params() == changed
    again = window.tabs.open_model(tab.source, tab.title, TabMemory(MODEL, {"seed": 9}))
    assert again.panel.params().seed == 9
    again.reset()
    assert again.panel.params() == type(changed)()


def test_start_afresh_asks_and_leaves_home(window, services, tab):
    services.commands.run("studio.start_afresh")
    answer(window, "ask_start_afresh", "Stay")
    assert titles(window) == ["Home", "Waves"]
    services.commands.run("studio.start_afresh")
    answer(window, "ask_start_afresh", "Start afresh")
    assert titles(window) == ["Home"]


def test_home_stays_at_the_left_wherever_tabs_are_dragged(window, tab, qtbot):
    bar = window.top_bar.tabs
    window.tabs.open_model(tab.source, "Second", TabMemory(MODEL))
    for start, stop in ((0, 2), (2, 0), (1, 0)):
        there, here = bar.tabRect(start).center(), bar.tabRect(stop).center()
        QTest.mousePress(bar, LEFT, pos=there)
        for share in (0.3, 0.6, 1.0):
            x = round(there.x() + share * (here.x() - there.x())) + (-20 if stop < start else 20)
            QTest.mouseMove(bar, QPoint(x, there.y()))
        QTest.mouseRelease(bar, LEFT, pos=here)
        assert titles(window)[0] == "Home"
        assert window.tabs.pages()[0] is window.home
    assert sorted(titles(window)[1:]) == ["Second", "Waves"]
