"""Waits until the family's kernels were compiled for this machine, in a process of their own."""

import logging
from functools import cache
from typing import Final

from studio.api.kernel import are_kernels_ready, compile_kernels

log = logging.getLogger(__name__)
WARM_UP: Final = f"{__package__}.warm_up"
"""The module that compiles all kernels of the family."""


@cache
def prepare_kernels() -> None:
    """Wait, once, until the kernels were compiled for this machine: in a child process, so that the window goes on."""
    try:
        if not are_kernels_ready(WARM_UP):
            for _ in compile_kernels(WARM_UP):
                pass
    except RuntimeError as error:  # then each is compiled when it is first called
        log.warning("the kernels could not be compiled apart: %s", error)
