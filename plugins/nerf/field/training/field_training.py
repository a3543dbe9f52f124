"""A field that learns, as what `studio.compute.training_loop` follows: steps, state, averaged weights."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.training import DivergedError, TrainStep
from studio.core.error import UserError
from studio.core.param import changed_params, param
from studio.core.translation import N_

from ..model.field import OccupancyGrid, weights_from_arrays
from ..model.weights import FieldParts
from .learner import FieldLearner

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
_CELLS: Final = "occupancy"


@dataclass(frozen=True)
class FieldSettings:
    """How a scene is learnt; what is declared as a parameter may be chosen by a person."""

    n_steps: int = 10_000
    learning_rate: float = param(
        1e-2,
        label=N_("Learning rate"),
        help=N_("How far a step changes the field; if it is too high, the training diverges."),
        low=1e-5,
        high=1.0,
    )
    n_samples: int = param(
        24_576,
        label=N_("Points per step"),
        help=N_("How many points of the scene each step looks at; more make it steadier but slower."),
        low=1024,
        high=262_144,
    )
    keep_best: bool = param(
        False,
        label=N_("Keep the best"),
        help=N_("Keep the field as it was when it matched the held-out photos best, instead of as it is at the end."),
    )

    def chosen(self, values: Mapping[str, str], n_steps: int | None) -> Self:
        """The same with what a person chose; raises UserError where there is no such setting or value."""
        changed = changed_params(self, values)
        return changed if n_steps is None else replace(changed, n_steps=n_steps)


class FieldTraining:
    """The training of one field.

    Attributes:
        learner: what learns. settings: how long.
        is_whole: False where it was torn away in the midst of a step.
    """

    def __init__(self, learner: FieldLearner, settings: FieldSettings) -> None:
        self.learner = learner
        self.settings = settings
        self.is_whole = True
        self._set: FieldParts | None = None

    @property
    def step(self) -> int:
        """Steps done."""
        return self.learner.step_number

    @property
    def average(self) -> FieldParts:
        """The averaged field as it is now, or what `set_average` took."""
        if self._set is not None:
            return self._set
        return FieldParts(self.learner.config, self.learner.weights(), self.learner.occupancy)

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes: the table, its average, the best, and two moments."""
        config = self.learner.config
        return 4 * 5 * config.levels.n_rows * config.n_features + (16 << 20)

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

    def average_copy(self) -> dict[str, Tensor]:
        """The averaged field as it is now."""
        parts = self.average
        arrays: Arrays = {**parts.weights.arrays(), _CELLS: parts.occupancy.cells}
        return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}

    def set_average(self, weights: Mapping[str, Tensor]) -> None:
        """Take what `average_copy` gave once."""
        arrays = {name: tensor.numpy() for name, tensor in weights.items()}
        cells, grid = arrays.pop(_CELLS), self.learner.occupancy
        config = self.learner.config
        self._set = FieldParts(config, weights_from_arrays(arrays, config), OccupancyGrid(cells, grid.low, grid.high))

    def state(self) -> dict[str, Any]:
        """Everything that decides the following steps."""
        return {"learner": _as_tensors(self.learner.state()), "settings": asdict(self.settings)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; raises UserError where it does not fit this scene."""
        try:
            if state["settings"]["n_samples"] != self.settings.n_samples:
                raise UserError(
                    N_("This training was started with a different number of points per step."),
                    N_("Start it again, or use its settings."),
                )
            self.learner.load(_as_arrays(state["learner"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UserError(
                N_("The state of the training does not match this scene."), N_("Start the training again.")
            ) from error


def _as_tensors(value: Any) -> Any:
    """The same with tensors for arrays, which a checkpoint can hold."""
    if isinstance(value, Mapping):
        return {name: _as_tensors(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_tensors(one) for one in value]
    if isinstance(value, np.generic):
        return value.item()
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def _as_arrays(value: Any) -> Any:
    """The same with arrays for tensors."""
    if isinstance(value, Mapping):
        return {name: _as_arrays(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_arrays(one) for one in value]
    return value.numpy() if isinstance(value, Tensor) else value
