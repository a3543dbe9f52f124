"""What takes long while a model is measured."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[None, None, Result]
"""Yields at least several times a second, so that others get a turn, and returns the result."""
