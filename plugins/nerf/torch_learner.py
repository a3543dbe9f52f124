"""The same learning with the networks in torch, for graphics cards: rays, march, Adam and all else are shared."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .config import FieldConfig
from .field import FieldWeights
from .learner import Learner, LearnSettings
from .model import InstantNGP
from .photos import Photos
from .training_march import Packed, packed_samples
from .training_pass import Batch


class TorchLearner(Learner):
    """A field that learns on a device of torch.

    Each step asks the plain reference network at all samples that the march finds, and takes gradients by torch's
    automatic differentiation. Sums on a graphics card come in any order, so there two runs differ in their last bits.
    """

    def __init__(
        self, config: FieldConfig, photos: Photos, settings: LearnSettings, seed: int, device: torch.device
    ) -> None:
        """As `Learner`; the networks are asked on `device`."""
        super().__init__(config, photos, settings, seed)
        self._device = device
        self._model = InstantNGP(config).to(device)

    def _learn(self, batch: Batch) -> tuple[float, float, float, float]:
        packed = packed_samples(batch, self.space)
        self._take_numbers()
        errors = self._colours(batch, packed) - self._there(batch.target)
        squares = (errors**2).sum()
        self._model.zero_grad()
        (squares / 2).backward()
        self._give_gradients()
        n_rays, n_met = len(packed.counts), int((packed.counts > 0).sum())
        return float(squares.detach()), float(n_rays), float(n_met), float(len(packed.ray))

    def _there(self, array: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _colours(self, batch: Batch, packed: Packed) -> Tensor:
        """Colours (R, 3) of all rays on their backgrounds."""
        ray, background = self._there(packed.ray), self._there(batch.background)
        density, colour = self._model(self._there(packed.positions), self._there(batch.direction)[ray])
        thickness = density.double() * self.step_length
        until = thickness.cumsum(0)
        ends = self._there(np.cumsum(packed.counts))
        sums = torch.cat([until.new_zeros(1), until])
        before = until - thickness - sums[torch.cat([ends.new_zeros(1), ends[:-1]])][ray]
        weights = ((-before).exp() * -torch.expm1(-thickness)).to(colour.dtype)
        seen = torch.zeros_like(background).index_add(0, ray, weights[:, None] * colour)
        opacity = torch.zeros_like(background[:, 0]).index_add(0, ray, weights)
        return seen + (1 - opacity)[:, None] * background

    def _take_numbers(self) -> None:
        """Let the model have the numbers of this moment."""
        matrices, n_density = self._layout.matrices(self._weights), self._layout.n_density_layers
        weights = FieldWeights(self._grid, matrices[:n_density], matrices[n_density:], self._no_bias())
        with torch.no_grad():
            for parameter, array in zip(self._parameters(), _arrays(weights), strict=True):
                parameter.copy_(torch.from_numpy(array))

    def _give_gradients(self) -> None:
        """Fetch the gradients of the table and of the matrices."""
        grid, *matrices = (_gradient(parameter) for parameter in self._parameters())
        n_density = self._layout.n_density_layers
        self._gradient[...] = grid
        found = FieldWeights(grid, tuple(matrices[:n_density]), tuple(matrices[n_density:]), self._no_bias())
        self._weight_gradient[:] = self._layout.packed(found)

    def _parameters(self) -> list[torch.nn.Parameter]:
        model = self._model
        return [model.grid.table, *model.density_layers, *model.colour_layers]


def _arrays(weights: FieldWeights) -> list[Any]:
    return [weights.grid, *weights.density, *weights.colour]


def _gradient(parameter: torch.nn.Parameter) -> Any:
    assert parameter.grad is not None
    return parameter.grad.cpu().numpy()
