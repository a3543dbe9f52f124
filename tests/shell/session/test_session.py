"""The session comes back after the end, and is offered after a crash."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.session import Session, TabMemory, read_session, write_session
from tests.shell.conftest import MODEL


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.json"


@pytest.fixture
def make_keeper(window, services, tmp_path):
    keepers = []

    def make():
        keeper = SessionKeeper(services, window.tabs, tmp_path)
        keepers.append(keeper)
        return keeper

    yield make
    for keeper in keepers:
        keeper.close()


def test_a_session_comes_back_as_it_was(path):
    session = Session((TabMemory("a/b", {"seed": 3}, {"z": [0.5]}), TabMemory("a/c")), 1, is_closed=False)
    write_session(path, session)
    assert read_session(path) == session


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"version": 1}',
        '{"version": 99, "tabs": [], "front": 0, "is_closed": true}',
        '{"version": 1, "tabs": [{"model_id": 3, "params": {}, "state": {}}], "front": 0, "is_closed": true}',
        "[" * 9999,
        '{"version": 1, "tabs": [], "front": 1e400, "is_closed": true}',
    ],
)
def test_a_broken_file_is_an_empty_session(path, text, caplog):
    path.write_text(text)
    assert read_session(path) == Session()
    assert "is not used" in caplog.text


def test_a_missing_file_is_an_empty_session(path):
    assert read_session(path) == Session()


def test_tabs_and_values_come_back_lazily(window, tab, make_keeper):
    tab.panel.set_params(type(tab.panel.params())(seed=9))
    make_keeper().close()
    window.close_front()
    keeper = make_keeper()
    assert keeper.last.is_closed
    window.tabs.show_home()
    keeper.restore()
    assert window.tabs.front_tab.panel.params().seed == 9


def panel_of(tab):
    return tab.panel


def test_a_restored_tab_behind_has_no_panel_until_it_is_shown(window, tab, path, make_keeper):
    memory = TabMemory(MODEL, {"seed": 4})
    write_session(path, Session((memory,), -1))
    keeper = make_keeper()
    keeper.restore()
    behind = window.tabs.model_tabs()[-1]
    assert panel_of(behind) is None
    assert behind.memory() == memory
    window.tabs.show_page(behind)
    assert panel_of(behind).params().seed == 4


def test_a_model_that_is_gone_is_left_out(window, path, make_keeper):
    write_session(path, Session((TabMemory("good/gone"), TabMemory(MODEL)), 1))
    make_keeper().restore()
    assert [tab.source.id for tab in window.tabs.model_tabs()] == [MODEL]
    assert window.tabs.front_tab is not None


def test_wrong_values_are_a_message_in_their_tab(window, path, make_keeper):
    write_session(path, Session((TabMemory(MODEL, {"seed": "many"}),), 0))
    make_keeper().restore()
    assert window.tabs.front_tab.panel.messages.keys() == ["error"]


def test_while_it_runs_the_file_says_so(window, tab, path, make_keeper):
    keeper = make_keeper()
    keeper.begin()
    assert json.loads(path.read_text())["is_closed"] is False
    assert read_session(path).tabs[0].model_id == MODEL
    keeper.close()
    assert read_session(path).is_closed


def test_only_the_first_of_two_windows_keeps_its_session(window, tab, path, make_keeper):
    first = make_keeper()
    first.begin()
    written = path.read_bytes()
    second = make_keeper()
    assert second.last == Session()
    window.close_front()
    second.save()
    assert path.read_bytes() == written


def test_a_crash_is_said_on_home_and_the_button_restores(window, qtbot):
    restored = []
    window.home.offer_restore(lambda: restored.append(True))
    button = next(b for b in window.home.messages.findChildren(QPushButton) if b.text().startswith("Restore"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert restored == [True]
    assert window.home.messages.keys() == []
