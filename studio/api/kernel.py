"""The door for compiled kernels: imports numba, so only what runs on the Lane may come in here."""

from studio.compute.kernel import kernel

__all__ = ["kernel"]
