"""Percentiles, and ratios that survive a busy machine."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

from tests.bench.quick import less
from tests.bench.suite import Figure

N_PAIRS = less(9, 3)
N_PARTS = 5


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie."""
    return float(np.percentile(np.asarray(values), percent))


def median_of(
    samples: Sequence[float], peer: str | None = None, peer_value: float | None = None, note: str = ""
) -> Figure:
    """The figure that is the median of these."""
    return Figure(statistics.median(samples), peer, peer_value, note=note, samples=samples)


def in_parts(values: Sequence[float], percent: float) -> list[float]:
    """The percentile of each fifth of a run: how much it varies within itself."""
    return [percentile(part.tolist(), percent) for part in np.array_split(np.asarray(values), N_PARTS) if len(part)]


def seconds(work: Callable[[], object], clock: Callable[[], float] | None = None) -> float:
    """How long one call takes, by the clock of the wall unless another is given."""
    read = clock or time.perf_counter
    started = read()
    work()
    return read() - started


def overhead(ours: Callable[[], object], bare: Callable[[], object], peer: str) -> Figure:
    """How much longer `ours` takes than `bare`, in percent: the median of N_PAIRS pairs, one after the other."""
    ratios, bare_times = _paired(ours, bare)
    extra = [100 * (ratio - 1) for ratio in ratios]
    return median_of(extra, peer, 0.0, note=f"{peer} takes {1000 * statistics.median(bare_times):.2f} ms")


def relative_speed(
    ours: Callable[[], object], bare: Callable[[], object], peer: str, clock: Callable[[], float] | None = None
) -> Figure:
    """The speed of `ours` in percent of that of `bare`: the median of N_PAIRS pairs, one after the other.

    `clock` is that of the wall, or `time.process_time` for what a busy machine takes from both.
    """
    ratios, bare_times = _paired(ours, bare, clock)
    speeds = [100 / ratio for ratio in ratios]
    return median_of(speeds, peer, 100.0, note=f"{peer} takes {statistics.median(bare_times):.2f} s")


def times_as_fast(ours: Callable[[], object], peer_work: Callable[[], object], peer: str) -> Figure:
    """How many times as fast `ours` is as its peer: the median of N_PAIRS pairs, one after the other."""
    ratios, peer_times = _paired(ours, peer_work)
    speeds = [1 / ratio for ratio in ratios]
    return median_of(speeds, peer, 1.0, note=f"{peer} takes {statistics.median(peer_times):.2f} s")


def _paired(
    ours: Callable[[], object], bare: Callable[[], object], clock: Callable[[], float] | None = None
) -> tuple[list[float], list[float]]:
    """Time both in turn, after one call of each to warm up; every second pair starts with the other one."""
    ours()
    bare()
    ratios, bare_times = [], []
    gc.collect()
    for number in range(N_PAIRS):
        if number % 2:
            time_ours, time_bare = seconds(ours, clock), seconds(bare, clock)
        else:
            time_bare, time_ours = seconds(bare, clock), seconds(ours, clock)
        ratios.append(time_ours / time_bare)
        bare_times.append(time_bare)
    return ratios, bare_times
