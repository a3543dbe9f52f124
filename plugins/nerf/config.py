"""The shape of a hash-grid field: its levels and small networks (Müller et al. 2022, Instant-NGP)."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

Triple = tuple[float, float, float]
N_HARMONICS = 16


@dataclass(frozen=True, eq=False)
class Levels:
    """The grids of a field, L of them, coarse to fine.

    Attributes:
        scale: float32 (L,); a point p in 0..1 lies at p * scale + 0.5 of the level's grid.
        resolution: int64 (L,); grid points per axis.
        n_entries: int64 (L,); rows of the table that the level has.
        first: int64 (L,); the first of them.
        is_dense: bool (L,); one row for each grid point, else they are hashed.
    """

    scale: npt.NDArray[np.float32]
    resolution: npt.NDArray[np.int64]
    n_entries: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    is_dense: npt.NDArray[np.bool_]

    @property
    def n_rows(self) -> int:
        """How many rows the whole table has."""
        return int(self.n_entries.sum())


@dataclass(frozen=True)
class FieldConfig:
    """What decides the shape of a hash-grid field.

    Attributes:
        low, high: corners of the box that it fills, in world units; p = (x - low) / (high - low).
        n_levels, n_features: L grids with F numbers at each of their points.
        log2_size: a level has at most 2^log2_size rows in the table; finer ones are hashed.
        base_resolution, growth: level l has about base_resolution * growth^l points per axis.
        density_width, n_density_layers: of the hidden layers behind the grid.
        n_geometry: numbers that these give; the first is the logarithm of the density per world unit, all of them go on
            to the colour network, followed by the 16 spherical harmonics of the direction.
        colour_width, n_colour_layers: of the hidden layers of the colour network.
        interpolation: between grid points.
        colour_range: "unit" for sigmoid (sRGB 0..1), "hdr" for exp.
    """

    low: Triple
    high: Triple
    n_levels: int = 10
    n_features: int = 2
    log2_size: int = 16
    base_resolution: int = 16
    growth: float = 1.5
    density_width: int = 32
    n_density_layers: int = 1
    n_geometry: int = 16
    colour_width: int = 32
    n_colour_layers: int = 2
    interpolation: Literal["linear", "smooth"] = "linear"
    colour_range: Literal["unit", "hdr"] = "unit"

    @property
    def n_encoded(self) -> int:
        """Numbers that the grid gives for a point, level by level."""
        return self.n_levels * self.n_features

    @cached_property
    def levels(self) -> Levels:
        """The grids as tiny-cuda-nn lays them out; each has a multiple of 8 rows."""
        finer = np.exp2(np.arange(self.n_levels) * math.log2(self.growth))
        scale = (finer * self.base_resolution - 1).astype(np.float32)  # rounded once, or 31 might become 31.0000001
        resolution = np.ceil(scale).astype(np.int64) + 1
        n_points = resolution**3
        n_entries = np.minimum(-(-n_points // 8) * 8, 1 << self.log2_size)
        first = np.concatenate([[0], np.cumsum(n_entries)[:-1]]).astype(np.int64)
        return Levels(scale, resolution, n_entries, first, n_points <= n_entries)

    def density_shapes(self) -> list[tuple[int, int]]:
        """(outputs, inputs) of the density network's matrices."""
        return _shapes(self.n_encoded, self.density_width, self.n_density_layers, self.n_geometry)

    def colour_shapes(self) -> list[tuple[int, int]]:
        """(outputs, inputs) of the colour network's matrices."""
        return _shapes(self.n_geometry + N_HARMONICS, self.colour_width, self.n_colour_layers, 3)


def _shapes(n_in: int, width: int, n_hidden: int, n_out: int) -> list[tuple[int, int]]:
    widths = [n_in, *[width] * n_hidden, n_out]
    return list(zip(widths[1:], widths[:-1], strict=True))
