"""The places along one ray at which the original NeRF looks: evenly spaced, then again where that saw something.

Mildenhall et al. 2020 (arXiv 2003.08934), section 5.2, without random moves of the samples. Any field can be looked
at in this way; an original NeRF has a coarse network of its own that says where the fine one looks.
"""

from functools import partial
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from ..bake.lattice import is_occupied
from ..model.config import RaySampling
from ..model.field import FloatArray, OccupancyGrid, RadianceField
from .ray_samples import RaySamples, weights_along

Doubles: TypeAlias = npt.NDArray[np.float64]
USUAL: Final = RaySampling()
LITTLE: Final = 1e-5
"""Added to each weight, as in the paper's program, so that no ray is without hope."""
ENDLESS: Final = 1e10
"""The length of the last step, as in the paper's program."""


@runtime_checkable
class TwoStageField(RadianceField, Protocol):
    """A field that was learnt to be looked at in this way.

    Attributes:
        sampling: how many places its author looks at.
    """

    sampling: RaySampling

    def coarse_density(self, positions: FloatArray) -> FloatArray:
        """What the coarse network says of positions (N, 3): density per world unit (N,)."""

    def interval(self, origin: FloatArray) -> tuple[float, float]:
        """Where rays from a point (3,) begin and end."""


def coarse_and_fine(field: RadianceField, origin: FloatArray, direction: FloatArray, near: float = 0.0) -> RaySamples:
    """Look along the ray from `origin` (3,) along the unit `direction` (3,) as the original NeRF does."""
    two_stage = field if isinstance(field, TwoStageField) else None
    first, last = two_stage.interval(origin) if two_stage else through_box(field.occupancy, origin, direction)
    first = max(first, near)
    if last <= first:
        return RaySamples.nothing()
    sampling, end = (two_stage.sampling, ENDLESS) if two_stage else (USUAL, (last - first) / USUAL.n_coarse)
    even = np.linspace(first, last, sampling.n_coarse)
    guess = two_stage.coarse_density if two_stage else partial(_density_of, field)
    coarse = weights_along(guess(_along(origin, direction, even)), steps_of(even, end))
    more = resampled((even[1:] + even[:-1]) / 2, coarse[1:-1], sampling.n_fine)
    t = np.concatenate([even, more])
    order = np.argsort(t, kind="stable")
    positions = _along(origin, direction, t[order])
    ways = np.tile(np.asarray(direction, np.float32), (len(t), 1))
    density, colour = field.density_colour(positions, ways)
    if not two_stage:
        density = np.where(is_occupied(field.occupancy, positions), density, np.float32(0))
    weight = weights_along(density, steps_of(t[order], end))
    is_coarse = order < sampling.n_coarse
    return RaySamples(np.asarray(t[order], np.float32), density, weight, colour, positions, is_coarse, coarse)


def _density_of(field: RadianceField, positions: FloatArray) -> FloatArray:
    """As it is drawn: nothing where the grid says that there is nothing."""
    return np.where(is_occupied(field.occupancy, positions), field.density(positions), np.float32(0))


def through_box(occupancy: OccupancyGrid, origin: FloatArray, direction: FloatArray) -> tuple[float, float]:
    """The distances at which a ray enters and leaves a field's largest box; the second is smaller where it misses."""
    middle, half = (occupancy.low + occupancy.high) / 2, (occupancy.high - occupancy.low) / 2
    half = half.astype(np.float64) * 2 ** (occupancy.n_cascades - 1)
    slope = np.where(np.abs(direction) < 1e-12, 1e-12, direction).astype(np.float64)
    ends = (np.stack([middle - half, middle + half]) - origin) / slope
    return max(float(ends.min(0).max()), 0.0), float(ends.max(0).min())


def resampled(edges: Doubles, weights: npt.NDArray[np.floating[Any]], n_samples: int) -> FloatArray:
    """Distances (n_samples,) that lie close where the weights (S,) between the edges (S + 1,) are large.

    They are at evenly spaced places of the distribution function, which is linear between the edges.
    """
    share = weights + LITTLE
    distribution = np.concatenate([[0.0], np.cumsum(share / share.sum())])
    return np.asarray(np.interp(np.linspace(0, 1, n_samples), distribution, edges), np.float32)


def steps_of(t: Doubles, end: float) -> Doubles:
    """The length (S,) that each of the distances (S,) stands for: up to the next one, `end` for the last."""
    return np.append(np.diff(t), end)


def _along(origin: FloatArray, direction: FloatArray, t: Doubles) -> FloatArray:
    return np.asarray(origin + np.asarray(t, np.float32)[:, None] * direction, np.float32)
