"""The ready panel over the example of docs/example: it runs, runs anew under a hand, and keeps the playhead."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.compute.device import Device
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from tests.panel_host import PanelHost

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
N_FRAMES = 8


@pytest.fixture
def catalog(tmp_path):
    catalog = Catalog(EXAMPLE, tmp_path)
    catalog.families = find_families(folder_places(EXAMPLE, "example"))
    return catalog


@pytest.fixture
def panel(qtbot, catalog, stepped_worker, dispatcher):
    """The panel of the maze, with a short run that is complete."""
    source = catalog.find_model("reaction/maze").source
    host = PanelHost(catalog.family("reaction").manifest, stepped_worker, dispatcher, [])
    handle = catalog.make_handle(source, lambda: Device("cpu", "float32", 1))
    panel: Any = catalog.panel_class(source)(handle, host)
    qtbot.addWidget(panel)
    panel.set_params(replace(panel.params(), n_frames=N_FRAMES))
    stepped_worker.run_all()
    yield panel
    panel.timeline.close()
    host.close()


def drag(panel, **values):
    """What a slider says while it is moved."""
    for name, value in values.items():
        panel.form.row(name).set_value(value)
        panel.form.changed.emit(name, value)


def test_it_opens_with_the_settings_of_the_card_and_ends_at_the_last_frame(panel):
    assert (panel.params().feed, panel.params().kill) == (0.037, 0.06)
    assert (panel.timeline.playback.index, panel.snapshot().frame.step) == (N_FRAMES - 1, N_FRAMES - 1)
    assert panel.snapshot().params == panel.state()
    assert panel.is_settled


def test_a_live_rerun_leaves_the_playhead_where_it_is(panel, stepped_worker):
    end = N_FRAMES - 1
    before = panel.snapshot().frame
    drag(panel, feed=0.05)
    assert (panel.timeline.playback.index, panel.timeline.n_frames) == (end, N_FRAMES)
    stepped_worker.step()
    stepped_worker.step()
    assert panel.snapshot().frame.step < end
    assert panel.timeline.playback.index == end
    stepped_worker.run_all()
    assert panel.snapshot().frame.step == end
    assert (panel.snapshot().frame.views["eater"].pixels != before.views["eater"].pixels).any()
    assert (panel.timeline.playback.index, len(panel.timeline.tracks)) == (end, 1)


@pytest.mark.parametrize("index", [0, 3])
def test_a_slider_moved_at_an_earlier_step_makes_one_branch_that_one_undo_takes_back(panel, stepped_worker, index):
    timeline, undo, first = panel.timeline, panel.host.undo, panel.timeline.track
    frames = [frame.main_view.pixels.tobytes() for frame in first.recording]
    timeline.playback.seek(index)
    undo.begin_gesture()
    drag(panel, feed=0.05)
    stepped_worker.run_all()
    drag(panel, feed=0.06)
    timeline.branching.remake()  # as it is once the hand rests
    stepped_worker.run_all()
    undo.end_gesture()
    branch = timeline.track
    assert (branch.recording.info.branch.parent_id, branch.recording.info.branch.step) == (first.id, index)
    assert (branch.recording.info.params["feed"], len(branch.recording)) == (0.06, N_FRAMES - index)
    assert [frame.main_view.pixels.tobytes() for frame in timeline.tracks.find(first.id).recording] == frames
    undo.undo()
    stepped_worker.run_all()
    assert ([track.id for track in timeline.tracks], undo.n_done) == ([first.id], 0)
    assert (timeline.track.id, timeline.playback.index, panel.params().feed) == (first.id, index, 0.037)
    undo.redo()
    stepped_worker.run_all()
    assert (timeline.track.id, panel.params().feed) == (branch.id, 0.06)


def test_another_seed_at_an_earlier_step_begins_one_run_beside_that_one_undo_takes_back(panel, stepped_worker):
    timeline, undo, first = panel.timeline, panel.host.undo, panel.timeline.track
    timeline.playback.seek(3)
    undo.begin_gesture()
    for seed in (5, 6):
        drag(panel, seed=seed)
        stepped_worker.run_all()
    undo.end_gesture()
    beside = timeline.track
    assert [track.id for track in timeline.tracks] == [first.id, beside.id]
    assert (beside.recording.info.branch, beside.recording.info.seed) == (None, 6)
    undo.undo()
    stepped_worker.run_all()
    assert ([track.id for track in timeline.tracks], panel.params().seed) == ([first.id], 0)
    assert (timeline.playback.index, panel.snapshot().frame.step) == (3, 3)


def test_a_change_that_is_taken_back_at_an_earlier_step_can_be_made_again(panel, stepped_worker):
    undo = panel.host.undo
    drag(panel, feed=0.05)
    stepped_worker.run_all()
    panel.timeline.playback.seek(3)
    undo.undo()
    stepped_worker.run_all()
    assert (panel.params().feed, undo.redo_title is None) == (0.037, False)
    undo.redo()
    stepped_worker.run_all()
    assert (panel.params().feed, undo.n_done) == (0.05, 1)


@pytest.mark.parametrize("n_frames", [N_FRAMES - 3, N_FRAMES, N_FRAMES + 3])
def test_at_the_end_of_a_run_it_stays_at_the_end(panel, stepped_worker, n_frames):
    drag(panel, feed=0.05, n_frames=n_frames)
    stepped_worker.run_all()
    assert (panel.timeline.playback.index, panel.snapshot().frame.step) == (n_frames - 1, n_frames - 1)


def test_a_branch_that_is_made_anew_leaves_the_playhead_where_it_is(panel, stepped_worker, qtbot):
    panel.timeline.playback.seek(2)
    panel.timeline.branch()
    stepped_worker.run_all()
    assert panel.timeline.n_frames == N_FRAMES - 2
    end = N_FRAMES - 3
    panel.timeline.playback.seek(end)
    drag(panel, kill=0.065)
    qtbot.waitUntil(lambda: bool(stepped_worker.jobs()))
    assert panel.timeline.playback.index == end
    stepped_worker.run_all()
    assert (panel.timeline.playback.index, panel.snapshot().frame.step) == (end, N_FRAMES - 1)
    assert len(panel.timeline.tracks) == 2


def test_a_branch_of_a_branch_begins_at_the_step_that_is_shown(panel, stepped_worker):
    panel.timeline.playback.seek(2)
    panel.timeline.branch()
    stepped_worker.run_all()
    hand_made = panel.timeline.track
    panel.timeline.playback.seek(3)
    drag(panel, kill=0.065)
    stepped_worker.run_all()
    info = panel.timeline.track.recording.info
    assert (info.branch.parent_id, info.branch.step, info.params["kill"]) == (hand_made.id, 3, 0.065)
    assert (len(panel.timeline.tracks), panel.snapshot().frame.step) == (3, 5)


def test_a_step_goes_back_and_an_earlier_run_brings_its_controls_along(panel, stepped_worker):
    first = panel.timeline.track
    panel.timeline.tracks.pin(first.id)
    drag(panel, feed=0.05)
    stepped_worker.run_all()
    assert len(panel.timeline.tracks) == 2
    panel.timeline.select(first.id)
    assert (panel.params().feed, panel.form.values()["feed"]) == (0.037, 0.037)
    panel.host.undo.undo()
