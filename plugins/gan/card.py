"""What the cards of all kinds of models say alike."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from studio.api.training import Training, machine_name


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


def which_set(is_full: bool) -> str:
    """The word that a card uses for the set that was learnt from."""
    return "full" if is_full else "small"


def trained_facts(trainings: Sequence[Training], seed: int, is_full: bool) -> dict[str, Any]:
    """When, how long, where and on what a model was trained, one training after the other: a card's key `trained`."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "minutes": round(sum(training.seconds for training in trainings) / 60, 1),
        "machine": machine_name(),
        "n_steps": sum(training.step for training in trainings),
        "seed": seed,
        "data_set": which_set(is_full),
    }
