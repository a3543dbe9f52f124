"""Whatever learns a scene, as what `studio.compute.training_loop` follows: its steps and its state."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar

from studio.api.training import DivergedError, TrainStep
from studio.core.error import UserError
from studio.core.param import changed_params
from studio.core.translation import N_


@dataclass(frozen=True)
class SceneSettings:
    """How a scene is learnt; what a kind declares as a parameter may be chosen by a person."""

    n_steps: int = 10_000

    def chosen(self, values: Mapping[str, str], n_steps: int | None) -> Self:
        """The same with what a person chose; raises UserError where there is no such setting or value."""
        changed = changed_params(self, values)
        return changed if n_steps is None else replace(changed, n_steps=n_steps)


class SceneLearner(Protocol):
    """What learns.

    Attributes:
        step_number: steps done.
        seconds: that these took.
    """

    step_number: int
    seconds: float

    def step(self) -> dict[str, float]:
        """Learn a little; returns the loss, by that name, and other figures."""


LearnerT = TypeVar("LearnerT", bound=SceneLearner)
SettingsT = TypeVar("SettingsT", bound=SceneSettings)


class SceneTraining(ABC, Generic[LearnerT, SettingsT]):
    """The training of one scene.

    Attributes:
        learner: what learns. settings: how long.
        is_whole: False where it was torn away in the midst of a step.
    """

    def __init__(self, learner: LearnerT, settings: SettingsT) -> None:
        self.learner = learner
        self.settings = settings
        self.is_whole = True

    @property
    def step(self) -> int:
        """Steps done."""
        return self.learner.step_number

    def run(self) -> Iterator[TrainStep]:
        """Train to the last step; may be left at any time and entered again."""
        n_steps = self.settings.n_steps
        while self.step < n_steps:
            step = self.step
            self.is_whole = False
            scalars = {name: float(value) for name, value in self.learner.step().items()}
            self.is_whole = True
            loss = scalars.pop("loss")
            if not math.isfinite(loss):
                raise DivergedError()
            yield TrainStep(step, n_steps, 0, True, loss, scalars)

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; raises UserError where it does not fit this scene."""
        try:
            self._load(state)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UserError(
                N_("The state of the training does not match this scene."), N_("Start the training again.")
            ) from error

    @abstractmethod
    def _load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
