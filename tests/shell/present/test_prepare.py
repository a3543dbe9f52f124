"""Preparing a presentation: its dialog, what is kept of it, and the other screen."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPushButton

from studio.api.family import Showing
from studio.shell.present.dialog import Playlist, PrepareDialog
from studio.shell.present.screen import OtherScreen
from studio.shell.present.show import MAX_SHOWS, Preparation, Show, read_preparation, write_preparation
from studio.shell.session.session import TabMemory
from tests.shell.conftest import MODEL
from tests.shell.present.conftest import LEFT


@pytest.fixture
def dialog(window, services, tab):
    services.commands.run("present.prepare")
    return window.findChild(PrepareDialog)


def press(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), LEFT)


def test_what_was_prepared_is_presented(dialog, visitor, window, tab, qtbot):
    QTest.keySequence(dialog.findChild(QLineEdit, "present_title"), QKeySequence("Ctrl+A"))
    QTest.keyClicks(dialog.findChild(QLineEdit, "present_title"), "Our waves")
    controls = dialog.findChild(QListWidget, "present_controls")
    chosen = next(controls.item(row) for row in range(controls.count()) if controls.item(row).text() == "Steps")
    for row in range(controls.count()):
        controls.item(row).setCheckState(Qt.CheckState.Unchecked)
    chosen.setCheckState(Qt.CheckState.Checked)
    dialog.idle.setValue(25)
    dialog.key.setKeySequence(QKeySequence("F10"))
    press(dialog, "prepare_present")
    qtbot.waitUntil(lambda: visitor.presentation is not None)
    assert visitor.side.findChild(QLabel, "visitor_title").text() == "Our waves"
    assert [one.findChild(QLabel).text() for one in visitor.side.controls()] == ["Steps"]
    assert visitor.presentation.pace.left_s(visitor.now_s) == 25
    visitor.press_key(Qt.Key.Key_Escape)
    visitor.wait(0.3)
    assert visitor.presentation is not None
    visitor.press_key(Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: visitor.presentation is None)


def test_a_sixth_control_is_not_taken(dialog):
    controls = dialog.findChild(QListWidget, "present_controls")
    for row in range(controls.count()):
        controls.item(row).setCheckState(Qt.CheckState.Checked)
    assert len(dialog.words.showing().controls) == min(5, controls.count())


@pytest.mark.long("walks through a whole window")
def test_the_playlist_is_made_of_open_tabs_and_goes_round(dialog, visitor, window, tab, qtbot):
    press(dialog, "show_add")
    before = tab.panel.params()
    tab.panel.set_params(replace(before, strength=1.9))
    press(dialog, "show_add_all")
    press(dialog, "prepare_save")
    window._services.commands.run("present.playlist")
    qtbot.waitUntil(lambda: visitor.presentation is not None)
    assert window.tabs.front_tab.panel.params() == before
    assert visitor.side.footer.text() == "1 of 2 · returns to the start in 60 s"
    qtbot.waitUntil(lambda: visitor.is_laid_out)
    visitor.click(visitor.side.on)
    assert window.tabs.front_tab.panel.params().strength == 1.9
    visitor.wait(60)
    visitor.wait(20)
    assert window.tabs.front_tab.panel.params() == before
    assert visitor.side.footer.text() == "1 of 2"
    window.presenting.leave()
    assert window.tabs.model_tabs() == [tab]


def test_states_are_put_in_order_and_taken_out(dialog, tab):
    for strength in (0.5, 1.5):
        tab.panel.set_params(replace(tab.panel.params(), strength=strength))
        press(dialog, "show_add")
    press(dialog, "show_up")
    assert [show.memory.params["strength"] for show in dialog.playlist.shows()] == [1.5, 0.5]
    press(dialog, "show_down")
    press(dialog, "show_remove")
    assert [show.memory.params["strength"] for show in dialog.playlist.shows()] == [0.5]


def test_the_playlist_takes_as_many_states_as_are_read_again(qtbot):
    playlist = Playlist([])
    qtbot.addWidget(playlist)
    shows = [Show(TabMemory(MODEL, {"seed": number}), Showing("A title", "")) for number in range(MAX_SHOWS + 1)]
    playlist.add(shows[:2])
    playlist.add(shows[2:])
    assert playlist.shows() == tuple(shows[:MAX_SHOWS])


def test_what_was_prepared_is_kept(tmp_path):
    showing = Showing("A title", "A sentence.", ("good.strength",), "good.record")
    show = Show(TabMemory(MODEL, {"seed": 3}, {"seed": 3}), showing)
    prepared = Preparation(30, "F12", {MODEL: showing}, (show,))
    write_preparation(tmp_path / "present.json", prepared)
    assert read_preparation(tmp_path / "present.json") == prepared


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"idle_s": 0}, {"exit_key": 5}, {"playlist": [{"memory": {}}]}, {"showings": {"a": 1}}]
)
def test_a_broken_file_counts_as_none(tmp_path, caplog, change):
    path = tmp_path / "present.json"
    write_preparation(path, Preparation())
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change))
    assert read_preparation(path) == Preparation()
    assert "is not used" in caplog.text


def test_a_model_of_the_playlist_that_is_gone_is_passed_over(visitor, window, tab, qtbot):
    gone, here = (Show(TabMemory(name, {}, {}), Showing("A", "B")) for name in ("good/gone", MODEL))
    write_preparation(window.presenting.path, Preparation(playlist=(gone, here)))
    window._services.commands.run("present.playlist")
    assert window.tabs.front_tab.source.id == MODEL
    window.presenting.leave()
    write_preparation(window.presenting.path, Preparation(playlist=(gone,)))
    window._services.commands.run("present.playlist")
    assert visitor.presentation is None
    assert window.top_bar.isVisible()


def test_the_other_screen_shows_the_canvas_alone_and_follows_it(window, tab, qtbot):
    screen = OtherScreen(QGuiApplication.primaryScreen(), window, lambda: tab.panel)
    qtbot.addWidget(screen)
    screen.resize(640, 480)
    screen.show()
    qtbot.waitExposed(screen)
    before = screen.grab().toImage()
    middle = before.pixelColor(QPoint(before.width() // 2, before.height() // 2))
    assert middle != before.pixelColor(QPoint(2, 2))  # the picture is there, and around it is nothing
    tab.panel.set_params(replace(tab.panel.params(), seed=7, strength=2.0))
    qtbot.waitUntil(lambda: screen.grab().toImage() != before)
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert not screen.isVisible()


def test_without_another_screen_there_is_no_such_command(services, window):
    assert not services.commands.get("present.other_screen").is_enabled


@pytest.mark.parametrize("word", ["present", "full screen", "kiosk", "demo", "projector"])
def test_the_palette_finds_it(window, tab, word):
    window.finder.show_palette()
    palette = window.finder.palette
    palette.field.setText(word)
    titles = [palette.list.item(row).text() for row in range(palette.list.count())]
    assert any("Present" in title for title in titles[:3]), titles


def test_the_command_shows_the_canvas_on_the_other_screen_and_puts_it_away(window, tab, services, monkeypatch, qtbot):
    screen = QGuiApplication.primaryScreen()
    monkeypatch.setattr(QGuiApplication, "screens", staticmethod(lambda: [screen, screen]))
    monkeypatch.setattr(window, "screen", lambda: None)  # so that the only screen here is another one
    assert services.commands.run("present.other_screen")
    other = next(one for one in QApplication.topLevelWidgets() if isinstance(one, OtherScreen))
    qtbot.waitUntil(other.isFullScreen)
    assert other.geometry() == screen.geometry()
    assert window.top_bar.isVisible()
    assert tab.panel.frame.inspector.isVisible()
    assert services.commands.run("present.other_screen")
    assert not other.isVisible()
