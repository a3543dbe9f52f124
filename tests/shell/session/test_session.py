"""The session comes back after the end, and is offered after a crash."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from studio.api.timeline.run_source import GeneratedSource
from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.kept_runs import RunKeeper
from studio.shell.session.session import Session, TabMemory, read_session, write_session
from studio.widgets.task_scope import TaskScope
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


def test_all_runs_come_back_with_their_names_and_branches(window, tab, make_keeper, tmp_path):
    panel = tab.panel
    panel._record()
    first = panel.timeline.track
    panel.timeline.tracks.rename(first, "The good one")
    panel.timeline.playback.seek(3)
    panel.timeline.branch()
    branch = panel.timeline.track
    assert branch.recording.info.branch.parent_id == first.id
    before = panel.timeline.tracks.kept()
    pictures = [frame.main_view.pixels.tobytes() for frame in branch.recording]
    make_keeper().close()
    window.close_front()
    keeper = make_keeper()
    keeper.restore()
    timeline = window.tabs.front_tab.panel.timeline
    assert timeline.tracks.kept() == before
    assert timeline.track.id == branch.id
    assert [frame.main_view.pixels.tobytes() for frame in timeline.track.recording] == pictures
    assert [one.id for one in keeper.last.tabs[0].runs] == [first.id, branch.id]
    keeper.save()
    assert {path.stem for path in (tmp_path / "runs").iterdir()} == {first.id, branch.id}


def test_runs_are_kept_while_the_program_runs_and_go_with_their_tab(window, tab, make_keeper, tmp_path):
    keeper = make_keeper()
    keeper.begin()
    tab.panel._record()
    run = tab.panel.timeline.track
    keeper.save()
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == [run.id]
    tab.panel.timeline.tracks.delete(run)
    keeper.save()
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_whose_saving_was_cut_off_is_saved_at_the_end(window, tab, stepped_worker, dispatcher, tmp_path):
    tab.panel._record()
    tracks = list(tab.panel.timeline.tracks)
    keeper = RunKeeper(tmp_path / "runs", TaskScope(window, stepped_worker, dispatcher))
    cut_off = keeper.saving([tracks[0].recording])
    next(cut_off)
    cut_off.close()
    keeper.close(tracks)
    assert [path.stem for path in (tmp_path / "runs").glob("*.frames")] == [tracks[0].id]


def test_a_run_that_was_damaged_is_left_out(window, tab, make_keeper, tmp_path):
    tab.panel._record()
    make_keeper().close()
    window.close_front()
    (file,) = (tmp_path / "runs").iterdir()
    file.write_bytes(b"PK\x03\x04")
    make_keeper().restore()
    assert window.tabs.front_tab.panel.timeline.tracks.kept() == ()


def test_a_name_of_a_run_is_no_way_into_other_folders(path, caplog):
    run = {"id": "../../x", "name": "n", "is_named": False, "is_hidden": False, "is_pinned": False, "is_current": True}
    tab = {"model_id": "a/b", "params": {}, "state": {}, "runs": [run]}
    path.write_text(json.dumps({"version": 1, "tabs": [tab], "front": 0, "is_closed": True}))
    assert read_session(path) == Session()
    assert "is not used" in caplog.text


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


def test_a_model_that_is_gone_leaves_its_tab(window, path, make_keeper):
    gone = TabMemory("good/gone", {"seed": 3}, title="Gone")
    write_session(path, Session((gone, TabMemory(MODEL)), 1))
    keeper = make_keeper()
    keeper.restore()
    assert [tab.source.id for tab in window.tabs.model_tabs()] == [MODEL]
    assert window.tabs.front_tab is not None
    assert keeper.present().tabs[0] == gone


def test_a_run_made_anew_with_as_many_frames_is_saved_again(window, tab, make_keeper, tmp_path):
    keeper = make_keeper()
    keeper.begin()
    panel = tab.panel
    panel._record()
    first = panel.timeline.track
    keeper.save()
    before = (tmp_path / "runs" / f"{first.id}.frames").read_bytes()
    panel.set_params(type(panel.params())(seed=9))
    recorder = panel.timeline.recorder
    recorder.restart(first, GeneratedSource(panel.params()), replace(panel.timeline.info(), id=first.id))
    keeper.save()
    assert (tmp_path / "runs" / f"{first.id}.frames").read_bytes() != before


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


def test_after_two_crashes_in_a_row_the_work_is_still_offered(window, path, make_keeper):
    crashed = Session((TabMemory(MODEL, {"seed": 4}),), 0, is_closed=False)
    write_session(path, crashed)
    keeper = make_keeper()
    keeper.begin()
    assert read_session(path) == crashed
    keeper.close()
    assert read_session(path) == crashed
    again = make_keeper()
    again.restore()
    again.close()
    assert read_session(path).is_closed


def test_a_worker_that_is_held_keeps_no_session_from_the_disk(window, services, stepped_worker, tmp_path, qtbot):
    keeper = SessionKeeper(replace(services, worker=stepped_worker), window.tabs, tmp_path)
    keeper._late.setInterval(0)
    keeper.save()
    assert not keeper._path.exists()
    qtbot.waitUntil(keeper._path.exists)
    stepped_worker.run_all()
    keeper.close()
