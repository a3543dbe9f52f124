"""A workspace is saved, closed and opened again; what is not here or damaged is said."""

import json
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.cli.info import lines
from studio.core.container.workspace_file import MANIFEST
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.option import RECENT
from studio.core.recording.file import load_recording
from studio.registry.target import describe, find_opening, find_workspace
from studio.shell.session import kept_runs
from studio.shell.session.keeper import SessionKeeper
from studio.shell.session.session import read_session
from studio.shell.session.workspace_desk import WorkspaceDesk
from studio.shell.tabs.missing_page import MissingPage
from studio.widgets.controls.chip import Chip
from tests.shell.answering import answer
from tests.shell.conftest import MODEL
from tests.shell.window.test_window import drop

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(window, services, tmp_path):
    (tmp_path / "config").mkdir()
    keeper = SessionKeeper(services, window.tabs, tmp_path / "config")
    desk = WorkspaceDesk(services, window, keeper)
    for command in desk.commands():
        services.commands.add(command)
    keeper.begin()
    yield desk
    window.tabs.close_all()
    keeper.close()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "holiday.manifold"


@pytest.fixture
def work(desk, window):
    """A tab with a named run, a branch of it, and the playhead in its midst."""
    window.opener.open_model(MODEL)
    panel = window.tabs.front_tab.panel
    panel.set_params(type(panel.params())(seed=9))
    panel._record()
    panel.timeline.tracks.rename(panel.timeline.track, "The good one")
    panel.timeline.playback.seek(3)
    panel.timeline.branch()
    panel.timeline.playback.seek(2)
    return window.tabs.front_tab


def runs_in(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}


def rewritten(path: Path, **changes) -> None:
    """Change the manifest of a workspace."""
    runs = runs_in(path)
    with zipfile.ZipFile(path) as archive:
        values = json.loads(archive.read(MANIFEST)) | changes
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(values))
        for name, data in runs.items():
            archive.writestr(name, data)


@pytest.mark.long("starts processes of its own")
def test_ctrl_s_saves_and_everything_comes_back_to_the_bit(window, desk, work, path, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    before = work.memory()
    assert window.windowTitle() == "Manifold Studio"
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    assert window.windowTitle() == "holiday[*] – Manifold Studio"
    assert not window.isWindowModified()
    assert len(runs_in(path)) == 2
    window.tabs.close_all()
    drop(window, path)
    opened = window.tabs.front_tab
    assert opened.memory() == before
    assert not window.isWindowModified()
    first = runs_in(path)
    desk.save_to(path.with_name("again.manifold"))
    assert runs_in(path.with_name("again.manifold")) == first


def test_it_is_marked_while_something_is_unsaved(window, desk, work, path, services):
    desk.save_to(path)
    assert not window.isWindowModified()
    work.panel.timeline.playback.seek(0)
    desk._keeper.save()
    assert not window.isWindowModified()
    work.panel.timeline.tracks.rename(work.panel.timeline.track, "Better")
    assert window.isWindowModified()
    desk.save_to(path)
    assert not window.isWindowModified()
    work.panel._record()
    desk._keeper.save()
    assert window.isWindowModified()
    desk.save_to(path)
    window.close_front()
    assert window.isWindowModified()
    assert services.settings.get(RECENT)[0] == str(path)


def test_opening_asks_where_something_would_be_lost(window, desk, work, path):
    desk.save_to(path)
    desk.open_path(path)  # nothing is unsaved
    tab = window.tabs.front_tab
    assert tab is not work
    tab.panel.timeline.tracks.rename(tab.panel.timeline.track, "Better")
    desk.open_path(path)
    answer(window, "ask_open_workspace", "Stay")
    assert window.tabs.front_tab is tab
    desk.open_path(path)
    answer(window, "ask_open_workspace", "Open")
    assert window.tabs.front_tab is not tab


def test_a_tab_that_was_not_looked_at_is_saved_again_as_it_was(window, desk, work, path):
    window.tabs.show_home()
    desk.save_to(path)
    desk.open_path(path)
    (tab,) = window.tabs.model_tabs()
    assert tab.panel is None
    desk.save_to(path.with_name("again.manifold"))
    assert path.with_name("again.manifold").read_bytes() == path.read_bytes()


def test_without_its_model_the_recordings_are_replayed(window, desk, work, path, catalog, qtbot):
    desk.save_to(path)
    rewritten(path, tabs=[_tab(path) | {"model_id": "good/gone", "title": "Gone"}])
    desk.open_path(path)
    page = window.tabs.front
    assert isinstance(page, MissingPage)
    (warning,) = page.messages.findChildren(QWidget, "message_warning")
    assert "Gone" in warning.accessibleName()
    chips = page.findChildren(Chip)
    assert [chip.text() for chip in chips] == ["The good one", "Branch at step 4"]
    branch = page.playback.n_frames
    assert branch > 0
    qtbot.mouseClick(chips[0], Qt.MouseButton.LeftButton)
    assert page.playback.n_frames > branch
    runs = runs_in(path)
    desk.save_to(path)  # nothing of it is lost, however often it is saved
    assert runs_in(path) == runs
    assert _tab(path)["model_id"] == "good/gone"


def _tab(path: Path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(MANIFEST))["tabs"][0]


def test_one_of_a_newer_program_opens_and_is_never_written_over(window, desk, work, path, monkeypatch):
    desk.save_to(path)
    rewritten(path, version=2, more={"x": 1})
    before = path.read_bytes()
    assert inspect_file(path).opens
    desk.open_path(path)
    assert window.tabs.front_tab.panel.messages.keys() == ["newer_workspace"]
    other = path.with_name("other.manifold")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    desk.save()
    assert path.read_bytes() == before
    assert other.exists()


def test_a_damaged_recording_costs_only_itself(window, desk, work, path):
    desk.save_to(path)
    name = next(iter(runs_in(path)))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04", data.index(name.encode())) + 60] ^= 0xFF
    path.write_bytes(data)
    desk.open_path(path)
    assert window.tabs.front_tab.panel.messages.keys() == ["lost_runs"]
    assert len(window.tabs.front_tab.panel.timeline.tracks.kept()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"tabs": [{"model_id": "../x", "params": {}, "state": {}, "runs": []}]},
        {"tabs": [{"model_id": "a/b", "params": {}, "state": {}, "runs": [{"id": "../../x"}]}]},
        {"tabs": [{"model_id": "a/b", "params": {}, "state": {}, "runs": [{"id": "x"}]}]},
        {"tabs": 3},
        {"front": "x"},
        {"version": 0},
    ],
)
def test_a_broken_one_is_a_sentence_and_leaves_the_tabs(window, desk, work, path, changes):
    desk.save_to(path)
    rewritten(path, **changes)
    desk.open_path(path)
    assert window.tabs.front_tab is work
    assert work.panel.messages.keys() == ["error"]


def test_the_name_comes_back_with_the_session(window, desk, work, path, services, tmp_path):
    desk.save_to(path)
    work.panel.timeline.tracks.rename(work.panel.timeline.track, "Better")
    desk._keeper.save()
    session = read_session(tmp_path / "config" / "session.json")
    assert session.workspace == str(path)
    assert session.is_changed


def test_a_second_window_says_what_would_be_lost(window, desk, services, tmp_path):
    second = SessionKeeper(services, window.tabs, tmp_path / "config")
    WorkspaceDesk(services, window, second)
    assert window.what_is_lost() == ""
    window.opener.open_model(MODEL)
    assert "first window" in window.what_is_lost()
    window.quit()
    answer(window, "ask_quit", "Stay")
    assert window.isVisible()
    second.close()


def test_its_recordings_are_recordings(desk, work, path, tmp_path):
    desk.save_to(path)
    for n, data in enumerate(runs_in(path).values()):
        (tmp_path / f"{n}.frames").write_bytes(data)
        recording = load_recording(tmp_path / f"{n}.frames")
        assert len(recording) > 0
        recording.close()


def test_info_says_what_is_in_it_and_sample_that_it_opens_in_the_window(desk, work, path, catalog):
    desk.save_to(path)
    told = lines(describe(path, catalog))
    assert told == ["Format: workspace", "Title: holiday", "About: 1 tab, 2 recordings, good/waves", "Opens: yes"]
    assert find_workspace(str(path)) == path
    assert find_workspace(str(path.with_name("none.manifold"))) is None
    with pytest.raises(UserError, match="opens in the window"):
        find_opening(str(path), catalog)


def test_a_closed_tab_comes_back_with_its_runs(window, desk, work, services, qtbot):
    before = work.memory()
    window.close_front()
    desk._keeper.save()
    qtbot.keyClick(window, Qt.Key.Key_W, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert window.tabs.front_tab.memory() == before
    assert not services.commands.get("tab.reopen").is_enabled


def test_a_run_too_large_for_the_session_is_asked_about_until_it_is_saved(window, desk, work, path, monkeypatch):
    monkeypatch.setattr(kept_runs, "MAX_BYTES", 0)
    work.panel._record()
    assert "too large" in window.what_is_lost()
    desk.save_to(path)
    assert window.what_is_lost() == ""
    assert len(runs_in(path)) == 3
