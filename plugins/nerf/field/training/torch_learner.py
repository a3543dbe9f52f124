"""The same learning with the networks in torch, for graphics cards: rays, march, Adam and all else are shared."""

from typing import Any, NamedTuple, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.kernel import kernel

from ..model.config import FieldConfig
from ..model.field import FieldWeights
from ..model.networks import InstantNGP
from ..photos.photos import Photos
from ..render.march import Space, enter, next_sample, reach_of
from .learner import FieldLearner, LearnSettings
from .training_pass import RayBatch, ray_in_cells

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
_F = np.float32


class PackedSamples(NamedTuple):
    """Samples in occupied cells, ray by ray.

    Attributes:
        positions: float32 (N, 3), world units.
        ray: int64 (N,), to which ray each belongs.
        counts: int64 (R,), samples of each ray.
        widths: float32 (N,), of the pixels there, in world units.
    """

    positions: FloatArray
    ray: IntArray
    counts: IntArray
    widths: FloatArray


@kernel(parallel=True, fast_math=True)
def walk(
    batch: RayBatch,
    space: Space,
    first: IntArray,
    counts: IntArray,
    positions: FloatArray,
    ray_of: IntArray,
    widths: FloatArray,
) -> None:
    """Count the samples of all rays, and write them from place `first` (R,) on where `positions` has room."""
    for ray in numba.prange(len(counts)):
        origin, direction, inverses = ray_in_cells(batch, space, ray)
        t, t_out = enter(space, _F(0), origin, inverses)
        reach = reach_of(space, batch.spread[ray])
        t = next_sample(space, t + batch.shift[ray] * space.steps[0], t_out, origin, direction, inverses, reach)
        n = 0
        while t < t_out:
            if len(positions) > 0:
                for axis in range(3):
                    positions[first[ray] + n, axis] = batch.origin[ray, axis] + t * batch.direction[ray, axis]
                ray_of[first[ray] + n], widths[first[ray] + n] = ray, t * batch.spread[ray]
            n += 1
            t = next_sample(space, t + space.steps[0], t_out, origin, direction, inverses, reach)
        counts[ray] = n


def packed_samples(batch: RayBatch, space: Space) -> PackedSamples:
    """The samples of all rays of a batch."""
    n_rays = len(batch.origin)
    counts, first, none = np.zeros(n_rays, np.int64), np.zeros(n_rays, np.int64), np.zeros(0, np.int64)
    walk(batch, space, first, counts, np.zeros((0, 3), np.float32), none, np.zeros(0, np.float32))
    first[1:] = np.cumsum(counts)[:-1]
    n = int(counts.sum())
    positions, ray, widths = np.zeros((n, 3), np.float32), np.zeros(n, np.int64), np.zeros(n, np.float32)
    walk(batch, space, first, counts, positions, ray, widths)
    return PackedSamples(positions, ray, counts, widths)


class TorchLearner(FieldLearner):
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

    def _learn(self, batch: RayBatch) -> tuple[float, float, float, float]:
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

    def _colours(self, batch: RayBatch, packed: PackedSamples) -> Tensor:
        """Colours (R, 3) of all rays on their backgrounds."""
        ray, background = self._there(packed.ray), self._there(batch.background)
        seen_along, times = self._there(batch.direction)[ray], self._there(batch.time)[ray]
        density, colour = self._model(self._there(packed.positions), seen_along, times, self._there(packed.widths))
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
