"""Recordings: how soon any frame is there, what appending costs a run, what 16,000 frames weigh."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.frame import Frame
from studio.core.recording.delta import AppendRows, Patch
from studio.core.recording.recording import Recording, RunInfo
from studio.registry.catalog import Catalog
from tests.bench.engine import opened
from tests.bench.recording_weight import N_FRAMES, SIZE_PX, made_frame
from tests.bench.statistic import overhead, percentile, seconds
from tests.bench.suite import Figure, UnmeasuredError, bench

MODEL = "vae/avatars"
ROOT = Path(__file__).parents[2]
INFO = RunInfo("bench/model", {}, 0)
N_READS = 3000
N_PLACES = 1000
LIMIT_S = 600


@bench("studio.scrub", "ms", at_most=8)
def scrub() -> Figure:
    """Any frame of 16,000 on the disk, told whole or as changes, in any order."""
    whole = _scrub_ms(made_frame)
    changed = _scrub_ms(_changed_frame)
    return Figure(
        max(whole, changed),
        "a mapped numpy array, copied frame by frame",
        _map_ms(),
        note=f"p95 of {N_READS} frames of {SIZE_PX} px; told whole {whole:.3f} ms, as changes {changed:.3f} ms",
    )


@bench("studio.recording_overhead", "%", at_most=3)
def recording_overhead() -> Figure:
    """A thousand frames into a recording, against the engine's bare generator."""
    engine = opened(MODEL)
    params = Catalog().params_class(engine.source)()
    places = np.random.default_rng(0).standard_normal((N_PLACES, engine.n_latent), np.float32)

    def frames() -> Any:
        for z in places:
            yield from engine.generate(params, {"z": z})

    def ours() -> None:
        recording = Recording(INFO)
        for frame in frames():
            recording.append(frame)
        recording.close()

    def bare() -> None:
        for _ in frames():
            pass

    figure = overhead(ours, bare, f"{N_PLACES} frames of {MODEL} and nothing else")
    engine.close()
    return figure


@bench("studio.memory_recording", "MB", at_most=150)
def memory_recording() -> Figure:
    """Sixteen thousand frames while they are recorded and scrubbed through."""
    weight, peer = (_weigh(kept_in) for kept_in in ("recording", "list"))
    return Figure(weight, "a list of the frames", peer, note=f"resident above the start, {SIZE_PX} px, a fresh process")


def _changed_frame(step: int) -> Frame:
    """The same picture with one patch anew, and one more row of a cache; a fresh one after 1,000 frames."""
    frame = made_frame(step)
    state = {"cache": np.zeros((1, 64), np.float32)}
    if step % 1000 == 0:
        return Frame(step, N_FRAMES, frame.label, frame.views, frame.scalars, state)
    patch = Patch(np.full((16, 16, 3), step % 256, np.uint8), (step % 48, step % 31, 0))
    more = AppendRows(state["cache"])
    changes, more_state = {"picture": patch}, {"cache": more}
    return Frame(step, N_FRAMES, frame.label, {}, frame.scalars, None, changes, more_state)


def _scrub_ms(make: Callable[[int], Frame]) -> float:
    recording = Recording(INFO, memory_bytes=0)  # all but the newest megabyte goes to the disk at once
    for step in range(N_FRAMES):
        recording.append(make(step))
    chosen = np.random.default_rng(1).integers(0, N_FRAMES, N_READS)
    times_s = [seconds(lambda index=int(index): recording[index]) for index in chosen]  # type: ignore[misc]
    recording.close()
    return 1000 * percentile(times_s, 95)


def _map_ms() -> float:
    with tempfile.NamedTemporaryFile() as file:
        shape = (N_FRAMES, SIZE_PX, SIZE_PX, 3)
        mapped = np.memmap(file, np.uint8, "w+", shape=shape)
        mapped[:] = 1
        chosen = np.random.default_rng(1).integers(0, N_FRAMES, N_READS)
        times_s = [seconds(mapped[int(index)].copy) for index in chosen]
        del mapped
    return 1000 * percentile(times_s, 95)


def _weigh(kept_in: str) -> float:
    command = [sys.executable, "-m", "tests.bench.recording_weight", kept_in]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise UnmeasuredError((done.stderr.splitlines() or ["no output"])[-1])
    return float(done.stdout)
