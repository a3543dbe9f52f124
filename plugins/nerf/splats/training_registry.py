"""The splats that learn just now, so that a panel can draw them between two steps, and what they came to.

Trainings and panels meet on the Worker only, so there is always one thread here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..field.training_registry import PREFIX
from ..shared.camera.viewpoint import extent_of
from ..shared.state import SceneFacts
from .model.splats import Splats

if TYPE_CHECKING:
    from .training.splat_learner import SplatLearner
    from .training.splats_lesson import SplatsLesson

MAX_RESTED: Final = 2
"""So many scenes are kept that nobody has asked for since their training rests."""


@dataclass(frozen=True, eq=False)
class LiveSplats:
    """What learns just now.

    Attributes:
        lesson: the photos, and from where the scene is seen at first.
        learner: its splats change with every step.
        facts: where the scene lies.
    """

    lesson: "SplatsLesson"
    learner: "SplatLearner"
    facts: SceneFacts


_live: dict[str, LiveSplats] = {}
_rested: dict[str, tuple[Splats, SceneFacts]] = {}


def live_splats(training_id: str) -> LiveSplats | None:
    """What learns in a training, by its id or that of its run; None before its first step and after its last."""
    return _live.get(training_id.removeprefix(PREFIX))


def take_rested(training_id: str) -> tuple[Splats, SceneFacts] | None:
    """What a training had learnt when it came to rest; handed out once, None where there is nothing new."""
    return _rested.pop(training_id, None)


@contextmanager
def learning(folder_name: str, lesson: "SplatsLesson", learner: "SplatLearner") -> Iterator[None]:
    """Let others find what learns in the training with this folder, and afterwards what it has learnt."""
    facts = SceneFacts(extent_of(*lesson.box), lesson.scene.camera)
    _live[folder_name] = LiveSplats(lesson, learner, facts)
    try:
        yield
    finally:
        _live.pop(folder_name, None)
        _rested[folder_name] = learner.splats, facts
        while len(_rested) > MAX_RESTED:
            _rested.pop(next(iter(_rested)))
