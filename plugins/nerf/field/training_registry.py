"""The fields that learn just now, so that a panel can draw one between two of its steps, and what they came to.

Trainings and panels meet on the Worker only, so there is always one thread here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..shared.camera.viewpoint import extent_of
from ..shared.state import SceneFacts
from .model.weights import FieldParts

if TYPE_CHECKING:
    from .training.learner import FieldLearner
    from .training.scene_lesson import SceneLesson

PREFIX: Final = "training"
"""What the id of a training's run begins with; the rest is the name of its folder."""
MAX_RESTED: Final = 2
"""So many fields are kept that nobody has asked for since their training rests."""


@dataclass(frozen=True, eq=False)
class LiveLesson:
    """What learns just now.

    Attributes:
        lesson: the photos, and from where the scene is seen at first.
        facts: where the scene lies.
    """

    lesson: "SceneLesson"
    learner: "FieldLearner"
    facts: SceneFacts


_live: dict[str, LiveLesson] = {}
_rested: dict[str, tuple[FieldParts, SceneFacts]] = {}


def live_lesson(training_id: str) -> LiveLesson | None:
    """What learns in a training, by its id or that of its run; None before its first step and after its last."""
    return _live.get(training_id.removeprefix(PREFIX))


def learner_of(training_id: str) -> "FieldLearner | None":
    """The learner alone."""
    live = live_lesson(training_id)
    return None if live is None else live.learner


def take_rested(training_id: str) -> tuple[FieldParts, SceneFacts] | None:
    """What a training had learnt when it came to rest; handed out once, None where there is nothing new."""
    return _rested.pop(training_id, None)


def learnt_by_now(live: LiveLesson) -> tuple[FieldParts, SceneFacts]:
    """What a training that goes on would have learnt if it came to rest now."""
    learner = live.learner
    return FieldParts(learner.config, learner.weights(), learner.occupancy), live.facts


@contextmanager
def learning(folder_name: str, lesson: "SceneLesson", learner: "FieldLearner") -> Iterator[None]:
    """Let others find what learns in the training with this folder, and afterwards what it has learnt."""
    low, high = learner.occupancy.low, learner.occupancy.high
    facts = SceneFacts(extent_of(low, high), lesson.camera)
    live = _live[folder_name] = LiveLesson(lesson, learner, facts)
    try:
        yield
    finally:
        _live.pop(folder_name, None)
        _rested[folder_name] = learnt_by_now(live)
        while len(_rested) > MAX_RESTED:
            _rested.pop(next(iter(_rested)))
