"""The timeline in the window: runs recorded, scrubbed, branched, compared and brought back, by keys and mouse."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.recording.file import load_recording, save_recording
from studio.core.recording.recording import Recording, RunInfo
from studio.shell.tabs.recording_page import RecordingPage
from studio.widgets.compare.view import CompareView
from tests.contract.test_engine import are_equal

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def timeline(window, tab):
    """The timeline of the model in front, with one run of four frames."""
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    timeline = tab.panel.timeline
    assert len(timeline.tracks) == 1
    return timeline


def pixels(tab):
    return tab.panel.snapshot().frame.main_view.pixels


def test_a_run_is_recorded_and_every_frame_can_be_scrubbed(window, tab, timeline):
    recording = timeline.recording
    assert recording.is_finished
    assert [frame.step for frame in recording] == [0, 1, 2, 3]
    for index in (2, 0, 3):
        timeline.playback.seek(index)
        assert np.array_equal(pixels(tab), recording[index].main_view.pixels)


def counted(monkeypatch, counts, owner, name):
    """Count the calls of a method from now on."""
    call = getattr(owner, name)

    def count(*args):
        counts[name] += 1
        return call(*args)

    monkeypatch.setattr(owner, name, count)


def test_a_new_run_is_shown_once_and_its_row_made_once(window, tab, timeline, qtbot, monkeypatch):
    QApplication.processEvents()
    counts: Counter[str] = Counter()
    bar, news = timeline.bar, []
    for owner, name in ((bar, "show_recording"), (bar.tracks, "show_tracks"), (bar.line, "show_keyframes")):
        counted(monkeypatch, counts, owner, name)
    timeline.source_changed.connect(lambda: news.append(len(timeline.recording)))
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    assert not counts
    qtbot.waitUntil(lambda: len(bar.tracks.lines) == 2)
    QApplication.processEvents()
    assert counts == {"show_recording": 1, "show_tracks": 1, "show_keyframes": 1}
    assert news == [0, 1, 2, 3, 4, 4]  # shown, each frame, and its end


def test_what_made_a_run_is_written_down(tab, timeline):
    info = timeline.recording.info
    assert (info.model_id, info.seed, info.kind) == ("good/waves", 0, "run")
    assert info.params["strength"] == 1.0
    assert len(info.model_hash) == 64
    assert info.backend["device"] == "cpu"


def test_a_branch_takes_the_settings_of_its_run_and_follows_the_controls_from_there(window, tab, timeline, qtbot):
    panel, parent = tab.panel, timeline.track
    panel.form.changed.emit("strength", 0.5)  # the picture now is another one than the run's
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    branch = timeline.track
    assert panel.params().strength == 1.0
    assert all(map(are_equal, branch.recording, list(parent.recording)[1:]))
    assert (branch.recording.info.branch.parent_id, branch.recording.info.branch.step) == (parent.id, 1)
    panel.form.changed.emit("strength", 2.0)
    qtbot.waitUntil(lambda: timeline.track.recording.info.params["strength"] == 2.0)
    assert len(timeline.track.recording) == 3
    assert not are_equal(timeline.track.recording[2], parent.recording[3])


def test_branches_of_branches_keep_their_step(window, timeline):
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    first, second, third = timeline.tracks
    assert [frame.step for frame in third.recording] == [2, 3]
    assert (second.offset, third.offset) == (1, 2)
    assert first.recording[2].step == 2


def test_two_pinned_runs_take_the_place_of_the_picture_and_undo_gives_it_back(window, tab, timeline):
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    a, b = timeline.tracks
    timeline.bar.track_pinned.emit(a.id, True)
    assert not tab.panel.findChildren(CompareView)
    assert tab.panel.messages.keys() == ["one pinned"]
    timeline.bar.track_pinned.emit(b.id, True)
    assert tab.panel.messages.keys() == []
    (view,) = tab.panel.findChildren(CompareView)
    assert view.isVisible()
    assert not tab.panel.canvas.isVisible()
    assert timeline.n_frames == 4
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert not view.isVisible()
    assert tab.panel.canvas.isVisible()


def test_a_click_on_another_run_shows_its_frame_at_the_playhead(window, tab, timeline):
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    parent, branch = timeline.tracks
    timeline.playback.seek(2)
    assert np.array_equal(pixels(tab), branch.recording[2].main_view.pixels)
    timeline.bar.track_selected.emit(parent.id)
    assert np.array_equal(pixels(tab), parent.recording[2].main_view.pixels)


def test_escape_leaves_the_comparison(window, tab, timeline):
    timeline.playback.seek(1)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    for track in list(timeline.tracks):
        timeline.bar.track_pinned.emit(track.id, True)
    (view,) = tab.panel.findChildren(CompareView)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert tab.panel.canvas.isVisible()
    assert timeline.tracks.pinned == ()


def test_a_deleted_run_comes_back_with_its_frames(window, timeline):
    recording = timeline.recording
    timeline.bar.track_deleted.emit(timeline.track.id)
    assert len(timeline.tracks) == 0
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert timeline.track.recording is recording
    assert len(recording) == 4


@pytest.mark.long("starts processes of its own")
def test_a_dropped_recording_is_a_track_of_its_model(window, tab, timeline, tmp_path):
    save_recording(timeline.recording, tmp_path / "waves.frames")
    window.opener.open_path(tmp_path / "waves.frames")
    other = window.tabs.front_tab
    assert other is not tab
    loaded = other.panel.timeline.track.recording
    assert all(map(are_equal, loaded, timeline.recording))
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert len(other.panel.timeline.tracks) == 0


def shown_pixels(page: RecordingPage) -> NDArray[np.uint8]:
    """A copy of what the page shows."""
    pixels = page.canvas._pixels
    assert pixels is not None
    return pixels.copy()


@pytest.mark.long("starts processes of its own")
def test_a_recording_replays_without_its_model(window, timeline, tmp_path):
    orphan = Recording(RunInfo("good/gone", {}, 5, fps=12.0))
    for frame in timeline.recording:
        orphan.append(frame)
    orphan.finish()
    save_recording(orphan, tmp_path / "orphan.frames")
    window.opener.open_path(tmp_path / "orphan.frames")
    page = window.tabs.front
    assert isinstance(page, RecordingPage)
    assert (page.playback.n_frames, page.playback.fps) == (4, 12.0)
    first = shown_pixels(page)
    page.playback.seek(3)
    assert not np.array_equal(shown_pixels(page), first)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert page.playback.is_playing
    window.tabs.close_page(page)


@pytest.mark.long("starts processes of its own")
def test_a_broken_recording_is_a_sentence(window, tab, timeline, tmp_path):
    path = tmp_path / "broken.frames"
    save_recording(timeline.recording, path)
    assert len(load_recording(path)) == 4
    path.write_bytes(path.read_bytes()[:-200])
    window.opener.open_path(path)
    assert tab.panel.messages.keys() == ["error"]
