"""Every kind: what was done with it is saved, closed and opened again with nothing lost, its runs to the byte."""

import dataclasses
import json

import numpy as np

from studio.api.panel import TIMELINE_KEY
from studio.api.timeline.state import bring_back
from studio.core.param import params_to_json, saved_params
from studio.core.pausing import result_of
from studio.core.recording.file import load_recording, save_recording
from studio.shell.session.session import Session, TabMemory
from studio.shell.session.workspace import reading, writing


def saved_runs(panel, folder):
    """The recordings of a panel as files, by the ids of their runs."""
    folder.mkdir()
    files = {}
    for run in panel.timeline.tracks.kept():
        files[run.id] = folder / f"{run.id}.frames"
        save_recording(panel.timeline.tracks.find(run.id).recording, files[run.id])
    return files


def test_it_is_saved_closed_and_opened_as_it_was(model_id, open_panel, catalog, tmp_path):
    panel = open_panel(model_id)
    panel.set_params(dataclasses.replace(panel.params(), seed=11))
    timeline = panel.timeline
    if timeline.can_keyframe:
        timeline.add_keyframe()
    if len(timeline.tracks):
        timeline.select(timeline.tracks[0].id)
        timeline.playback.seek(timeline.n_frames // 2)
        timeline.tracks.rename(timeline.tracks[0], "The good one")
    timeline.pause()
    params, state, runs = params_to_json(panel.params()), panel.memory(), timeline.tracks.kept()
    files, path, unpacked = saved_runs(panel, tmp_path / "runs"), tmp_path / "a.manifold", tmp_path / "unpacked"
    panel.hide()
    result_of(writing(Session((TabMemory(model_id, params, state, runs),), 0), files, path))

    unpacked.mkdir()
    workspace = result_of(reading(path, unpacked))
    (tab,) = workspace.session.tabs
    assert (tab.model_id, tab.runs, workspace.n_lost) == (model_id, runs, 0)
    again = open_panel(model_id)
    again.set_params(saved_params(catalog.params_class(again.handle.source), tab.params))
    again.recall(tab.state)
    if runs:
        found = [(run, load_recording(unpacked / f"{run.id}.frames")) for run in tab.runs]
        bring_back(again.timeline, found, tab.state[TIMELINE_KEY])
    again.timeline.pause()
    assert again.params() == panel.params()
    assert json.dumps(again.memory(), sort_keys=True) == json.dumps(state, sort_keys=True)
    there, here = panel.position(), again.position()
    assert there.keys() == here.keys()
    assert all(np.array_equal(there[name], here[name]) for name in there)
    kept = {run.id: run for run in again.timeline.tracks.kept()}
    assert {run.id: kept[run.id] for run in runs} == {run.id: run for run in runs}
    written = saved_runs(again, tmp_path / "again")
    assert {run.id: written[run.id].read_bytes() for run in runs} == {
        run.id: files[run.id].read_bytes() for run in runs
    }
