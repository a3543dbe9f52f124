"""The tools of the people's panel: one step of the search for a picture, and one of the pulling of points."""

import itertools
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from tests.bench.engine import opened
from tests.bench.suite import Figure, bench

MODEL = "gan/avatars-style"
N_WARM, N_STEPS = 20, 40


@bench("gan.project_step", "ms", at_most=60)
def project_step() -> Figure:
    """A step of the search for a picture on the rows of w, with its frame: slope, Adam, redrawing, verdict."""
    from plugins.gan.people.frames import ProjectionEffort, project
    from plugins.gan.people.params import PeopleParams
    from plugins.gan.people.scene import PeopleScene

    engine = opened(MODEL)
    target = np.asarray(engine.frame(engine.place(PeopleScene(PeopleParams(seed=77)))).main_view.pixels)
    figure = _per_step(project(engine, target, effort=ProjectionEffort(1, N_WARM + N_STEPS + 20)), skipped=N_WARM + 17)
    engine.close()
    return figure


@bench("gan.drag_step", "ms", at_most=60)
def drag_step() -> Figure:
    """A step of pulling two points, with its frame: motion supervision, Adam, tracking, redrawing, verdict."""
    from plugins.gan.people.frames import drag
    from plugins.gan.people.params import PeopleParams
    from plugins.gan.people.scene import PeopleScene
    from plugins.gan.people.state import DragGoals, DragPair

    engine = opened(MODEL)
    pulls = DragGoals((DragPair((0.1, 0.1), (0.9, 0.9)), DragPair((0.9, 0.1), (0.1, 0.9))))
    scenes = (PeopleScene(PeopleParams(seed=seed)) for seed in itertools.count(77))  # one ends where no step helps
    frames = itertools.chain.from_iterable(drag(engine, scene, pulls) for scene in scenes)
    figure = _per_step(frames, skipped=N_WARM)
    engine.close()
    return figure


def _per_step(frames: Iterator[Any], skipped: int) -> Figure:
    """The median time of a frame after the first ones, and what of it this thread was computing."""
    next(itertools.islice(frames, skipped, None))
    times, own = [], []
    for _ in range(N_STEPS):
        started, thread_started = time.perf_counter(), time.thread_time()
        next(frames)
        times.append((time.perf_counter() - started) * 1000)
        own.append((time.thread_time() - thread_started) * 1000)
    return Figure(median(times), note=f"median of {N_STEPS} steps; {median(own):.0f} ms of it on the processor")
