"""The menu bar offers every command that a menu has, and runs it; hidden until somebody wants it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.widgets.theme import theme
from tests.shell.window.test_window import LEFT


def opened(window, name):
    bar = window.menu_bar
    action = next(one for one in bar.actions() if one.menu().objectName() == f"menu_{name}")
    QTest.mouseClick(bar, LEFT, pos=bar.actionGeometry(action).center())
    return action.menu()


def filled(window, name):
    menu = opened(window, name)
    actions = menu.actions()
    menu.close()
    return actions


def test_a_key_shows_it_and_its_menus_hold_what_can_be_done(window, qtbot):
    assert not window.menu_bar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F10)
    assert window.menu_bar.isVisible()
    menu = opened(window, "edit")
    undo = next(one for one in menu.actions() if one.objectName() == "edit.undo")
    assert (undo.text(), undo.isEnabled()) == ("Undo\tCtrl+Z", False)
    menu.close()
    view = opened(window, "view")
    switch = next(one for one in view.actions() if one.objectName() == "view.theme")
    view.setActiveAction(switch)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert theme().name == "light"
    window.switch_theme()
    QTest.keyClick(window, Qt.Key.Key_F10)
    assert not window.menu_bar.isVisible()


def test_what_the_panel_in_front_can_do_stands_under_model(window, tab):
    window.menu_bar.switch()
    menu = opened(window, "model")
    ids = [action.objectName() for action in menu.actions()]
    menu.close()
    assert "timeline.play" in ids
    assert not {one for one in ids if one.startswith(("studio.", "edit."))}
    found = [
        action.objectName() for name in ("file", "edit", "view", "model", "help") for action in filled(window, name)
    ]
    assert len(found) == len(set(found))
    assert set(found) == {command.id for command in window._services.commands.all()}
