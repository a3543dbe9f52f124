"""The first start on a new machine: how long the NeRF kernels take to be compiled."""

import os
import resource
import tempfile
import time

from studio.compute.kernel_cache import FOLDER_VARIABLE
from studio.compute.kernel_compile import compile_kernels
from tests.bench.suite import Figure, bench


@bench("nerf.kernel_compile_seconds", "s", at_most=60)
def kernel_compile_seconds() -> Figure:
    """All kernels of the family into an empty cache, in child processes as the panel starts them."""
    before = _children_s()
    usual = os.environ.get(FOLDER_VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            start = time.perf_counter()
            *_, last = compile_kernels("plugins.nerf.field.warm_up")
            seconds = time.perf_counter() - start
        finally:
            if usual is None:
                del os.environ[FOLDER_VARIABLE]
            else:
                os.environ[FOLDER_VARIABLE] = usual
    note = f"{last.n_steps} steps in child processes, {_children_s() - before:.0f} s of processor time"
    return Figure(seconds, note=note)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
