"""Work that is done a little at a time, done at once."""

from collections.abc import Generator
from typing import Any


def finished(work: Generator[Any, None, Any]) -> Any:
    """Run a generator to its end; returns what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
