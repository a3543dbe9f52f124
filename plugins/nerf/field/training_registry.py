"""The fields that learn just now."""

from typing import TYPE_CHECKING, Final

from ..shared.trainings import Trainings
from .model.weights import FieldParts

if TYPE_CHECKING:
    from .training.learner import FieldLearner
    from .training.scene_lesson import SceneLesson


def _parts(learner: "FieldLearner") -> FieldParts:
    return learner.parts()


TRAININGS: Final[Trainings["SceneLesson", "FieldLearner", FieldParts]] = Trainings(_parts)
