"""A hash-grid field worked out for a block of samples at once, all of it in the first-level cache."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .config import N_HARMONICS, FieldConfig
from .field import FieldWeights
from .small_networks import BLOCK, Network, exponential, pack, run, widest

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_F = np.float32
_U = np.uint64
_ROW = np.uint64(BLOCK)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_PRIME_Y, _PRIME_Z = np.uint64(2654435761), np.uint64(805459861)


class PackedField(NamedTuple):
    """A field as kernels read it.

    Attributes:
        grid: float32, the table; an even number of features for each row.
        scales: float32 (L,). levels: int64 (L, 3): first row, rows, grid points per axis (0 where they are hashed).
        density_..., colour_...: the networks (`Network`; numba takes no nested tuples into a parallel loop).
        shape: int64 (5,): features of a row, numbers that the density network gives, whether the interpolation is
            smooth, whether colours are HDR, rows of the work blocks.
        low, scale: float32 (3,): a world point lies at (x - low) * scale of the box.
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


class Work(NamedTuple):
    """Blocks that hold a field's samples on their way; rows of BLOCK samples, flat.

    Attributes:
        place: 3 rows, in 0..1 of the box. encoded: what the grid gives.
        first, second: layers of the networks.
        seen: what the colour network gets: the density network's numbers, then the harmonics of the direction.
        colour: 3 rows, sRGB.
    """

    place: FloatArray
    encoded: FloatArray
    first: FloatArray
    second: FloatArray
    seen: FloatArray
    colour: FloatArray


def pack_field(config: FieldConfig, weights: FieldWeights) -> PackedField:
    """Bring weights into the order in which kernels read them."""
    levels, n_features = config.levels, config.n_features
    grid, first = np.ascontiguousarray(weights.grid, np.float32), weights.density[0]
    if n_features % 2:  # kernels take features in pairs
        grid = np.concatenate([grid, np.zeros((len(grid), 1), np.float32)], axis=1)
        columns = first.reshape(len(first), config.n_levels, n_features)
        first = np.concatenate([columns, np.zeros_like(columns[..., :1])], axis=-1).reshape(len(first), -1)
        n_features += 1
    density = pack((first, *weights.density[1:]))
    colour = pack(weights.colour, weights.colour_bias)
    resolution = np.where(levels.is_dense, levels.resolution, 0)
    shape = (n_features, config.n_geometry, config.interpolation == "smooth", config.colour_range == "hdr")
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    return PackedField(
        np.ascontiguousarray(grid).reshape(-1),
        np.ascontiguousarray(levels.scale),
        np.stack([levels.first, levels.n_entries, resolution], axis=1).astype(np.int64),
        *density,
        *colour,
        np.array([*shape, widest(density, colour)], np.int64),
        low,
        np.float32(1) / (high - low),
    )


@kernel()
def work_blocks(field: PackedField) -> Work:
    """Blocks for a thread to work in; rows that only pad a network's input stay 0."""
    rows = field.shape[4]
    return Work(
        np.zeros(3 * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(rows * BLOCK, np.float32),
        np.zeros(3 * BLOCK, np.float32),
    )


@kernel(fast_math=True)
def block_density(field: PackedField, work: Work, n: int) -> FloatArray:
    """Numbers of the density network for n samples (a multiple of LANES) of `work.place`, rows of BLOCK.

    Its first row, the logarithm of the density, is replaced by nothing: it goes on to the colour network as it is.
    """
    _encode(field, work.place, work.encoded, n)
    network = Network(field.density_weights, field.density_biases, field.density_layers)
    return run(network, work.encoded, work.first, work.second, n)


@kernel(fast_math=True)
def block_colour(field: PackedField, work: Work, n: int) -> None:
    """Write `work.colour` for n samples (a multiple of LANES) of `work.seen`."""
    network = Network(field.colour_weights, field.colour_biases, field.colour_layers)
    raw = run(network, work.seen, work.first, work.second, n)
    is_hdr = field.shape[3] != 0
    for s in range(_U(3 * BLOCK)):
        work.colour[s] = min(max(raw[s], _F(-10)), _F(10)) if is_hdr else -raw[s]
    bits = work.colour.view(np.int32)
    for row in range(3):
        exponential(work.colour, row, bits, n)
    if not is_hdr:
        for s in range(_U(3 * BLOCK)):
            work.colour[s] = _F(1) / (_F(1) + work.colour[s])


@kernel(fast_math=True)
def _encode(field: PackedField, place: FloatArray, encoded: FloatArray, n: int) -> None:
    """What the grid gives at n samples: level by level, all of a level's features together."""
    n_features, is_smooth = field.shape[0], field.shape[2] != 0
    for level in range(field.scales.shape[0]):
        for pair in range(n_features // 2):
            row = level * n_features + 2 * pair
            _encode_level(field, level, 2 * pair, is_smooth, place, encoded, row, n)


@kernel(fast_math=True)
def _encode_level(
    field: PackedField,
    level: int,
    feature: int,
    is_smooth: bool,
    place: FloatArray,
    encoded: FloatArray,
    row: int,
    n: int,
) -> None:
    """Two features of one level for n samples, into two rows of `encoded`."""
    grid, scale, half, one = field.grid, field.scales[level], _F(0.5), _F(1)
    first, n_rows = _U(field.levels[level, 0]), _U(field.levels[level, 1])
    width, mask, resolution = _U(field.shape[0]), n_rows - _ONE, _U(field.levels[level, 2])
    start = first * width + _U(feature)
    out0 = _U(row) * _ROW
    out1 = out0 + _ROW
    is_dense = field.levels[level, 2] != 0
    step_y, step_z = (resolution, resolution * resolution) if is_dense else (_PRIME_Y, _PRIME_Z)
    for s in range(_U(n)):
        x, y, z = place[s] * scale + half, place[_ROW + s] * scale + half, place[_TWO * _ROW + s] * scale + half
        i, j, k = np.int64(x), np.int64(y), np.int64(z)  # none is below 0
        x, y, z = x - _F(i), y - _F(j), z - _F(k)
        if is_smooth:
            x, y, z = x * x * (_F(3) - _F(2) * x), y * y * (_F(3) - _F(2) * y), z * z * (_F(3) - _F(2) * z)
        a, b, c = _U(i), _U(j) * step_y, _U(k) * step_z
        total0 = total1 = _F(0)
        for corner in range(4):
            v = b + step_y if corner & 1 else b
            w = c + step_z if corner & 2 else c
            weight = (y if corner & 1 else one - y) * (z if corner & 2 else one - z)
            if is_dense:
                p, q = a + v + w, a + v + w + _ONE
                p, q = (p - n_rows if p >= n_rows else p), (q - n_rows if q >= n_rows else q)
            else:
                p, q = (a ^ v ^ w) & mask, ((a + _ONE) ^ v ^ w) & mask
            p, q = start + p * width, start + q * width
            near, far = (one - x) * weight, x * weight
            total0 += near * grid[p] + far * grid[q]
            total1 += near * grid[p + _ONE] + far * grid[q + _ONE]
        encoded[out0 + s], encoded[out1 + s] = total0, total1


N_SEEN = N_HARMONICS
"""Rows of `Work.seen` behind the density network's numbers."""
