"""What the cards of all kinds of models say alike."""

from typing import Any, Protocol


class Named(Protocol):
    """What a recipe says of its model."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def task(self) -> str: ...


def card_head(recipe: Named, kind: str) -> dict[str, Any]:
    """What a card begins with: which model it is of, what it does, who opens it."""
    return {"id": recipe.id, "title": recipe.title, "kind": kind, "task": recipe.task, "licence": "MIT"}
