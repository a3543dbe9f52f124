"""The door for compiled kernels: imports numba, so only what runs on the Lane may come in here."""

from studio.compute.kernel import check_layer, kernel, use_threads
from studio.compute.kernel_cache import are_kernels_ready
from studio.compute.kernel_compile import compile_kernels

__all__ = ["are_kernels_ready", "check_layer", "compile_kernels", "kernel", "use_threads"]
