"""Paths in the panel: keyframes by key, constant perceived speed, a play that a hand rides, branches."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint

from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.params import LetterParams
from studio.api.timeline.path_run import measured_changes
from studio.api.timeline.run_source import PathPlan
from studio.compute.travel import travel, visible_values
from studio.core.frame import Frame
from studio.core.path.keyframe import Keyframe, KeyframePath
from studio.core.recording.recording import RunInfo
from studio.core.seed import standard_normal
from tests.plugins.vae.model_made import DEVICE, UnevenLetters, finished, letter_source, make_handle, use_by_hand
from tests.plugins.vae.shared.test_panel import drag, run, z_of
from tests.plugins.vae.shared.test_shipped_panel import source

N_FRAMES = 60
MAX_UNEVENNESS = 1.5


def way(a, b, curve):
    return KeyframePath((Keyframe({"z": a}), Keyframe({"z": b})), {"z": "spherical"}, curve)


def unevenness(engine, path, text):
    """The largest step between two frames of a walk over its mean step, at constant speed and without."""
    info = RunInfo("vae/hand", {}, 0)
    changes, _ = finished(measured_changes(engine, PathPlan(path, LetterParams(text=text), info)))
    return [largest_step(engine, some, text) for some in (path.paced(changes), path)]


def seen(frame: Frame) -> npt.NDArray[np.float32]:
    values = visible_values(frame.main_view)
    assert values is not None
    return values


def largest_step(engine, path, text):
    times = np.linspace(0, path.duration_s, N_FRAMES)
    frames = travel(engine, LetterParams(text=text), [path.position_at(float(time)) for time in times], len(times))
    values = [seen(frame) for frame in frames]
    steps = np.array([np.abs(after - before).mean() for before, after in pairwise(values)])
    return float(steps.max() / steps.mean())


@pytest.mark.parametrize("curve", ["linear", "spherical"])
def test_an_uneven_decoder_is_walked_at_constant_speed(monkeypatch, curve):
    use_by_hand(monkeypatch, UnevenLetters())
    engine = VaeEngine.open(letter_source(), DEVICE)
    a, b = np.array([-2, 0.3, 0, 0], np.float32), np.array([2, 0.1, 0, 0], np.float32)
    even, plain = unevenness(engine, way(a, b, curve), "g")
    assert plain > 3
    assert even <= MAX_UNEVENNESS


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(
    ("name", "curve", "text"),
    [("letterforms", "spherical", "g"), ("letterforms", "linear", "Ab"), ("digits", "smooth", "")],
)
def test_the_shipped_models_are_walked_at_constant_speed(name, curve, text):
    engine = VaeEngine.open(source(name), DEVICE)
    a, b = (standard_normal((engine.n_latent,), 1, key) for key in (0, 1))
    even, _ = unevenness(engine, way(a, b, curve), text)
    assert even <= MAX_UNEVENNESS


@pytest.fixture
def travelled(panel, qtbot):
    """A panel with a path of three keyframes, drawn."""
    for seed in (1, 2, 3):
        panel.editor.set_seed(seed)
        run(panel, "timeline.add_keyframe")
    qtbot.waitUntil(lambda: panel.timeline.path_run.is_complete)
    return panel


def test_keyframes_are_the_places_where_the_key_was_pressed(travelled):
    path = travelled.timeline.paths.path
    assert len(path) == 3
    assert np.array_equal(path.keyframes[2].position["z"], z_of(travelled))
    travelled.host.undo.undo()
    assert len(travelled.timeline.paths.path) == 2


def test_scrubbing_shows_the_drawn_frame_with_the_controls_at_its_place(travelled):
    travelled.timeline.playback.seek(17)
    frame = travelled.timeline.frame_at(17)
    assert np.array_equal(z_of(travelled), frame.state["z"])
    assert travelled.snapshot().frame is frame or np.array_equal(
        travelled.snapshot().frame.main_view.values, frame.main_view.values
    )
    wanted = travelled.timeline.paths.position_at(17, travelled.timeline.playback.fps)["z"]
    assert z_of(travelled) == pytest.approx(wanted, abs=1e-6)


def test_a_keyframe_in_the_middle_stands_where_the_playhead_is(travelled):
    playback, paths = travelled.timeline.playback, travelled.timeline.paths
    duration = paths.path.duration_s
    playback.seek(20)
    drag(travelled.canvas, QPoint(40, 0))
    here = z_of(travelled)
    run(travelled, "timeline.add_keyframe")
    assert len(paths.path) == 4
    assert np.array_equal(paths.path.keyframes[1].position["z"], here)
    assert paths.path.duration_s == pytest.approx(duration)
    assert playback.index == 20


def test_an_undone_move_of_a_keyframe_is_seen_at_once(travelled):
    travelled.timeline.go_to_keyframe(1)
    before = z_of(travelled)
    travelled.timeline.paths.place(1, {"z": before + np.float32(1)})
    assert z_of(travelled) == pytest.approx(before + 1, abs=1e-5)
    travelled.host.undo.undo()
    assert np.array_equal(z_of(travelled), before)


def test_a_hand_moves_the_whole_path_while_it_plays(travelled):
    timeline = travelled.timeline
    before = [keyframe.position["z"] for keyframe in timeline.paths.path.keyframes]
    timeline.playback.seek(10)
    run(travelled, "timeline.play")
    assert timeline.is_playing_path
    drag(travelled.canvas, QPoint(50, -20))
    assert timeline.playback.is_playing
    after = [keyframe.position["z"] for keyframe in timeline.paths.path.keyframes]
    ways = [b - a for a, b in zip(before, after, strict=True)]
    assert np.abs(ways[0]).max() > 0.1
    assert all(way == pytest.approx(ways[0], abs=1e-5) for way in ways)
    run(travelled, "timeline.play")
    travelled.host.undo.undo()
    assert np.array_equal(timeline.paths.path.keyframes[0].position["z"], before[0])


@pytest.mark.parametrize("is_playing", [False, True])
def test_a_stray_hand_on_the_picture_leaves_the_path(travelled, is_playing):
    """Four pixels are no drag; a drag beside a path that rests moves the place alone."""
    timeline, undo = travelled.timeline, travelled.host.undo
    path, scene = timeline.paths.path, travelled.editor.scene
    if is_playing:
        run(travelled, "timeline.play")
    drag(travelled.canvas, QPoint(2, -2))
    assert timeline.paths.path is path
    assert timeline.playback.is_playing == is_playing
    if not is_playing:
        assert travelled.editor.scene is scene
        drag(travelled.canvas, QPoint(50, -20))
        assert timeline.paths.path is path
        assert timeline.track is None
        undo.undo()
        assert np.array_equal(z_of(travelled), scene.z)


@pytest.mark.parametrize("way", [QPoint(0, 0), QPoint(12, 9)], ids=["click", "drag"])
def test_a_hand_on_the_map_goes_there_and_leaves_a_path_that_plays(travelled, way):
    timeline, path = travelled.timeline, travelled.timeline.paths.path
    run(travelled, "timeline.play")
    drag(travelled.controls.map, way)
    assert not timeline.playback.is_playing
    assert timeline.paths.path is path
    assert timeline.track is None
    there = z_of(travelled)
    travelled.host.undo.undo()
    assert not np.array_equal(z_of(travelled), there)
    assert timeline.paths.path is path


@pytest.mark.long("opens a panel and draws with its model")
def test_a_branch_repeats_its_parent_until_a_control_is_moved(travelled, qtbot):
    timeline = travelled.timeline
    timeline.playback.seek(30)
    n_path = timeline.n_frames
    run(travelled, "timeline.branch")
    parent, branch = timeline.tracks
    qtbot.waitUntil(lambda: branch.recording.is_finished)
    assert len(branch.recording) == n_path - 30
    for index, frame in enumerate(branch.recording):
        assert frame.step == 30 + index
        assert np.array_equal(frame.main_view.values, parent.recording[30 + index].main_view.values)
    assert timeline.playback.index == 0
    timeline.playback.seek(5)
    drag(travelled.canvas, QPoint(60, 0))
    here = z_of(travelled)
    qtbot.waitUntil(lambda: timeline.track.recording is not branch.recording and timeline.track.recording.is_finished)
    changed = timeline.track.recording
    assert not np.array_equal(changed[0].main_view.values, parent.recording[30].main_view.values)
    assert timeline.playback.index == 5
    assert np.array_equal(z_of(travelled), here)
    assert changed[5].state["z"] == pytest.approx(here, abs=1e-5)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_control_moves_a_branch_while_it_is_compared(travelled, qtbot):
    timeline = travelled.timeline
    timeline.playback.seek(30)
    run(travelled, "timeline.branch")
    timeline.playback.seek(4)
    timeline.tracks.compare(*timeline.tracks)
    timeline.playback.seek(60)  # of both runs together; the panel keeps the place of the branch's frame 4
    recording = timeline.track.recording
    before = [frame.state["z"] for frame in recording]
    travelled.editor.apply("Test", travelled.editor.scene.moved_to(z_of(travelled) + np.float32(0.5)))
    qtbot.waitUntil(lambda: timeline.track.recording is not recording and timeline.track.recording.is_finished)
    for old, new in zip(before, timeline.track.recording, strict=True):
        assert new.state["z"] - old == pytest.approx(0.5, abs=1e-5)


def test_a_branch_is_taken_back_and_made_again(travelled):
    timeline = travelled.timeline
    timeline.playback.seek(30)
    run(travelled, "timeline.branch")
    assert len(timeline.tracks) == 2
    travelled.host.undo.undo()
    assert len(timeline.tracks) == 1
    travelled.host.undo.redo()
    assert len(timeline.tracks) == 2


@pytest.mark.long("opens a panel and draws with its model")
def test_path_and_playhead_are_remembered(travelled, make_panel):
    travelled.timeline.playback.seek(23)
    memory = travelled.memory()
    other = make_panel(make_handle(letter_source()))
    other.recall(memory)
    assert other.timeline.playback.index == 23
    assert np.array_equal(z_of(other), z_of(travelled))
    assert other.memory() == memory
