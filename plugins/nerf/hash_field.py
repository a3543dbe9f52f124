"""A hash-grid field that is looked at: Instant-NGP's encoding and networks, compiled for the processor."""

from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .config import FieldConfig
from .field import FieldWeights, OccupancyGrid
from .field_block import PackedField, Work, block_colour, block_density, pack_field, work_blocks
from .march import step_of
from .small_networks import BLOCK, LANES, exponential
from .spherical_harmonics import harmonics

FloatArray = npt.NDArray[np.float32]

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
        out = np.empty(len(positions), np.float32)
        nothing = np.empty((0, 3), np.float32)
        query(self.packed, np.ascontiguousarray(positions, np.float32), nothing, out, nothing)
        return out

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""
        density, colour = np.empty(len(positions), np.float32), np.empty((len(positions), 3), np.float32)
        places, ways = (np.ascontiguousarray(given, np.float32) for given in (positions, directions))
        query(self.packed, places, ways, density, colour)
        return density, colour


@kernel(parallel=True, fast_math=True)
def query(
    field: PackedField, positions: FloatArray, directions: FloatArray, density: FloatArray, colour: FloatArray
) -> None:
    """Density (N,) at positions (N, 3), and colour (N, 3) along directions (N, 3) unless these are empty."""
    n_points = len(positions)
    n_blocks = (n_points + BLOCK - 1) // BLOCK
    n_chunks = min(n_blocks, 64)
    for chunk in numba.prange(n_chunks):
        work = work_blocks(field)
        for block in range(chunk * n_blocks // n_chunks, (chunk + 1) * n_blocks // n_chunks):
            first, last = block * BLOCK, min(block * BLOCK + BLOCK, n_points)
            _query_block(
                field, work, positions[first:last], directions[first:last], density[first:last], colour[first:last]
            )


@kernel(fast_math=True)
def _query_block(
    field: PackedField,
    work: Work,
    positions: FloatArray,
    directions: FloatArray,
    density: FloatArray,
    colour: FloatArray,
) -> None:
    n = len(positions)
    n_full = (n + LANES - 1) // LANES * LANES
    work.place[:] = 0
    for s in range(n):
        for axis in range(3):
            work.place[axis * BLOCK + s] = (positions[s, axis] - field.low[axis]) * field.scale[axis]
    raw = _density_of(field, work, n, n_full, density)
    if len(colour) == 0:
        return
    n_numbers = field.shape[1]
    for row in range(_U(n_numbers) * _ROW):
        work.seen[row] = raw[row]
    values = np.empty(16, np.float32)
    for s in range(n):
        harmonics(directions[s, 0], directions[s, 1], directions[s, 2], values)
        for number in range(16):
            work.seen[(n_numbers + number) * BLOCK + s] = values[number]
    block_colour(field, work, n_full)
    for s in range(n):
        for channel in range(3):
            colour[s, channel] = work.colour[channel * BLOCK + s]


@kernel(fast_math=True)
def _density_of(field: PackedField, work: Work, n: int, n_full: int, density: FloatArray) -> FloatArray:
    """Write the density of the samples of `work.place`; returns all numbers of the density network."""
    outside = np.zeros(BLOCK, np.bool_)
    for s in range(n):
        for axis in range(3):
            place = work.place[axis * BLOCK + s]
            outside[s] |= not (_F(0) <= place <= _F(1))
            work.place[axis * BLOCK + s] = min(max(place, _F(0)), _F(1))
    raw = block_density(field, work, n_full)
    value = np.empty(BLOCK, np.float32)
    value[:] = raw[:BLOCK]
    exponential(value, 0, value.view(np.int32), n_full)
    for s in range(n):
        density[s] = _F(0) if outside[s] else value[s]
    return raw
