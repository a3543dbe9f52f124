"""The door for compiled kernels: imports numba, so only what runs on the Worker may come in here."""

from studio.compute.kernel import check_layer, kernel, use_threads
from studio.compute.kernel_compile import prepare_kernels
