"""A path that is exported before it was drawn: made beforehand, with a turn for others whenever a frame takes long."""

from typing import Any

import numpy as np
import pytest

from studio.api.timeline.state import timeline_clip
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image

N = 5


class Plan:
    n_frames = N
    info = RunInfo("tests/model", {}, 0, kind="path", fps=30.0)


class Run:
    """Draws frames of one grey each, pausing twice before every one."""

    plan = Plan()

    def __init__(self, recording=None):
        self.recording = recording
        self.n_drawn = 0

    def frames_with_pauses(self, plan, start):
        for step in range(start, N):
            yield None
            yield None
            self.n_drawn += 1
            yield frame(step)

    def frames(self, plan, start):
        return (one for one in self.frames_with_pauses(plan, start) if one is not None)


class Uncompared:
    def clip(self, state):
        return None


class TimelineController:
    track = None
    comparison = Uncompared()

    def __init__(self, run):
        self.path_run = run


def clip_of(run: Run) -> Clip:
    timeline: Any = TimelineController(run)
    clip = timeline_clip(timeline, {})
    assert clip is not None
    return clip


def frame(step):
    return Frame(step, N, views={"picture": Image(np.full((2, 2), step, np.uint8))})


def greys(frames):
    return [int(one.main_view.pixels[0, 0]) for one in frames]


@pytest.mark.parametrize("is_prepared", [False, True])
def test_the_frames_are_those_of_the_path(is_prepared):
    run = Run()
    clip = clip_of(run)
    news = list(clip.prepare()) if is_prepared else []
    assert greys(clip.frames(0, N)) == [0, 1, 2, 3, 4]
    assert greys(clip.frames(2, 4)) == [2, 3]
    if is_prepared:
        assert len(news) == 3 * N
        assert [one.step for one in news][-1] == N
        assert run.n_drawn == N  # nothing was drawn twice


def test_what_is_drawn_already_is_not_drawn_again():
    recording = Recording(Plan.info)
    for step in range(N):
        recording.append(frame(step))
    run = Run(recording)
    clip = clip_of(run)
    assert list(clip.prepare()) == []
    assert greys(clip.frames(0, N)) == [0, 1, 2, 3, 4]
    assert run.n_drawn == 0


def test_an_endless_path_is_not_drawn_beforehand(monkeypatch):
    monkeypatch.setattr("studio.api.timeline.state.MAX_PREPARED", N - 1)
    assert list(clip_of(Run()).prepare()) == []
