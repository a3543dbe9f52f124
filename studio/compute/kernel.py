"""The one place where numba is set up: threading layer, cache folder, and the decorator of all compiled kernels."""

import importlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from studio.compute.kernel_cache import compiled_dir

_F = TypeVar("_F", bound=Callable[..., Any])
# Layers that two threads may enter at once; workqueue, the third, aborts then.
_SAFE_LAYERS: Final = {"omp": "numba.np.ufunc.omppool", "tbb": "numba.np.ufunc.tbbpool"}

# Must stand before numba is imported, and is inherited by child processes.
os.environ.setdefault("NUMBA_THREADING_LAYER", "omp")

import numba  # noqa: E402
from numba.core.caching import FunctionCache  # noqa: E402
from numba.np.ufunc.parallel import threading_layer  # noqa: E402

_BLAS: Final = "scipy.linalg"

log = logging.getLogger(__name__)

_njit: Any = numba.njit  # its types leave out the options of wrapping
_config: Any = numba.config  # its names come from the environment, so that no type checker knows them


def _find_layer() -> str:
    """The first layer that can be loaded here; empty where none can, and then loops are serial."""
    wanted = os.environ["NUMBA_THREADING_LAYER"]
    for name in sorted(_SAFE_LAYERS, key=lambda name: name != wanted):
        try:
            importlib.import_module(_SAFE_LAYERS[name])
        except ImportError:  # libgomp1 is missing
            continue
        return name
    return ""


def _leave_out_blas() -> None:
    """No kernel multiplies matrices, so numba need not find the linear algebra for it: that takes 16 MB."""
    modules: dict[str, Any] = sys.modules
    if _BLAS in modules:
        return
    modules[_BLAS] = None  # how Python is told that there is no such module
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del modules[_BLAS]


class _MendingCache(FunctionCache):
    """Machine code on the disk that is made anew where a file of it is broken, as after a power cut."""

    def load_overload(self, *signature: Any) -> Any:
        try:
            return super().load_overload(*signature)
        except Exception as error:  # unpickling nonsense raises anything
            self._throw_away(error)
        return None

    def save_overload(self, *signature: Any) -> None:
        try:
            super().save_overload(*signature)
        except OSError as error:  # a full disk: the code runs, and is compiled again the next time
            log.warning("machine code could not be kept: %s", error)
        except Exception as error:
            self._throw_away(error)
            super().save_overload(*signature)

    def _throw_away(self, error: Exception) -> None:
        log.info("%s is compiled anew, its machine code on the disk is broken: %r", self._name, error)
        self.flush()


_leave_out_blas()
LAYER: Final = _find_layer()
_config.THREADING_LAYER = LAYER or "default"


def kernel(*, parallel: bool = False, fast_math: bool = False, is_inner: bool = False) -> Callable[[_F], _F]:
    """Return a decorator that compiles a function on its first call and keeps the machine code on the disk.

    Args:
        parallel: `numba.prange` loops use all threads; call such a kernel on the Worker only, and never add floats to
            shared places in such a loop: two runs must be bit-equal.
        fast_math: let the compiler reorder sums, which stays the same from run to run.
        is_inner: only other kernels call it; without the way in from Python it compiles a fifth faster.
    """

    def compiled(function: _F) -> _F:
        _config.CACHE_DIR = os.fspath(compiled_dir(Path(function.__code__.co_filename)))
        is_parallel = parallel and bool(LAYER)
        wrapping = {"no_cpython_wrapper": is_inner, "no_cfunc_wrapper": is_inner}
        jit = _njit(nogil=True, parallel=is_parallel, fastmath=fast_math, error_model="numpy", **wrapping)
        dispatcher = jit(function)
        dispatcher._cache = _MendingCache(function)
        return cast(_F, dispatcher)

    return compiled


def use_threads(n_threads: int) -> None:
    """Let the parallel loops that this thread begins use so many threads, at most all that numba started with."""
    if LAYER:
        numba.set_num_threads(max(1, min(n_threads, _config.NUMBA_NUM_THREADS)))


def check_layer() -> None:
    """Raise RuntimeError where parallel loops did not run on the layer that was chosen; to be asked after the first."""
    found = threading_layer() if LAYER else ""
    if found != LAYER:
        raise RuntimeError(f"parallel loops run on {found} instead of {LAYER}")
