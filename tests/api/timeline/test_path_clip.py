"""A path that is exported before it was drawn: made beforehand, with a turn for others whenever a frame takes long."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle, ModelSource
from studio.api.timeline.path_run import PathRun
from studio.api.timeline.run_source import PathPlan
from studio.api.timeline.state import timeline_clip
from studio.core.frame import Frame
from studio.core.path.keyframe import Keyframe, KeyframePath
from studio.core.recording.clip import Clip
from studio.core.recording.recording import RunInfo
from studio.core.view import Image
from studio.widgets.task_scope import TaskScope

N = 5
PATH = KeyframePath(
    (Keyframe({"z": np.zeros(1, np.float32)}, (N - 1) / 30), Keyframe({"z": np.ones(1, np.float32)})),
    {"z": "linear"},
    curve="linear",
)
GREYS = [0, 1, 2, 3, 4]


class Engine:
    """Draws frames of one grey each, pausing twice before every one."""

    pauses = False

    def __init__(self):
        self.n_drawn = 0

    def run_to_end(self, params, start):
        yield None
        yield None
        self.n_drawn += 1
        grey = round(float(start["z"][0]) * (N - 1))
        yield Frame(0, 1, views={"picture": Image(np.full((2, 2), grey, np.uint8))})


class Uncompared:
    def clip(self, state):
        return None


class TimelineController:
    track = None
    comparison = Uncompared()

    def __init__(self, run):
        self.path_run = run


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def run(qapp, tmp_path, engine, stepped_worker, dispatcher):
    """The path of a timeline, of which nothing is drawn yet."""
    owner = QObject()
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"weights")
    handle = EngineHandle(ModelSource("tests/model", path), lambda source: engine)
    run = PathRun(TaskScope(owner, stepped_worker, dispatcher), handle, owner)
    run.follow(plan())
    yield run
    owner.deleteLater()


def plan() -> PathPlan:
    return PathPlan(PATH, None, RunInfo("tests/model", {}, 0, kind="path", fps=30.0))


def clip_of(run: PathRun) -> Clip:
    timeline: Any = TimelineController(run)
    clip = timeline_clip(timeline, {})
    assert clip is not None
    assert clip.n_frames == N
    return clip


def greys(frames):
    return [int(one.main_view.pixels[0, 0]) for one in frames]


@pytest.mark.parametrize("is_prepared", [False, True])
def test_the_frames_are_those_of_the_path(run, engine, is_prepared):
    clip = clip_of(run)
    news = list(clip.prepare()) if is_prepared else []
    assert greys(clip.frames(0, N)) == GREYS
    assert greys(clip.frames(2, 4)) == [2, 3]
    if is_prepared:
        assert len(news) == 3 * N
        assert [one.step for one in news][-1] == N
        assert engine.n_drawn == N  # nothing was drawn twice


def test_what_is_drawn_already_is_not_drawn_again(run, engine, stepped_worker, qtbot):
    qtbot.waitUntil(lambda: stepped_worker.jobs() != [])
    stepped_worker.run_all()
    assert run.is_complete
    clip = clip_of(run)
    assert list(clip.prepare()) == []
    assert greys(clip.frames(0, N)) == GREYS
    assert engine.n_drawn == N


def test_timeline_and_export_draw_one_path_together(run, engine, stepped_worker, qtbot):
    clip = clip_of(run)
    qtbot.waitUntil(lambda: stepped_worker.jobs() != [])
    news = clip.prepare()
    for _ in range(4):
        stepped_worker.step()
        next(news)
    assert engine.n_drawn == len(run.recording) == 2
    stepped_worker.run_all()
    assert run.is_complete
    assert list(news) == []
    assert greys(clip.frames(0, N)) == GREYS
    assert engine.n_drawn == N


def test_an_export_goes_on_where_the_timeline_went_to_another_path(run, engine, stepped_worker, qtbot):
    clip = clip_of(run)
    qtbot.waitUntil(lambda: stepped_worker.jobs() != [])
    for _ in range(7):
        stepped_worker.step()
    run.follow(plan())
    stepped_worker.step()
    assert run.recording is None
    assert len(list(clip.prepare())) == 3 * N - 7
    assert greys(clip.frames(0, N)) == GREYS
    assert engine.n_drawn == N


def test_an_endless_path_is_not_drawn_beforehand(run, monkeypatch):
    monkeypatch.setattr("studio.api.timeline.drawn_clip.MAX_PREPARED", N - 1)
    assert list(clip_of(run).prepare()) == []
