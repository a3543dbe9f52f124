"""Diffusion runs against the bare network, and how soon a run that is cancelled stops."""

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from plugins.diffusion.pictures.frames import maps_of
from plugins.diffusion.pictures.model.denoisers import WITHOUT, LatentModel
from plugins.diffusion.shared.engine import figures, label
from studio.compute.job import Delivery, Job
from studio.compute.worker import Worker
from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from tests.bench.bench_diffusion_model import opened, record
from tests.bench.statistic import overhead, percentile
from tests.bench.suite import Figure, bench

MODEL = "diffusion/emoji"
N_STEPS = 25
N_CANCELS = 24
WAIT_S = 30


@bench("diffusion.overhead", "%", at_most=5)
def run_overhead() -> Figure:
    """A recorded run, sampler, guidance and maps of attention included, against its network called as often.

    What its previews cost is another row; the note says what all of it costs together.
    """
    engine, params = opened(MODEL)
    params = replace(params, steps=N_STEPS)
    bare = bare_loop(engine.model, params)
    figure = overhead(partial(_recorded_undrawn, engine, params), bare, f"the U-Net called {N_STEPS} times")
    together = overhead(partial(record, engine, params), bare, "").value
    engine.close()
    return replace(figure, note=f"{figure.note}; with all views and the decoder {together:.0f} %")


def _recorded_undrawn(engine: Any, params: Any) -> Recording:
    """A run into a recording with everything but its pictures."""
    recording = Recording(RunInfo(MODEL, {}, params.seed))
    for moment in engine.moments(params):
        step = moment.steps[0]
        scalars = figures(step, moment.model)
        recording.append(Frame(moment.index, moment.n_frames, label(step), maps_of(step), scalars, moment.state))
    return recording


def bare_loop(model: LatentModel, params: Any) -> Callable[[], None]:
    """The shortest loop that costs what the network costs: both halves of the guidance in one pass, nothing between."""
    condition = model.embed(params.prompt, params.negative)
    with torch.inference_mode():
        asked = model._conditioning(condition.arrays, ["", WITHOUT])
        x = torch.randn(1, *model.shape, generator=torch.Generator().manual_seed(1))
        twice = x.expand(2, -1, -1, -1).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def loop() -> None:
        for step in range(N_STEPS):
            model.network.unet(twice, torch.full((2,), 999.0 - 39 * step), asked)

    return loop


@bench("diffusion.cancel_ms", "ms")
def cancel_ms() -> Figure:
    """From cancel to stop on the Worker, at any moment of a run; at most one step of it is waited for."""
    engine, params = opened(MODEL)
    params = replace(params, steps=N_STEPS)
    news: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    worker = Worker(news.put, "bench")
    step_ms = _step_ms(worker, news, engine, params)
    waits = [_cancelled_ms(worker, news, engine, params, index * step_ms / N_CANCELS) for index in range(N_CANCELS)]
    worker.close()
    engine.close()
    note = f"p95 of {N_CANCELS} cancels spread over a step, which takes {step_ms:.0f} ms"
    return Figure(round(percentile(waits, 95), 1), "one step", round(step_ms, 1), note=note)


def _step_ms(worker: Worker, news: Any, engine: Any, params: Any) -> float:
    """The longest step of a whole run."""
    worker.submit(Job(("bench",), _recorded(engine, params)))
    longest, before = 0.0, time.perf_counter()
    while not news.get(timeout=WAIT_S).is_finished:
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    return longest * 1000


def _cancelled_ms(worker: Worker, news: Any, engine: Any, params: Any, delay_ms: float) -> float:
    """Let a run make two frames, wait a part of a step, cancel it, and time its end."""
    worker.submit(Job(("bench",), _recorded(engine, params)))
    for _ in range(2):
        news.get(timeout=WAIT_S)
    until = time.perf_counter() + delay_ms / 1000
    while time.perf_counter() < until:
        time.sleep(0.0005)
    started = time.perf_counter()
    worker.cancel(lambda _job: True)
    while not news.get(timeout=WAIT_S).is_finished:
        pass
    return (time.perf_counter() - started) * 1000


def _recorded(engine: Any, params: Any) -> Callable[[], Any]:
    def work() -> Any:
        recording = Recording(RunInfo(MODEL, {}, params.seed))
        for frame in engine.generate(params):
            recording.append(frame)
            yield frame

    return work
