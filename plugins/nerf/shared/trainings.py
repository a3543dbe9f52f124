"""The scenes that learn just now, so that a panel can draw one between two of its steps, and what they came to.

Trainings and panels meet on the Worker only, so there is always one thread here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from .state import SceneFacts

LessonT = TypeVar("LessonT")
LearnerT = TypeVar("LearnerT")
LearntT = TypeVar("LearntT")

PREFIX: Final = "training"
"""What the id of a training's run begins with; the rest is the name of its folder."""
MAX_RESTED: Final = 2
"""So many scenes are kept that nobody has asked for since their training rests."""


@dataclass(frozen=True, eq=False)
class LiveTraining(Generic[LessonT, LearnerT]):
    """What learns just now.

    Attributes:
        lesson: the photos, and from where the scene is seen at first.
        learner: what it has learnt changes with every step.
        facts: where the scene lies.
    """

    lesson: LessonT
    learner: LearnerT
    facts: SceneFacts


class Trainings(Generic[LessonT, LearnerT, LearntT]):
    """The trainings of one kind of scene."""

    def __init__(self, learnt: Callable[[LearnerT], LearntT]) -> None:
        """`learnt` says what a learner has come to."""
        self._learnt = learnt
        self._live: dict[str, LiveTraining[LessonT, LearnerT]] = {}
        self._rested: dict[str, tuple[LearntT, SceneFacts]] = {}

    def live(self, training_id: str) -> LiveTraining[LessonT, LearnerT] | None:
        """What learns in a training, by its id or that of its run; None before its first step and after its last."""
        return self._live.get(training_id.removeprefix(PREFIX))

    def learner(self, training_id: str) -> LearnerT | None:
        """The learner alone."""
        live = self.live(training_id)
        return None if live is None else live.learner

    def by_now(self, live: LiveTraining[LessonT, LearnerT]) -> tuple[LearntT, SceneFacts]:
        """What a training that goes on would have learnt if it came to rest now."""
        return self._learnt(live.learner), live.facts

    def take_rested(self, training_id: str) -> tuple[LearntT, SceneFacts] | None:
        """What a training had learnt when it came to rest; handed out once, None where there is nothing new."""
        return self._rested.pop(training_id, None)

    @contextmanager
    def learning(self, folder_name: str, lesson: LessonT, learner: LearnerT, facts: SceneFacts) -> Iterator[None]:
        """Let others find what learns in the training with this folder, and afterwards what it has learnt."""
        live = self._live[folder_name] = LiveTraining(lesson, learner, facts)
        try:
            yield
        finally:
            self._live.pop(folder_name, None)
            self._rested[folder_name] = self.by_now(live)
            while len(self._rested) > MAX_RESTED:
                self._rested.pop(next(iter(self._rested)))
