"""What an export yields while it writes."""

from collections.abc import Generator
from pathlib import Path
from typing import TypeAlias

from studio.core.frame import Frame

Export: TypeAlias = Generator[Frame, None, Path]
"""Yields progress, returns the path; closing it takes the half-written file away."""


def done(n_done: int, n_steps: int) -> Frame:
    """The progress after `n_done` of `n_steps`, each at least 1."""
    return Frame(n_done - 1, n_steps)
