"""Splats that learn, as what `studio.compute.training_loop` follows: steps and state."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from studio.api.training import DivergedError, TrainStep
from studio.core.error import UserError
from studio.core.param import changed_params, param
from studio.core.translation import N_

from ..model.splats import Splats
from .splat_learner import SplatLearner


@dataclass(frozen=True)
class SplatsSettings:
    """How splats are learnt; what is declared as a parameter may be chosen by a person."""

    n_steps: int = 6000
    n_splats: int = param(
        60_000,
        label=N_("Splats"),
        help=N_("At most how many splats the scene is made of; more show finer detail but take longer."),
        low=1000,
        high=1_000_000,
    )
    keep_best: bool = param(
        False,
        label=N_("Keep the best"),
        help=N_("Keep the splats as they were when they matched the held-out photos best."),
    )

    def chosen(self, values: Mapping[str, str], n_steps: int | None) -> Self:
        """The same with what a person chose; raises UserError where there is no such setting or value."""
        changed = changed_params(self, values)
        return changed if n_steps is None else replace(changed, n_steps=n_steps)


class SplatsTraining:
    """The training of one scene of splats.

    Attributes:
        learner: what learns. settings: how long.
        is_whole: False where it was torn away in the midst of a step.
    """

    def __init__(self, learner: SplatLearner, settings: SplatsSettings) -> None:
        self.learner = learner
        self.settings = settings
        self.is_whole = True
        self._set: Splats | None = None

    @property
    def step(self) -> int:
        """Steps done."""
        return self.learner.step_number

    @property
    def average(self) -> Splats:
        """The splats as they are now, or what `set_average` took."""
        return self.learner.splats if self._set is None else self._set

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes: the splats, two moments, and the best."""
        n_numbers = sum(array[:1].size for array in self.learner.splats.arrays().values())
        return 4 * 4 * n_numbers * self.settings.n_splats + (1 << 20)

    def run(self) -> Iterator[TrainStep]:
        """Train to the last step; may be left at any time and entered again."""
        n_steps = self.settings.n_steps
        while self.step < n_steps:
            step = self.step
            self.is_whole = False
            scalars = self.learner.step()
            self.is_whole = True
            loss = scalars.pop("loss")
            if not math.isfinite(loss):
                raise DivergedError()
            yield TrainStep(step, n_steps, 0, True, loss, scalars)

    def average_copy(self) -> dict[str, Tensor]:
        """The splats as they are now."""
        return {name: torch.from_numpy(array.copy()) for name, array in self.average.arrays().items()}

    def set_average(self, weights: Mapping[str, Tensor]) -> None:
        """Take what `average_copy` gave once."""
        self._set = Splats(**{name: tensor.numpy() for name, tensor in weights.items()})

    def state(self) -> dict[str, Any]:
        """Everything that decides the following steps."""
        state = self.learner.state()
        tensors = {name: torch.from_numpy(value) if hasattr(value, "shape") else value for name, value in state.items()}
        return {"learner": tensors, "settings": asdict(self.settings)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; raises UserError where it does not fit this scene."""
        try:
            learner = state["learner"]
            self.learner.load({key: one.numpy() if isinstance(one, Tensor) else one for key, one in learner.items()})
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UserError(
                N_("The state of the training does not match this scene."), N_("Start the training again.")
            ) from error
