"""The palette by keyboard and mouse."""

import pytest
from PySide6.QtCore import Qt

from studio.core.option import RECENT_COMMANDS
from studio.shell.download.desk import DownloadDesk
from studio.shell.made.desk import MadeDesk
from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.workspace_desk import WorkspaceDesk
from studio.shell.window.choice import OTHER_WORDS
from studio.widgets.gallery.gallery import Gallery

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def palette(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    assert window.finder.palette.isVisible()
    return window.finder.palette


def shown(palette):
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_a_model_is_found_and_opened(window, palette, qtbot):
    qtbot.keyClicks(palette.field, "wav")
    assert shown(palette)[0] == "Open Waves · Waves"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.tabs.front_tab.title == "Waves"


def test_a_command_is_run_by_click_and_comes_first_the_next_time(window, palette, services, qtbot):
    qtbot.keyClicks(palette.field, "preferences")
    item = palette.list.item(0)
    qtbot.mouseClick(palette.list.viewport(), LEFT, pos=palette.list.visualItemRect(item).center())
    assert window.tabs.front.findChild(type(window.tabs.front.search)) is not None
    assert services.settings.get(RECENT_COMMANDS) == ["studio.preferences"]
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    assert shown(palette)[0] == "Preferences"


def test_arrows_move_around_the_ends(palette, qtbot):
    n_rows = palette.list.count()
    assert palette.list.currentRow() == 0
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == n_rows - 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 0
    qtbot.keyClick(palette.field, Qt.Key.Key_PageUp)
    assert palette.list.currentRow() == 0


def test_the_mouse_chooses_where_it_goes_but_not_where_it_rests(palette, qtbot):
    view = palette.list.viewport()
    for row in (1, 3):
        qtbot.mouseMove(view, palette.list.visualItemRect(palette.list.item(row)).center())
        qtbot.waitUntil(lambda row=row: palette.list.currentRow() == row)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    palette.list.itemEntered.emit(palette.list.item(5))  # the list was scrolled under the mouse
    assert palette.list.currentRow() == 2


def test_escape_closes_and_runs_nothing(window, palette, qtbot):
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.top_bar.tabs.count() == 1


def test_a_click_elsewhere_closes_it(window, palette, qtbot):
    window.setFocus()
    assert not palette.isVisible()


def test_nothing_found_is_said(palette, qtbot):
    qtbot.keyClicks(palette.field, "qqqq")
    assert shown(palette) == []
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_what_cannot_be_done_now_is_not_offered(palette):
    assert "Undo" not in shown(palette)
    assert "Go to tab 1" in shown(palette)
    assert "Go to tab 2" not in shown(palette)


def test_it_stays_inside_a_small_window(window, palette):
    window.resize(960, 600)
    assert window.rect().contains(palette.geometry())
    assert abs(palette.geometry().center().x() - window.rect().center().x()) <= 1


def test_plus_offers_the_models_only_in_a_gallery(window, qtbot):
    qtbot.mouseClick(window.top_bar.plus, LEFT)
    gallery = window.findChild(Gallery)
    assert [gallery.view.choice_at(row).short_name for row in range(gallery.view.count())] == ["Waves"]
    qtbot.keyClicks(gallery.field, "wav")
    qtbot.keyClick(gallery.field, Qt.Key.Key_Return)
    assert window.tabs.front_tab.title == "Waves"


@pytest.mark.parametrize(
    ("typed", "command"),
    [("help", "Show or hide the guide"), ("settings", "Preferences"), ("close", "Close all tabs"), ("exit", "Quit")],
)
def test_other_words_find_a_command(window, palette, tab, qtbot, typed, command):
    window.finder.show_palette()
    qtbot.keyClicks(palette.field, typed)
    assert command in shown(palette)


def test_other_words_are_those_of_commands(window, services, tmp_path):
    workspaces = WorkspaceDesk(services, window, SessionKeeper(services, window.tabs, tmp_path))
    made = MadeDesk(services, window, tmp_path / "made")
    desks = (workspaces, made, DownloadDesk(services, window))
    commands = (*services.commands.all(), *(command for desk in desks for command in desk.commands()))
    assert set(OTHER_WORDS) <= {command.id for command in commands}


def test_all_tabs_are_closed_from_the_palette_and_none_is_built_for_it(window, tab, palette, qtbot):
    window.show_preferences()
    window.finder.show_palette()
    qtbot.keyClicks(palette.field, "close all")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.tabs.front is window.home
    assert not window.tabs.has_place(1)
