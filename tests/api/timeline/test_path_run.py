"""How much of a path is drawn ahead."""

from typing import Any

import numpy as np

from studio.api.timeline import path_run
from studio.api.timeline.run_source import PathPlan, PathSource
from studio.core.frame import Frame
from studio.core.path.keyframe import MAX_DURATION_S, Keyframe, KeyframePath
from studio.core.recording.recording import RunInfo


class Painter:
    """Counts what it has to draw."""

    def __init__(self) -> None:
        self.n_drawn = 0

    def run_to_end(self, params: Any, start: Any = None) -> Any:
        self.n_drawn += 1
        yield Frame(0, 1, state=start)


def test_of_a_path_that_lasts_for_days_only_the_beginning_is_drawn_ahead(monkeypatch):
    monkeypatch.setattr(path_run, "MAX_DRAWN", 50)
    place = np.zeros(2, np.float32)
    engine: Any = Painter()
    path = KeyframePath((Keyframe({"z": place}, MAX_DURATION_S), Keyframe({"z": place + 1})), {"z": "linear"}, "linear")
    plan = PathPlan(path, None, RunInfo("good/model", {}, 0))
    frames: list[Any] = list(path_run.first_frames(engine, PathSource(plan)))
    assert (len(frames), engine.n_drawn) == (50, 50)
    assert (frames[-1].step, frames[-1].n_steps) == (49, plan.n_frames)
    short = PathPlan(path.retimed(0, 1.0), None, plan.info)
    assert len(list(path_run.first_frames(engine, PathSource(short)))) == short.n_frames == 31
