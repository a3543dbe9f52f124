"""A hash-grid field in plain numpy, written from the paper and not for speed: what the compiled one is held against."""

import math
from itertools import product

import numpy as np
import numpy.typing as npt

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.model.field import FieldWeights
from plugins.nerf.field.render.small_networks import spherical_harmonics

Array = npt.NDArray[np.float64]


def plain_encoding(
    places: npt.NDArray[np.float32],
    grid: npt.NDArray[np.float32],
    config: FieldConfig,
    times: npt.NDArray[np.float32] | float = 0.0,
    widths: npt.ArrayLike = 0.0,
) -> Array:
    """Features (N, L * F) at places (N, 3) in 0..1 of the box and times (N,), seen by pixels so wide (N,) there."""
    levels, found = config.levels, []
    kept = [_kept(config, level, np.broadcast_to(widths, len(places))) for level in range(len(levels.scale))]
    for level in range(len(levels.scale)):
        moment = np.broadcast_to(times, len(places)) * (levels.n_knots[level] - 1.0)
        knot = np.minimum(np.floor(moment), max(levels.n_knots[level] - 2, 0)).astype(np.int64)
        late = (moment - knot)[:, None]
        scale, resolution = levels.scale[level], int(levels.resolution[level])
        at = (places * scale + np.float32(0.5)).astype(np.float64)
        cell = np.floor(at).astype(np.int64)
        within = at - cell
        if config.interpolation == "smooth":
            within = within**2 * (3 - 2 * within)
        total = np.zeros((len(places), config.n_features))
        for corner in product((0, 1), repeat=3):
            x, y, z = (cell + corner).T
            if levels.is_dense[level]:
                row = (x + y * resolution + z * resolution**2) % levels.n_entries[level]
            else:
                mixed = x.astype(np.uint32) ^ (y * 2654435761).astype(np.uint32) ^ (z * 805459861).astype(np.uint32)
                row = mixed % np.uint32(levels.n_entries[level])
            weight = np.where(corner, within, 1 - within).prod(axis=1)
            row = levels.first[level] + knot * levels.n_entries[level] + row
            table = grid[row] * (1 - late)
            if levels.n_knots[level] > 1:
                table += grid[row + levels.n_entries[level]] * late
            total += weight[:, None] * table
        found.append(total * kept[level][:, None])
    if config.is_mip:
        found.append(1 - np.mean(kept, axis=0)[:, None])
    return np.concatenate(found, axis=1)


def plain_field(
    positions: npt.NDArray[np.float32],
    directions: npt.NDArray[np.float32],
    weights: FieldWeights,
    config: FieldConfig,
    times: npt.NDArray[np.float32] | float = 0.0,
    widths: npt.ArrayLike = 0.0,
) -> tuple[Array, Array]:
    """Density (N,) and colour (N, 3) of positions in the box at times (N,), seen by pixels so wide there."""
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    values = plain_encoding((positions - low) / (high - low), weights.grid, config, times, widths)
    values = _network(values, weights.density, np.zeros(config.density_width))
    seen = np.concatenate([values, spherical_harmonics(directions)], axis=1)
    raw = _network(seen, weights.colour, weights.colour_bias)
    colour = 1 / (1 + np.exp(-raw)) if config.colour_range == "unit" else np.exp(np.clip(raw, -10, 10))
    return np.exp(values[:, 0]), colour


def _kept(config: FieldConfig, level: int, widths: Array) -> Array:
    """What the spots of pixels leave of a level: Zip-NeRF, section 3.1, with its n in points per world unit."""
    if not config.is_mip:
        return np.ones(len(widths))
    n = config.levels.scale[level] / np.prod(np.subtract(config.high, config.low)) ** (1 / 3)
    return np.array([math.erf(1 / math.sqrt(8 * width**2 / 12 * n**2)) if width else 1.0 for width in widths])


def _network(values: Array, matrices: tuple[npt.NDArray[np.float32], ...], bias: npt.NDArray[np.floating]) -> Array:
    for number, matrix in enumerate(matrices):
        values = values @ matrix.T.astype(np.float64)
        if number == 0 and len(matrices) > 1:
            values = values + bias
        if number < len(matrices) - 1:
            values = np.maximum(values, 0)
    return values
