"""What the cards of all kinds of models say alike, and how long measurements for them are taken in turns."""

from collections.abc import Generator
from typing import Any, Protocol, TypeAlias, TypeVar

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[None, None, Result]
"""Yields at least several times a second, so that others get a turn, and returns the result."""


class NamedRecipe(Protocol):
    """What a recipe says of its model."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def task(self) -> str: ...


def card_head(recipe: NamedRecipe, kind: str) -> dict[str, Any]:
    """What a card begins with: which model it is of, what it does, who opens it."""
    return {"id": recipe.id, "title": recipe.title, "kind": kind, "task": recipe.task, "licence": "MIT"}
