"""The window as a person uses it: with mouse and keys, from Home to a picture and back."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QPushButton, QTabBar, QWidget
from shiboken6 import isValid

from studio.core.option import RECENT, TEXT_SCALE, THEME, WINDOW_GEOMETRY
from studio.shell.session.session import TabMemory
from studio.shell.window.top_bar import SearchButton
from studio.widgets.theme import theme
from tests.shell.conftest import MODEL
from tests.shell.export.exporting import export_picture

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def button(parent: QWidget, name: str) -> QPushButton:
    found = parent.findChild(QPushButton, name)
    assert found is not None, name
    return found


def titles(window):
    bar = window.top_bar.tabs
    return [bar.tabText(place) for place in range(bar.count())]


def slider_of(tab):
    return tab.panel.form.findChild(QWidget, "good.strength")


def drop(window, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    return event


def change_strength(qtbot, tab):
    before = tab.panel.params()
    track = next(child for child in slider_of(tab).children() if hasattr(child, "exact_value"))
    qtbot.keyClick(track, Qt.Key.Key_Right)
    assert tab.panel.params() != before
    return before


def test_open_on_home_leads_to_a_picture(window, qtbot):
    qtbot.mouseClick(button(window.home, "open_family"), LEFT)
    assert titles(window) == ["Home", "Waves"]
    assert window.tabs.front_tab.panel.isVisible()
    assert window.exporter.can_export()
    assert button(window, "studio.export").isVisible()
    assert window.status.findChild(QWidget) is not None


def test_a_model_that_is_open_comes_to_the_front(window, tab):
    window.tabs.show_home()
    window.opener.open_model(MODEL)
    assert window.tabs.model_tabs() == [tab]
    assert window.tabs.front_tab is tab


def test_an_unknown_model_is_refused_in_a_sentence(window):
    window.opener.open_model("good/wave")
    assert "good/waves" in window.home.drop_zone.text
    assert titles(window) == ["Home"]


def test_home_has_no_undo_and_no_export(window):
    assert not button(window, "edit.undo").isVisible()
    assert not button(window, "studio.export").isVisible()


def test_export_comes_where_a_panel_shows_its_picture_after_it_was_timed(window, tab, qtbot, monkeypatch):
    export = button(window, "studio.export")
    with monkeypatch.context() as nothing_yet:
        nothing_yet.setattr(window.exporter, "can_export", lambda: False)
        window.top_bar.show_export(False)
        change_strength(qtbot, tab)
        assert not export.isVisible()
    qtbot.waitUntil(export.isVisible)


def test_undo_and_redo_by_button_and_key(window, tab, qtbot):
    undo, redo = button(window, "edit.undo"), button(window, "edit.redo")
    assert undo.isVisible()
    assert not undo.isEnabled()
    before = change_strength(qtbot, tab)
    after = tab.panel.params()
    assert undo.toolTip().startswith("Undo: Change strength.")
    qtbot.mouseClick(undo, LEFT)
    assert tab.panel.params() == before
    assert redo.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert tab.panel.params() == after
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert tab.panel.params() == before


def test_tabs_close_by_key_button_and_middle_click(window, tab, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_W, CTRL)
    assert titles(window) == ["Home"]
    qtbot.keyClick(window, Qt.Key.Key_W, CTRL)
    assert titles(window) == ["Home"]
    bar = window.top_bar.tabs
    window.opener.open_model(MODEL)
    qtbot.mouseClick(bar.tabButton(1, QTabBar.ButtonPosition.RightSide), LEFT)
    assert titles(window) == ["Home"]
    window.opener.open_model(MODEL)
    qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(1).center())
    assert titles(window) == ["Home"]
    qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
    assert titles(window) == ["Home"]


def test_keys_go_from_tab_to_tab(window, tab, qtbot):
    window.show_preferences()
    for key, modifiers, place in (
        (Qt.Key.Key_1, CTRL, 0),
        (Qt.Key.Key_2, CTRL, 1),
        (Qt.Key.Key_9, CTRL, 1),
        (Qt.Key.Key_Tab, CTRL, 2),
        (Qt.Key.Key_Tab, CTRL, 0),
        (Qt.Key.Key_Backtab, CTRL | Qt.KeyboardModifier.ShiftModifier, 2),
    ):
        qtbot.keyClick(window, key, modifiers)
        assert window.top_bar.tabs.currentIndex() == place


def test_tabs_are_reordered_by_dragging(window, tab, qtbot):
    window.tabs.open_model(tab.source, "Second", TabMemory(MODEL))
    bar = window.top_bar.tabs
    start, end = bar.tabRect(2).center(), bar.tabRect(1).center() - QPoint(20, 0)
    qtbot.mousePress(bar, LEFT, pos=start)
    for step in range(1, 11):
        qtbot.mouseMove(bar, start + (end - start) * step / 10)
    qtbot.mouseRelease(bar, LEFT, pos=end)
    assert titles(window) == ["Home", "Second", "Waves"]
    assert window.tabs.front_tab is not tab
    qtbot.keyClick(window, Qt.Key.Key_3, CTRL)
    assert window.tabs.front is tab


def test_commands_of_a_panel_hold_while_it_is_in_front(window, tab, services):
    before = len(services.commands.all())
    window.tabs.show_home()
    assert len(services.commands.all()) == before - len(tab.panel.all_commands())


def test_another_model_in_the_same_tab_forgets_the_steps(window, tab, qtbot):
    change_strength(qtbot, tab)
    window.opener.open_here(tab, MODEL)
    assert window.tabs.model_tabs() == [tab]
    assert tab.undo.undo_title is None
    assert not button(window, "edit.undo").isEnabled()


def test_a_closed_tab_frees_its_model(window, tab, sync_worker):
    handle = tab.panel.handle
    assert handle.is_open
    window.close_front()
    assert not handle.is_open
    assert sync_worker.jobs() == []


@pytest.mark.long("starts processes of its own")
def test_a_dropped_export_comes_back_with_its_settings(window, tab, tmp_path):
    path = tmp_path / "a.png"
    tab.panel.set_params(type(tab.panel.params())(seed=41, strength=0.5))
    export_picture(window, tab, path)
    tab.panel.set_params(type(tab.panel.params())())
    assert drop(window, path).isAccepted()
    params = window.tabs.front_tab.panel.params()
    assert (params.seed, params.strength) == (41, 0.5)


@pytest.mark.long("starts processes of its own")
def test_a_file_that_a_model_goes_on_with_opens_that_model(window, tmp_path):
    for seed in (7, 8):
        path = tmp_path / f"{seed}.SWELL"
        path.write_text("up and down")
        assert drop(window, path).isAccepted()
        assert len(titles(window)) == 2  # the second file is taken by the tab that the first one opened
        assert window.tabs.front_tab.panel.params().seed == seed


def test_a_file_that_hovers_is_named(window, tmp_path):
    path = tmp_path / "thing.bin"
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    window.dragEnterEvent(event)
    assert event.isAccepted()
    assert "thing.bin" in window.home.drop_zone.text
    window.dragLeaveEvent(QDragLeaveEvent())
    assert "Drop a model" in window.home.drop_zone.text


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_narrow_bar_keeps_every_button(window, tab, scale, services):
    services.settings.set(TEXT_SCALE, scale)
    window.show_preferences()
    window.tabs.show_page(tab)
    window.resize(960, 600)
    assert window.width() == 960
    for name in ("edit.undo", "edit.redo", "studio.open_file", "studio.export", "studio.models"):
        one = button(window, name)
        assert window.rect().contains(one.mapTo(window, one.rect().bottomRight())), name
    search = window.top_bar.findChild(SearchButton)
    label = search.findChildren(QLabel)[0]
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    window.resize(1600, 600)
    assert label.text() == "Search or run a command"
    services.settings.reset(TEXT_SCALE)


@pytest.mark.parametrize("data", [b"", b"nothing known", b"\x80\x04cos\nsystem\n(S'true'\ntR."])
def test_a_file_that_does_not_open_is_a_sentence_on_home(window, tmp_path, data):
    path = tmp_path / "thing"
    path.write_bytes(data)
    drop(window, path)
    assert titles(window) == ["Home"]
    assert window.home.drop_zone.text.endswith(".")
    assert "Drop a model" not in window.home.drop_zone.text


@pytest.mark.long("starts processes of its own")
def test_a_missing_file_is_a_sentence_in_the_panel_in_front(window, tab, tmp_path):
    drop(window, tmp_path / "missing.png")
    assert tab.panel.messages.keys() == ["error"]


@pytest.mark.long("starts processes of its own")
def test_a_file_of_another_program_is_imported(window, tmp_path):
    path = tmp_path / "other.waves"
    path.write_bytes(b"waves and more")
    drop(window, path)
    assert titles(window) in (["Home"], ["Home", "other"])


def test_the_guide_opens_and_closes_with_f1(window, tab, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.guide.isVisible()
    assert "Strength" in window.guide.browser.toPlainText()
    window.tabs.show_home()
    assert not window.guide.isVisible()
    window.tabs.show_page(tab)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert not window.guide.isVisible()


def test_theme_and_text_size_change_at_once(window, services, qtbot):
    window.switch_theme()
    assert theme().name == "light"
    assert services.settings.get(THEME) == "light"
    qtbot.keyClick(window, Qt.Key.Key_Equal, CTRL)
    assert theme().text_scale == pytest.approx(1.1)
    qtbot.keyClick(window, Qt.Key.Key_0, CTRL)
    assert theme().text_scale == 1
    window.switch_theme()
    assert theme().name == "dark"


def test_recent_things_are_kept_and_shown(window, tab, services, qtbot):
    assert services.settings.get(RECENT) == [MODEL]
    window.close_front()
    (picture,) = window.home.recent.buttons
    assert picture.choice.entry.id == MODEL
    qtbot.mouseClick(picture, LEFT)
    assert titles(window) == ["Home", "Waves"]


def test_geometry_is_remembered(window, services):
    window.resize(1100, 650)
    window.close()
    assert services.settings.get(WINDOW_GEOMETRY)


def test_the_state_in_memory_is_plain_json(tab):
    memory = tab.memory()
    assert json.loads(json.dumps([memory.params, memory.state]))


def test_preferences_that_were_closed_hear_of_no_setting_any_more(window, services, qtbot):
    window.show_preferences()
    page = window.tabs.front
    window.close_front()
    qtbot.waitUntil(lambda: not isValid(page))
    window.scale_text(0.1)  # a row that is gone would raise
    window.reset_text()
    window.show_preferences()
    assert window.tabs.front is not page
