"""Generators that work step by step: each yield is progress, and the result comes at the end."""

from collections.abc import Generator
from typing import Any, TypeVar

from studio.core.pausing import pause

T = TypeVar("T")


def result_of(steps: Generator[Any, None, T]) -> T:
    """Run a generator to its end at once and return its result; where it can, it pauses at each yield."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        pause()
