"""What a radiance field is to those who draw it, and the numbers that make a hash-grid field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from ...shared.camera.viewpoint import Extent, extent_of
from .config import FieldConfig

FloatArray: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class OccupancyGrid:
    """Where a field may hold something: nothing outside the marked cells is ever drawn.

    Attributes:
        cells: uint8 (K, R, R, R), indexed [cascade, z, y, x]; 1 where there may be density.
        low, high: float32 (3,), corners of the innermost cascade; cascade k is 2^k times as large about its centre.
    """

    cells: npt.NDArray[np.uint8]
    low: FloatArray
    high: FloatArray

    @property
    def n_cascades(self) -> int:
        """How many nested grids there are."""
        return len(self.cells)

    @property
    def resolution(self) -> int:
        """Cells per axis of each cascade."""
        return self.cells.shape[1]


class RadianceField(Protocol):
    """Density and colour at every point of a box, for whoever bakes or draws it.

    Attributes:
        occupancy: where it may hold something.
        step: world units from one sample of a ray to the next (`march.step_of(occupancy)` where nothing else is known);
            with more than one cascade the shortest one, they grow with the distance.
    """

    occupancy: OccupancyGrid
    step: float

    def density(self, positions: FloatArray) -> FloatArray:
        """Density per world unit (N,), 0 or more, at positions (N, 3) in world units; 0 outside the box."""

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) in 0..1 of positions (N, 3) seen along unit directions (N, 3)."""


@dataclass(frozen=True, eq=False)
class RayColours:
    """What rays saw: premultiplied sRGB colour (N, 3), opacity (N,), mean distance (N,) and samples asked for (N,)."""

    colour: FloatArray
    opacity: FloatArray
    depth: FloatArray
    n_samples: npt.NDArray[np.int64]


@runtime_checkable
class RayField(RadianceField, Protocol):
    """A field whose picture depends on where along a ray it is asked, so it draws rays itself."""

    def draw_rays(self, origin: FloatArray, directions: FloatArray, near: float) -> RayColours:
        """Draw rays from origin (3,) along directions (N, 3).

        Args:
            directions: their lengths count: one unit along each leads to a plane before the camera.
            near: nothing is seen before this distance in world units.
        """


@runtime_checkable
class ManySidedField(RadianceField, Protocol):
    """A field to which a further direction at the same place costs little."""

    def colours(self, positions: FloatArray, directions: FloatArray, weights: FloatArray) -> FloatArray:
        """SRGB (P, K, 3) of positions (P, 3) seen along unit directions (K, 3); 0 where the weight (P, K) is 0."""


@dataclass(frozen=True, eq=False)
class FieldWeights:
    """The numbers of a hash-grid field.

    Attributes:
        grid: float32 (rows, F): the table of all levels.
        density, colour: float32 matrices (outputs, inputs) of the two networks: y = W x, ReLU between, no biases.
        colour_bias: float32 (colour_width,), added before the first ReLU of the colour network: what a fixed
            per-picture code contributes; zeros where there is none.
    """

    grid: FloatArray
    density: tuple[FloatArray, ...]
    colour: tuple[FloatArray, ...]
    colour_bias: FloatArray

    def check(self, config: FieldConfig) -> None:
        """Raise ValueError where a shape does not fit the configuration."""
        pairs = [
            (self.grid.shape, (config.levels.n_rows, config.n_features)),
            (self.colour_bias.shape, (config.colour_width,)),
            *zip([w.shape for w in self.density], config.density_shapes(), strict=True),
            *zip([w.shape for w in self.colour], config.colour_shapes(), strict=True),
        ]
        wrong = [pair for pair in pairs if pair[0] != pair[1]]
        if wrong:
            raise ValueError(f"shapes that do not fit, (found, wanted): {wrong}")

    def arrays(self) -> dict[str, FloatArray]:
        """All of them by name, as they lie in a file."""
        named = {"grid": self.grid, "colour_bias": self.colour_bias}
        named |= {f"density.{i}": matrix for i, matrix in enumerate(self.density)}
        return named | {f"colour.{i}": matrix for i, matrix in enumerate(self.colour)}


def at_moment(config: FieldConfig, weights: FieldWeights, time: float) -> tuple[FieldConfig, FieldWeights]:
    """A field as it is at a time, 0..1: it has one table a level, and whoever draws it knows of no time."""
    if not config.is_moving:
        return config, weights
    tables, levels = [], config.levels
    for first, n_rows, n_knots in zip(levels.first, levels.n_entries, levels.n_knots, strict=True):
        knot, share = knot_of(time, int(n_knots))
        start = first + knot * n_rows
        table = weights.grid[start : start + n_rows]
        if share:
            table = table + np.float32(share) * (weights.grid[start + n_rows : start + 2 * n_rows] - table)
        tables.append(table)
    return config.at_one_time, replace(weights, grid=np.concatenate(tables))


def knot_of(time: float, n_knots: int) -> tuple[int, float]:
    """The knot before a time, 0..1, and how far it is from there to the next one, 0..1; the last one is never left."""
    place = min(max(time, 0.0), 1.0) * (n_knots - 1)
    knot = min(int(place), max(n_knots - 2, 0))
    return knot, place - knot


def weights_from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]], config: FieldConfig) -> FieldWeights:
    """Take what `FieldWeights.arrays` gave, in any float type; raises KeyError or ValueError where it does not fit."""

    def taken(name: str) -> FloatArray:
        return np.ascontiguousarray(arrays[name], np.float32)

    weights = FieldWeights(
        taken("grid"),
        tuple(taken(f"density.{i}") for i in range(len(config.density_shapes()))),
        tuple(taken(f"colour.{i}") for i in range(len(config.colour_shapes()))),
        taken("colour_bias"),
    )
    weights.check(config)
    return weights


def occupied_extent(occupancy: OccupancyGrid) -> Extent:
    """The part of the innermost grid where there may be something, or all of it where there is nothing."""
    full = np.argwhere(occupancy.cells[0])[:, ::-1]  # (N, 3): x, y, z
    if not len(full):
        return extent_of(occupancy.low, occupancy.high)
    cell = (occupancy.high - occupancy.low) / occupancy.resolution
    return extent_of(occupancy.low + full.min(0) * cell, occupancy.low + (full.max(0) + 1) * cell)
