"""A loop to be compiled while the process is killed."""

from typing import Any

from studio.api.kernel import kernel


@kernel()
def total(values: Any) -> float:
    """The sum of values (N,), by a loop of our own."""
    found = 0.0
    for value in values:
        found += value
    return found
