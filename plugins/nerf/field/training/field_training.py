"""A field that learns, as what `studio.compute.training_loop` follows: steps, state, averaged weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.param import param
from studio.core.translation import N_

from ...shared.scene_training import SceneSettings, SceneTraining
from ..model.field import OccupancyGrid, weights_from_arrays
from ..model.lights import Lights
from ..model.weights import FieldParts
from .learner import FieldLearner

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
_CELLS: Final = "occupancy"


@dataclass(frozen=True)
class FieldSettings(SceneSettings):
    """How a scene is learnt; what is declared as a parameter may be chosen by a person."""

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
    is_mip: bool = param(
        True,
        label=N_("Seen from far away too"),
        help=N_(
            "Learns from the photos at four sizes, so that nothing flickers when you see the scene from far away. "
            "Costs a little sharpness."
        ),
    )
    keep_best: bool = param(
        False,
        label=N_("Keep the best"),
        help=N_("Keep the field as it was when it matched the held-out photos best, instead of as it is at the end."),
    )


class FieldTraining(SceneTraining[FieldLearner, FieldSettings]):
    """The training of one field."""

    def __init__(self, learner: FieldLearner, settings: FieldSettings) -> None:
        super().__init__(learner, settings)
        self._set: FieldParts | None = None

    @property
    def average(self) -> FieldParts:
        """The averaged field as it is now, or what `set_average` took."""
        if self._set is not None:
            return self._set
        return self.learner.parts()

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes: the table, its average, the best, and two moments."""
        config = self.learner.config
        return 4 * 5 * config.levels.n_rows * config.n_features + (16 << 20)

    def average_copy(self) -> dict[str, Tensor]:
        """The averaged field as it is now."""
        parts = self.average
        lights = {} if parts.lights is None else parts.lights.arrays()
        arrays: Arrays = {**parts.weights.arrays(), **lights, _CELLS: parts.occupancy.cells}
        return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}

    def set_average(self, weights: Mapping[str, Tensor]) -> None:
        """Take what `average_copy` gave once."""
        arrays = {name: tensor.numpy() for name, tensor in weights.items()}
        cells, grid = arrays.pop(_CELLS), self.learner.occupancy
        parts, lights = self.learner.parts(), None
        if parts.lights is not None:
            lights = Lights(parts.lights.names, *(arrays[name] for name in parts.lights.arrays()))
        weights_then = weights_from_arrays(arrays, parts.config)
        occupancy = OccupancyGrid(cells, grid.low, grid.high)
        self._set = replace(parts, weights=weights_then, occupancy=occupancy, lights=lights)

    def state(self) -> dict[str, Any]:
        """Everything that decides the following steps."""
        return {"learner": _as_tensors(self.learner.state()), "settings": asdict(self.settings)}

    def _load(self, state: Mapping[str, Any]) -> None:
        if state["settings"].get("is_mip", False) != self.settings.is_mip:
            raise ValueError("other sizes of the photos")
        if state["settings"]["n_samples"] != self.settings.n_samples:
            raise UserError(
                N_("This training was started with a different number of points per step."),
                N_("Start it again, or use its settings."),
            )
        self.learner.load(_as_arrays(state["learner"]))


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
