"""The one place where numba is set up: threading layer, cache folder, and the decorator of all compiled kernels."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from studio.core.path import cache_dir

_F = TypeVar("_F", bound=Callable[..., Any])
_CACHE: Final = "kernels"

# Both must stand before numba is imported. libgomp survives two threads in one parallel region, workqueue aborts.
os.environ.setdefault("NUMBA_THREADING_LAYER", "omp")
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir() / _CACHE))

import numba  # noqa: E402


def kernel(*, parallel: bool = False, fast_math: bool = False) -> Callable[[_F], _F]:
    """Return a decorator that compiles a function on its first call and keeps the machine code on the disk.

    Args:
        parallel: `numba.prange` loops use all threads; call such a kernel on the Lane only, and never add floats to
            shared places in such a loop: two runs must be bit-equal.
        fast_math: let the compiler reorder sums, which stays the same from run to run.
    """
    compiled = numba.njit(nogil=True, cache=True, parallel=parallel, fastmath=fast_math, error_model="numpy")
    return cast(Callable[[_F], _F], compiled)
