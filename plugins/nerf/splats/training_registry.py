"""The splats that learn just now."""

from typing import TYPE_CHECKING, Final

from ..shared.trainings import Trainings
from .model.splats import Splats

if TYPE_CHECKING:
    from .training.splat_learner import SplatLearner
    from .training.splats_lesson import SplatsLesson


def _splats(learner: "SplatLearner") -> Splats:
    return learner.splats


TRAININGS: Final[Trainings["SplatsLesson", "SplatLearner", Splats]] = Trainings(_splats)
