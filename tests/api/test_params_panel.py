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
    panel.timeline.playback.seek(3)
    before = panel.snapshot().frame
    drag(panel, feed=0.05)
    assert (panel.timeline.playback.index, panel.timeline.n_frames) == (3, N_FRAMES)
    stepped_worker.step()
    stepped_worker.step()
    assert panel.snapshot().frame.step < 3
    assert panel.timeline.playback.index == 3
    stepped_worker.run_all()
    assert panel.snapshot().frame.step == 3
    assert (panel.snapshot().frame.views["eater"].pixels != before.views["eater"].pixels).any()
    assert (panel.timeline.playback.index, len(panel.timeline.tracks)) == (3, 1)


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
    panel.timeline.playback.seek(4)
    drag(panel, kill=0.065)
    qtbot.waitUntil(lambda: bool(stepped_worker.jobs()))
    assert panel.timeline.playback.index == 4
    stepped_worker.run_all()
    assert (panel.timeline.playback.index, panel.snapshot().frame.step) == (4, 6)
    assert len(panel.timeline.tracks) == 2


def test_a_step_goes_back_and_an_earlier_run_brings_its_controls_along(panel, stepped_worker):
    first = panel.timeline.track
    panel.timeline.tracks.pin(first.id)
    drag(panel, feed=0.05)
    stepped_worker.run_all()
    assert len(panel.timeline.tracks) == 2
    panel.timeline.select(first.id)
    assert (panel.params().feed, panel.form.values()["feed"]) == (0.037, 0.037)
    panel.host.undo.undo()
