"""What is measured in a long session: memory, threads, descriptors, objects, and how long jobs hold the worker."""

import gc
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psutil
from PySide6.QtWidgets import QApplication

from studio.compute.job import Job
from studio.compute.worker import Stepper


@dataclass(frozen=True)
class Rest:
    """How the process stands with nothing but Home open, after so many actions.

    Attributes:
        memory_mb: the lowest resident memory since the rest before.
        n_rounds: how often all models had been visited before.
    """

    n_actions: int
    n_rounds: int
    memory_mb: float
    n_threads: int
    n_descriptors: int
    n_objects: int
    n_widgets: int


class Meter:
    """Reads the process between two rests."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._lowest_mb = float("inf")

    def look(self) -> None:
        """Note the memory, if it is lower than before."""
        self._lowest_mb = min(self._lowest_mb, self._process.memory_info().rss / 1e6)

    def rest(self, n_actions: int, n_rounds: int) -> Rest:
        """What there is now; the lowest memory begins anew."""
        gc.collect()
        self.look()
        lowest, self._lowest_mb = self._lowest_mb, float("inf")
        return Rest(
            n_actions,
            n_rounds,
            lowest,
            threading.active_count(),
            self._process.num_fds(),
            len(gc.get_objects()) + gc.get_freeze_count(),
            len(QApplication.allWidgets()),
        )


def slope(rests: Sequence[Rest], name: str) -> float | None:
    """By how much a figure grows in 1,000 actions: the line of least squares through the lowest of each whole round.

    The first round, in which everything is loaded, and the last, which may have been broken off, do not count. None
    where fewer than two are left.
    """
    rounds = [[rest for rest in rests if rest.n_rounds == n] for n in range(1, rests[-1].n_rounds)]
    if len(rounds) < 2:
        return None
    lowest = [min(getattr(rest, name) for rest in one) for one in rounds]
    return float(np.polyfit([one[-1].n_actions / 1000 for one in rounds], lowest, 1)[0])


class HoldWatch:
    """Times every step of every job of the worker, by the kind of job."""

    def __init__(self) -> None:
        self.holds_ms: dict[str, list[float]] = defaultdict(list)
        self.place = ""
        advance = Stepper.advance

        def timed(stepper: Stepper, job: Job) -> bool:
            started = time.perf_counter()
            try:
                return advance(stepper, job)
            finally:
                self.holds_ms[f"{self.place}: {job.key[-1]}"].append(1000 * (time.perf_counter() - started))

        Stepper.advance = timed  # type: ignore[method-assign, assignment]  # a probe
