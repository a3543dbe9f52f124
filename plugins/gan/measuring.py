"""What takes long while a model is measured."""

from collections.abc import Generator, Iterator
from typing import TypeAlias, TypeVar

from studio.core.frame import Frame
from studio.core.text import N_

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[None, None, Result]
"""Yields at least several times a second, so that others get a turn, and returns the result."""


def measuring_frames(n_steps: int, measuring: Measuring[None]) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields."""
    for _ in measuring:
        yield Frame(n_steps - 1, n_steps, label=N_("Measuring what was learnt"))
