"""The fields that learn just now, so that a panel can draw one between two of its steps.

Trainings and panels meet on the Worker only, so there is always one thread here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from .training.learner import FieldLearner

PREFIX: Final = "training"
"""What the id of a training's run begins with; the rest is the name of its folder."""

_learners: "WeakValueDictionary[str, FieldLearner]" = WeakValueDictionary()


def learner_of(training_id: str) -> "FieldLearner | None":
    """What learns in a training, by the id of its run; None before its first step and after its last."""
    return _learners.get(training_id.removeprefix(PREFIX))


@contextmanager
def learning(folder_name: str, learner: "FieldLearner") -> Iterator[None]:
    """Let others find what learns in the training with this folder."""
    _learners[folder_name] = learner
    try:
        yield
    finally:
        _learners.pop(folder_name, None)
