"""When, how long, where and on what a model was trained: what every card says alike."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from studio.compute.machine import machine_name


class Trained(Protocol):
    """What a training tells of itself."""

    @property
    def step(self) -> int:
        """How many are done."""

    @property
    def seconds(self) -> float:
        """How long they took."""


def which_set(is_full: bool) -> str:
    """The word that a card uses for the set that was learnt from."""
    return "full" if is_full else "small"


def trained_facts(trainings: Sequence[Trained], seed: int, is_full: bool) -> dict[str, Any]:
    """The key `trained` of a card, of one training after the other."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "minutes": round(sum(training.seconds for training in trainings) / 60, 1),
        "machine": machine_name(),
        "n_steps": sum(training.step for training in trainings),
        "seed": seed,
        "data_set": which_set(is_full),
    }
