"""A hash-grid field in plain numpy: what a new machine draws from while the kernels are still being compiled."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .config import FieldConfig
from .field import FieldWeights, OccupancyGrid, at_moment
from .footprint import ALL, fineness, kept_share

FloatArray = npt.NDArray[np.float32]
RowArray = npt.NDArray[np.uint32]

_PRIME_Y, _PRIME_Z = np.uint32(2654435761), np.uint32(805459861)
_LARGEST_LOG: Final = 80.0  # of a density; e^88 is more than float32 holds


class NumpyField:
    """The same numbers as `HashField` to 1e-4, some fifty times slower.

    Attributes:
        occupancy: where it may hold something.
    """

    def __init__(
        self,
        config: FieldConfig,
        weights: FieldWeights,
        occupancy: OccupancyGrid,
        time: float = 0.0,
        width: float = 0.0,
    ) -> None:
        """The field at one moment, 0..1; all that is asked about are spots so wide, in world units."""
        weights.check(config)
        self._config, self._weights = at_moment(config, weights, time)
        self.occupancy = occupancy
        self._kept = kept_share(np.minimum(config.scales[:, 1] * fineness(width), np.float32(ALL)))
        self._low = np.array(config.low, np.float32)
        self._extent = np.array(config.high, np.float32) - self._low

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""
        places = (positions - self._low) / self._extent
        is_inside = ((places >= 0) & (places <= 1)).all(axis=1)
        raw = _run(self._weights.density, self._encode(np.clip(places, 0, 1)))
        density = np.where(is_inside, np.exp(np.minimum(raw[:, 0], np.float32(_LARGEST_LOG))), 0)
        seen = np.concatenate([raw, np.stack(harmonics(*directions.T), axis=1)], axis=1, dtype=np.float32)
        found = _run(self._weights.colour, seen, self._weights.colour_bias)
        if self._config.colour_range == "hdr":
            colour = np.exp(np.clip(found, -10, 10))
        else:
            colour = 1 / (1 + np.exp(-np.clip(found, -_LARGEST_LOG, _LARGEST_LOG)))
        return density.astype(np.float32), colour.astype(np.float32)

    def _encode(self, places: FloatArray) -> FloatArray:
        """What the grid gives (N, L * F) at places (N, 3) in 0..1 of the box."""
        levels, grid = self._config.levels, self._weights.grid
        features = [
            _level_features(
                places * levels.scale[level] + np.float32(0.5),
                grid[levels.first[level] : levels.first[level] + levels.n_entries[level]],
                int(levels.resolution[level]) if levels.is_dense[level] else 0,
                self._config.interpolation == "smooth",
            )
            for level in range(len(levels.scale))
        ]
        if self._config.is_mip:
            features = [one * kept for one, kept in zip(features, self._kept, strict=True)]
            features.append(np.full((len(places), 1), 1 - self._kept.mean(), np.float32))
        return np.concatenate(features, axis=1)


def _level_features(points: FloatArray, table: FloatArray, resolution: int, is_smooth: bool) -> FloatArray:
    """Interpolated rows (N, F) of one level at points (N, 3) of its grid; resolution 0 means that it is hashed."""
    cells = points.astype(np.uint32)
    parts = points - cells.astype(np.float32)
    if is_smooth:
        parts = parts * parts * (3 - 2 * parts)
    steps = (resolution, resolution**2) if resolution else (_PRIME_Y, _PRIME_Z)
    ends = [
        (cells[:, axis] * np.uint32(step), (cells[:, axis] + np.uint32(1)) * np.uint32(step))
        for axis, step in enumerate((1, *steps))
    ]
    weights = [(1 - parts[:, axis], parts[:, axis]) for axis in range(3)]
    total = np.zeros((len(points), table.shape[1]), np.float32)
    for corner in range(8):
        x, y, z = corner & 1, corner >> 1 & 1, corner >> 2
        rows = _rows(ends[0][x], ends[1][y], ends[2][z], len(table), bool(resolution))
        total += (weights[0][x] * weights[1][y] * weights[2][z])[:, None] * table[rows]
    return total


def _rows(x: RowArray, y: RowArray, z: RowArray, n_rows: int, is_dense: bool) -> RowArray:
    """Which rows of a level's table the grid points have."""
    if not is_dense:
        return (x ^ y ^ z) & np.uint32(n_rows - 1)
    rows = x + y + z
    return np.where(rows >= n_rows, rows - np.uint32(n_rows), rows)


def _run(matrices: tuple[FloatArray, ...], values: FloatArray, first_bias: FloatArray | None = None) -> FloatArray:
    """Send values (N, inputs) through a network with ReLU between its matrices."""
    for number, matrix in enumerate(matrices):
        values = values @ matrix.T
        if number == 0 and first_bias is not None:
            values += first_bias
        if number < len(matrices) - 1:
            np.maximum(values, 0, out=values)
    return values


def harmonics(x: Any, y: Any, z: Any) -> tuple[Any, ...]:
    """The 16 real spherical harmonics below degree 4 of unit directions, in arrays or tensors of one shape.

    Sloan 2013 (JCGT 2(2)), in the signs of tiny-cuda-nn.
    """
    xx, yy, zz = x * x, y * y, z * z
    return (
        0 * x + 0.28209479177387814,
        -0.48860251190291987 * y,
        0.48860251190291987 * z,
        -0.48860251190291987 * x,
        1.0925484305920792 * x * y,
        -1.0925484305920792 * y * z,
        0.94617469575755997 * zz - 0.31539156525251999,
        -1.0925484305920792 * x * z,
        0.54627421529603959 * (xx - yy),
        0.59004358992664352 * y * (yy - 3 * xx),
        2.8906114426405538 * x * y * z,
        0.45704579946446572 * y * (1 - 5 * zz),
        0.3731763325901154 * z * (5 * zz - 3),
        0.45704579946446572 * x * (1 - 5 * zz),
        1.4453057213202769 * z * (xx - yy),
        0.59004358992664352 * x * (3 * yy - xx),
    )
