"""How quickly pictures are enlarged: both networks, part by part, as the panel's run does it."""

import statistics
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from plugins.gan.enlarge.params import EnlargeParams
from plugins.gan.enlarge.state import SCALE, plainly_enlarged
from studio.core.recording.recording import Recording, RunInfo
from tests.bench.engine import opened
from tests.bench.statistic import seconds
from tests.bench.suite import Figure, bench

MODEL = "gan/enlarge"
SMALL = (192, 288)  # rows and columns; six parts
N_ROUNDS = 5


@bench("gan.enlarge_mpx", "Mpx/s", at_least=0.5)
def enlarge_mpx() -> Figure:
    """Megapixels of the large picture in a second, into a recording; Pillow's bicubic for scale."""
    engine = opened(MODEL)
    picture = engine.example(1).large[: SMALL[0], : SMALL[1]]
    n_mpx = SCALE**2 * picture.shape[0] * picture.shape[1] / 1e6
    times, plain_times = [], []
    for number in range(N_ROUNDS + 1):
        fresh = np.roll(picture, number, axis=1)  # a picture that the engine does not know yet
        took = seconds(partial(_run, engine, fresh))
        plain = seconds(partial(plainly_enlarged, fresh, "bicubic"))
        if number:  # the first one warms up
            times.append(took)
            plain_times.append(plain)
    engine.close()
    return Figure(
        n_mpx / statistics.median(times),
        "Pillow's bicubic, one thread",
        n_mpx / statistics.median(plain_times),
        note=f"{picture.shape[1]} x {picture.shape[0]} px, faithful and vivid network",
    )


@bench("gan.enlarge_slider", "ms", at_most=16)
def enlarge_slider() -> Figure:
    """Mixing what a full window shows of both networks' pictures, as each move of the slider does."""
    engine = opened(MODEL)
    _run(engine, engine.example(1).small)
    sheet = engine.sheet(engine.example(1).small)
    assert sheet is not None
    engine.close()
    half = replace(sheet, vividness=0.5)
    times = [seconds(partial(half.cut, 0, 0, *sheet.size)) for _ in range(40)]
    return Figure(1000 * float(np.percentile(times, 95)), note=f"p95, {sheet.size[0]} x {sheet.size[1]} px")


def _run(engine: Any, picture: Any) -> None:
    recording = Recording(RunInfo(MODEL, {}, 0))
    for frame in engine.generate(EnlargeParams(vividness=0.5), {"small": picture}):
        recording.append(frame)
    recording.close()
