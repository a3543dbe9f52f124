"""Splats that learn, as what `studio.compute.training_loop` follows: steps and state."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from studio.core.param import param
from studio.core.translation import N_

from ...shared.scene_training import SceneSettings, SceneTraining
from ..model.splats import Splats
from .splat_learner import SplatLearner


def n_splats_param() -> Any:
    """The parameter that bounds how many splats a scene gets."""
    return param(
        60_000,
        label=N_("Splats"),
        help=N_("At most how many splats the scene is made of; more show finer detail but take longer."),
        low=1000,
        high=1_000_000,
    )


@dataclass(frozen=True)
class SplatsSettings(SceneSettings):
    """How splats are learnt; what is declared as a parameter may be chosen by a person."""

    n_steps: int = 6000
    n_splats: int = n_splats_param()
    keep_best: bool = param(
        False,
        label=N_("Keep the best"),
        help=N_("Keep the splats as they were when they matched the held-out photos best."),
    )


class SplatsTraining(SceneTraining[SplatLearner, SplatsSettings]):
    """The training of one scene of splats."""

    def __init__(self, learner: SplatLearner, settings: SplatsSettings) -> None:
        super().__init__(learner, settings)
        self._set: Splats | None = None

    @property
    def average(self) -> Splats:
        """The splats as they are now, or what `set_average` took."""
        return self.learner.splats if self._set is None else self._set

    @property
    def n_bytes(self) -> int:
        """About how much room its saved state takes: the splats, two moments, and the best."""
        n_numbers = sum(array[:1].size for array in self.learner.splats.arrays().values())
        return 4 * 4 * n_numbers * self.settings.n_splats + (1 << 20)

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

    def _load(self, state: Mapping[str, Any]) -> None:
        learner = state["learner"]
        self.learner.load({key: one.numpy() if isinstance(one, Tensor) else one for key, one in learner.items()})
