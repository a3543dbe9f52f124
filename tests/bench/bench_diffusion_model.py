"""Diffusion without a window: seconds a picture, what previews cost, how soon a draft stands, how quick a scrub is."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

from studio.core.recording.recording import Recording, RunInfo
from studio.registry.catalog import Catalog
from tests.bench.engine import opened as engine_of
from tests.bench.statistic import median_of, overhead, percentile
from tests.bench.suite import Figure, bench

MODEL = "diffusion/emoji"
DRAFTED = ("diffusion/emoji", "diffusion/cascade", "diffusion/avatars", "diffusion/digits")
N_RUNS = 7
N_SCRUBS = 500
PREVIEW_STEPS = 10


def opened(model_id: str) -> tuple[Any, Any]:
    """An engine and its parameters with the first example as the prompt."""
    engine: Any = engine_of(model_id)
    card = engine.source.card
    params = Catalog().params_class(engine.source)(prompt=card["examples"][0])
    return engine, replace(params, **card.get("defaults", {}))


def sampling(model_id: str, **settings: Any) -> Figure:
    """The median time of a whole recorded run, each with another seed, after one to warm up."""
    engine, params = opened(model_id)
    params = replace(params, **settings)
    seconds = []
    for seed in range(N_RUNS + 1):
        started = time.perf_counter()
        record(engine, replace(params, seed=seed))
        seconds.append(time.perf_counter() - started)
    engine.close()
    note = f"{params.steps} steps, {params.sampler}, guidance {params.guidance:g}"
    return median_of(seconds[1:], note=note)


def record(engine: Any, params: Any) -> Recording:
    """Run into a recording, as the panel does."""
    recording = Recording(RunInfo(engine.source.id, {}, params.seed))
    for frame in engine.generate(params):
        recording.append(frame)
    return recording


@bench("diffusion.sample_digits", "s")
def sample_digits() -> Figure:
    """A digit with the panel's settings."""
    return sampling("diffusion/digits")


@bench("diffusion.sample_emoji_25", "s", at_most=2)
def sample_emoji() -> Figure:
    """A scene of 64 px in 25 steps with guidance."""
    return sampling("diffusion/emoji", steps=25)


@bench("diffusion.sample_cascade", "s", at_most=6)
def sample_cascade() -> Figure:
    """A scene of 64 px through both stages."""
    return sampling("diffusion/cascade")


@bench("diffusion.sample_note", "s", at_most=5)
def sample_note() -> Figure:
    """Half a second of sound with the panel's settings."""
    return sampling("diffusion/notes")


@bench("diffusion.preview_overhead", "%", at_most=3)
def preview_overhead() -> Figure:
    """Recorded frames with all their views, against the same moments of the run that nobody draws."""
    engine, params = opened(MODEL)
    params = replace(params, steps=PREVIEW_STEPS)
    figure = overhead(lambda: _drawn(engine, params), lambda: _undrawn(engine, params), "the same run without views")
    engine.close()
    return figure


def _drawn(engine: Any, params: Any) -> None:
    for _ in engine.generate(params):
        pass


def _undrawn(engine: Any, params: Any) -> None:
    last = None
    for moment in engine.moments(params):
        last = moment
    assert last is not None
    engine.model.decode(last.steps[0].x)


@bench("diffusion.draft_live", "ms", at_most=400)
def draft_live() -> Figure:
    """A changed prompt to the picture of its draft, without the window: the worst of the shipped pictures' models."""
    return Figure(max(_draft_ms(model_id) for model_id in DRAFTED))


def _draft_ms(model_id: str) -> float:
    engine, params = opened(model_id)
    found = [_timed_ms(partial(engine.draft, replace(params, seed=seed))) for seed in range(N_RUNS + 1)]
    engine.close()
    return round(median(found[1:]), 1)


def _timed_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


@bench("diffusion.scrub", "ms", at_most=8)
def scrub() -> Figure:
    """Any frame of a recorded run, whole, 95 of 100."""
    engine, params = opened(MODEL)
    recording = record(engine, params)
    engine.close()
    places = [(97 * index) % len(recording) for index in range(N_SCRUBS)]
    found = [_timed_ms(partial(recording.__getitem__, place)) for place in places]
    return Figure(round(percentile(found, 95), 2))
