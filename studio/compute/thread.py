"""Decides how many threads work may use and how they wait, for every way in: window, sample, train and bench.

torch is imported on use, since the window knows this module.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def wait_passively() -> None:
    """Let threads of torch wait for each other asleep; to be called before torch is loaded.

    Where they wait awake, two of them beside other work take up to seventeen times as long as one.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def n_cores() -> int:
    """How many cores of this computer are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use_threads(n_wanted: int, n_processes: int = 1) -> int:
    """Let torch use so many cores (0: all), shared with the other processes of a launch; returns how many these are."""
    wait_passively()
    import torch

    count = max(1, (n_wanted or n_cores()) // n_processes)
    torch.set_num_threads(count)
    return count


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let torch use `count` threads inside; not to be held across a yield, since other work runs there.

    A small picture is sooner done by one thread while the other core paints the window: two threads wait for each
    other, and that takes as long as the busier core lets them.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
