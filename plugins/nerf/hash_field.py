"""A hash-grid field that is looked at: Instant-NGP's encoding and networks, compiled for the processor."""

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .config import FieldConfig
from .field import FieldWeights, OccupancyGrid
from .field_block import PackedField, Work, block_colour, block_density, pack_field, work_blocks
from .march import step_of
from .small_networks import BLOCK, LANES, exponential
from .spherical_harmonics import harmonics
from .threads import share

FloatArray = npt.NDArray[np.float32]

N_TOGETHER: Final = 64 * BLOCK
"""Points that a thread takes at once."""

_F = np.float32
_U = np.uint64
_ROW = np.uint64(BLOCK)


class HashField:
    """A trained hash grid with its networks.

    Attributes:
        config, weights: its shape and its numbers.
        occupancy: where it may hold something.
        step: world units from one sample of a ray to the next.
    """

    def __init__(
        self, config: FieldConfig, weights: FieldWeights, occupancy: OccupancyGrid, step: float | None = None
    ) -> None:
        """Take over arrays without copying them; `step` None is the usual one of training."""
        weights.check(config)
        self.config = config
        self.weights = weights
        self.occupancy = occupancy
        self.step = step_of(occupancy) if step is None else step

    @cached_property
    def packed(self) -> PackedField:
        """The numbers in the order in which kernels read them."""
        return pack_field(self.config, self.weights)

    def density(self, positions: FloatArray) -> FloatArray:
        """Density per world unit (N,) at positions (N, 3) in world units; 0 outside the box."""
        nothing = np.empty((0, 3), np.float32)
        return self._query(positions, nothing, nothing)

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""
        colour = np.empty((len(positions), 3), np.float32)
        return self._query(positions, directions, colour), colour

    def _query(self, positions: FloatArray, directions: FloatArray, colour: FloatArray) -> FloatArray:
        """The density; colours are written, unless there are no directions."""
        density = np.empty(len(positions), np.float32)
        places, ways = (np.ascontiguousarray(given, np.float32) for given in (positions, directions))

        def part(first: int, last: int) -> None:
            span = slice(first, last)
            query(self.packed, places[span], ways[span], density[span], colour[span])

        share(part, len(places), N_TOGETHER)
        return density


@kernel(fast_math=True)
def query(
    field: PackedField, positions: FloatArray, directions: FloatArray, density: FloatArray, colour: FloatArray
) -> None:
    """Density (N,) at positions (N, 3), and colour (N, 3) along directions (N, 3) unless these are empty."""
    work, n_numbers = work_blocks(field), _U(field.shape[1])
    value, is_outside, harmonic = np.zeros(BLOCK, np.float32), np.zeros(BLOCK, np.bool_), np.empty(16, np.float32)
    for first in range(0, len(positions), BLOCK):
        n = min(BLOCK, len(positions) - first)
        n_full = (n + LANES - 1) // LANES * LANES
        for s in range(n):
            is_outside[s] = _put_place(field, positions[first + s], work, s)
        raw = block_density(field, work, n_full)
        for s in range(_U(n_full)):
            value[s] = raw[s]
        exponential(value, value.view(np.int32), n_full)
        for s in range(n):
            density[first + s] = _F(0) if is_outside[s] else value[s]
        if len(colour) == 0:
            continue
        for s in range(n_numbers * _ROW):
            work.seen[s] = raw[s]
        for s in range(n):
            way = directions[first + s]
            harmonics(way[0], way[1], way[2], harmonic)
            for number in range(16):
                work.seen[(n_numbers + _U(number)) * _ROW + _U(s)] = harmonic[number]
        block_colour(field, work, n_full)
        for s in range(n):
            for channel in range(3):
                colour[first + s, channel] = work.colour[channel * BLOCK + s]


@kernel(fast_math=True, is_inner=True)
def _put_place(field: PackedField, position: FloatArray, work: Work, s: int) -> bool:
    """Write a world point (3,) to where the grid is asked for it, held to the box; returns whether it lies outside."""
    is_outside = False
    for axis in range(3):
        place = (position[axis] - field.low[axis]) * field.scale[axis]
        is_outside |= not (_F(0) <= place <= _F(1))
        work.place[axis * BLOCK + s] = min(max(place, _F(0)), _F(1))
    return is_outside
