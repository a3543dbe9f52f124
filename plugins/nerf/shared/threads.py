"""Shares work out to threads, a little at a time; for compiled loops, which let other threads run."""

from collections.abc import Callable
from threading import Thread

import numba


def share(work: Callable[[int, int], None], n_items: int, n_together: int) -> None:
    """Call `work(first, last + 1)` for all items, on as many threads as parallel loops may use.

    Threads take the next few items whenever they are done with theirs, so that one that is slow holds up nobody. To
    compile a plain loop also takes a third less time than a parallel one.
    """
    firsts = iter(range(0, n_items, n_together))

    def take() -> None:
        for first in firsts:
            work(first, min(first + n_together, n_items))

    n_threads = min(numba.get_num_threads(), -(-n_items // n_together))
    others = [_Helper(take) for _ in range(n_threads - 1)]
    for thread in others:
        thread.start()
    try:
        take()
    finally:
        for thread in others:
            thread.join()
    for thread in others:
        if thread.error is not None:
            raise thread.error


class _Helper(Thread):
    """A thread that keeps its error."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(name="drawing")
        self._work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # raised again by the thread that waits
            self.error = error
