"""A hash-grid field that is looked at: encoding and networks compiled for the processor, a block at a time."""

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share
from ..model.config import FieldConfig
from ..model.field import FieldWeights, OccupancyGrid, at_moment
from ..model.footprint import ALL, fineness, kept_share
from .march import step_of
from .small_networks import BLOCK, LANES, PackedNetwork, exponential, harmonics, pack, run, widest

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_F = np.float32
_U = np.uint64
_W = np.uint32
_ROW = np.uint64(BLOCK)
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)
_ALL = np.float32(ALL)
_kept_share = kernel(fast_math=True, is_inner=True)(kept_share)
_PRIME_Y, _PRIME_Z = np.uint32(2654435761), np.uint32(805459861)
N_TOGETHER: Final = 64 * BLOCK
"""Points that a thread takes at once."""


class PackedField(NamedTuple):
    """A field as kernels read it.

    Attributes:
        grid: float32, the table; an even number of features for each row.
        scales: float32 (L, 2), see `FieldConfig.scales`.
        levels: int64 (L, 3): first row, rows, grid points per axis (0 where they are hashed).
        density_..., colour_...: the networks (`Network`; numba takes no nested tuples into a parallel loop).
        shape: int64 (5,): features of a row, numbers that the density network gives, whether the interpolation is
            smooth, whether colours are HDR, rows of the work blocks.
        low, scale: float32 (3,): a world point lies at (x - low) * scale of the box.
        fineness: of the spots that are asked about one by one (`footprint.py`).
    """

    grid: FloatArray
    scales: FloatArray
    levels: IntArray
    density_weights: FloatArray
    density_biases: FloatArray
    density_layers: IntArray
    colour_weights: FloatArray
    colour_biases: FloatArray
    colour_layers: IntArray
    shape: IntArray
    low: FloatArray
    scale: FloatArray
    fineness: np.float32


class BlockWork(NamedTuple):
    """Blocks that hold a field's samples on their way; rows of BLOCK samples, flat.

    Attributes:
        place: 4 rows, in 0..1 of the box, and the fineness of the spot. encoded: what the grid gives.
        first, second: layers of the networks.
        seen: what the colour network gets: the density network's numbers, then the harmonics of the direction.
        colour: 3 rows, sRGB.
        rows, weights: uint32 and float32, 8 rows: which rows of the table a level needs, and how much of each.
    """

    place: FloatArray
    encoded: FloatArray
    first: FloatArray
    second: FloatArray
    seen: FloatArray
    colour: FloatArray
    rows: npt.NDArray[np.uint32]
    weights: FloatArray


def pack_field(config: FieldConfig, weights: FieldWeights, width: float = 0.0) -> PackedField:
    """Bring weights into the order in which kernels read them; `width` is that of the spots that are asked about."""
    levels, n_features = config.levels, config.n_features
    grid, first = np.ascontiguousarray(weights.grid, np.float32), weights.density[0]
    if n_features % 2:  # kernels take features in pairs
        grid = np.concatenate([grid, np.zeros((len(grid), 1), np.float32)], axis=1)
        n = len(levels.scale) * n_features
        columns = first[:, :n].reshape(len(first), len(levels.scale), n_features)
        wider = np.concatenate([columns, np.zeros_like(columns[..., :1])], axis=-1).reshape(len(first), -1)
        first = np.concatenate([wider, first[:, n:]], axis=1)
        n_features += 1
    density = pack((first, *weights.density[1:]))
    colour = pack(weights.colour, weights.colour_bias)
    resolution = np.where(levels.is_dense, levels.resolution, 0)
    shape = (n_features, config.n_geometry, config.interpolation == "smooth", config.colour_range == "hdr")
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    return PackedField(
        np.ascontiguousarray(grid).reshape(-1),
        config.scales,
        np.stack([levels.first, levels.n_entries, resolution], axis=1).astype(np.int64),
        *density,
        *colour,
        np.array([*shape, widest(density, colour)], np.int64),
        low,
        np.float32(1) / (high - low),
        np.float32(fineness(width)),
    )


@kernel()
def work_blocks(field: PackedField) -> BlockWork:
    """Blocks for a thread to work in; rows that only pad a network's input stay 0."""
    rows = field.shape[4]
    return BlockWork(
        np.zeros(4 * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(3 * BLOCK, np.float32),
        np.zeros(8 * BLOCK, np.uint32),
        np.zeros(8 * BLOCK, np.float32),
    )


@kernel(fast_math=True)
def block_density(field: PackedField, work: BlockWork, n: int) -> FloatArray:
    """Numbers of the density network for n samples (a multiple of LANES) of `work.place`, rows of BLOCK.

    The first row is the logarithm of the density; all of them go on to the colour network.
    """
    encode_block(field, work, n)
    network = PackedNetwork(field.density_weights, field.density_biases, field.density_layers)
    return run(network, work.encoded, work.first, work.second, n)


@kernel(fast_math=True, is_inner=True)
def block_colour(field: PackedField, work: BlockWork, n: int) -> None:
    """Write `work.colour` for n samples (a multiple of LANES) of `work.seen`."""
    network = PackedNetwork(field.colour_weights, field.colour_biases, field.colour_layers)
    raw = run(network, work.seen, work.first, work.second, n)
    is_hdr = field.shape[3] != 0
    for s in range(_U(3 * BLOCK)):
        work.colour[s] = min(max(raw[s], _F(-10)), _F(10)) if is_hdr else -raw[s]
    bits = work.colour.view(np.int32)
    exponential(work.colour, bits, n)
    if not is_hdr:
        for s in range(_U(3 * BLOCK)):
            work.colour[s] = _F(1) / (_F(1) + work.colour[s])


@kernel(fast_math=True)
def encode_block(field: PackedField, work: BlockWork, n: int) -> None:
    """Write `work.encoded` for n samples (a multiple of LANES) of `work.place`, level by level."""
    n_features = field.shape[0]
    for level in range(field.scales.shape[0]):
        _find_corners(field, level, work, n)
        for feature in range(0, n_features, 2):
            _gather(field.grid, _U(n_features), _U(feature), work, _U(level * n_features + feature), n)
    if field.scales[0, 1] > 0:
        _find_lost(field.scales, work, _U(field.scales.shape[0] * n_features), n)


@kernel(fast_math=True, is_inner=True)
def _find_lost(scales: FloatArray, work: BlockWork, row: np.uint64, n: int) -> None:
    """Write into a row of `encoded` what share of all levels' features n spots lose."""
    start, part = row * _ROW, _F(1) / _F(scales.shape[0])
    for s in range(_U(n)):
        work.encoded[start + s] = _F(1)
    for level in range(scales.shape[0]):
        for s in range(_U(n)):
            kept = _kept_share(min(work.place[_THREE * _ROW + s] * scales[level, 1], _ALL))
            work.encoded[start + s] -= part * kept


@kernel(fast_math=True, is_inner=True)
def _find_corners(field: PackedField, level: int, work: BlockWork, n: int) -> None:
    """Write the table rows and the trilinear weights of the 8 grid points round each of n samples, at one level."""
    place, rows, weights = work.place, work.rows, work.weights
    scale, half, one, three, two = field.scales[level, 0], _F(0.5), _F(1), _F(3), _F(2)
    first, n_rows = _W(field.levels[level, 0]), _W(field.levels[level, 1])
    is_smooth, is_dense = field.shape[2] != 0, field.levels[level, 2] != 0
    mask, width = _W(n_rows - _W(1)), _W(field.levels[level, 2])
    step_y, step_z = (width, _W(width * width)) if is_dense else (_PRIME_Y, _PRIME_Z)
    for s in range(_U(n)):
        x, y, z = place[s] * scale + half, place[_ROW + s] * scale + half, place[_TWO * _ROW + s] * scale + half
        i, j, k = np.int32(x), np.int32(y), np.int32(z)  # none is below 0
        x, y, z = x - _F(i), y - _F(j), z - _F(k)
        if is_smooth:
            x, y, z = x * x * (three - two * x), y * y * (three - two * y), z * z * (three - two * z)
        a0, b0, c0 = _W(i), _W(_W(j) * step_y), _W(_W(k) * step_z)
        a1, b1, c1 = _W(a0 + _W(1)), _W(b0 + step_y), _W(c0 + step_z)
        for corner in range(_U(4)):
            b, v = (b1, y) if corner & _ONE else (b0, one - y)
            c, w = (c1, z) if corner & _TWO else (c0, one - z)
            if is_dense:
                p, q = _W(a0 + b + c), _W(a1 + b + c)
                p, q = (_W(p - n_rows) if p >= n_rows else p), (_W(q - n_rows) if q >= n_rows else q)
            else:
                p, q = _W((a0 ^ b ^ c) & mask), _W((a1 ^ b ^ c) & mask)
            at = _TWO * corner * _ROW + s
            rows[at], rows[at + _ROW] = _W(first + p), _W(first + q)
            weights[at], weights[at + _ROW] = (one - x) * (v * w), x * (v * w)
    if field.scales[level, 1] > 0:
        _damp(field.scales[level, 1], place, weights, n)


@kernel(fast_math=True, is_inner=True)
def _damp(width: np.float32, place: FloatArray, weights: FloatArray, n: int) -> None:
    """Take from a level's weights what n spots average away of cells so wide."""
    for s in range(_U(n)):
        kept = _kept_share(min(place[_THREE * _ROW + s] * width, _ALL))
        for corner in range(_U(8)):
            weights[corner * _ROW + s] *= kept


@kernel(fast_math=True, is_inner=True)
def _gather(grid: FloatArray, width: np.uint64, feature: np.uint64, work: BlockWork, row: np.uint64, n: int) -> None:
    """Two features of one level for n samples, into two rows of `encoded`."""
    rows, weights, encoded = work.rows, work.weights, work.encoded
    start = row * _ROW
    for s in range(_U(n)):
        total0 = total1 = _F(0)
        for corner in range(_U(8)):
            at = _U(rows[corner * _ROW + s]) * width + feature
            weight = weights[corner * _ROW + s]
            total0 += weight * grid[at]
            total1 += weight * grid[at + _ONE]
        encoded[start + s], encoded[start + _ROW + s] = total0, total1


class HashField:
    """A trained hash grid with its networks.

    Attributes:
        config, weights: its shape and its numbers.
        occupancy: where it may hold something.
        step: world units from one sample of a ray to the next.
        time: the moment at which it is seen, 0..1, where it moves.
        width: of the spots that are asked about one by one, in world units; rays have their own.
    """

    def __init__(
        self,
        config: FieldConfig,
        weights: FieldWeights,
        occupancy: OccupancyGrid,
        step: float | None = None,
        time: float = 0.0,
        width: float = 0.0,
    ) -> None:
        """Take over arrays without copying them; `step` None is the usual one of training."""
        weights.check(config)
        self.config = config
        self.weights = weights
        self.occupancy = occupancy
        self.step = step_of(occupancy) if step is None else step
        self.time = time
        self.width = width

    def at(self, time: float) -> "HashField":
        """The same field at another moment, 0..1; itself where nothing moves."""
        if not self.config.is_moving or time == self.time:
            return self
        return HashField(self.config, self.weights, self.occupancy, self.step, time, self.width)

    def seen_by(self, width: float) -> "HashField":
        """The same field, asked about spots so wide; itself where it knows none."""
        if not self.config.is_mip:
            return self
        return HashField(self.config, self.weights, self.occupancy, self.step, self.time, width)

    @cached_property
    def packed(self) -> PackedField:
        """The numbers in the order in which kernels read them."""
        return pack_field(*at_moment(self.config, self.weights, self.time), self.width)

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
def _put_place(field: PackedField, position: FloatArray, work: BlockWork, s: int) -> bool:
    """Write a world point (3,) to where the grid is asked for it, held to the box; returns whether it lies outside."""
    is_outside = False
    for axis in range(3):
        place = (position[axis] - field.low[axis]) * field.scale[axis]
        is_outside |= not (_F(0) <= place <= _F(1))
        work.place[axis * BLOCK + s] = min(max(place, _F(0)), _F(1))
    work.place[3 * BLOCK + s] = field.fineness
    return is_outside
