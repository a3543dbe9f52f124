"""Makes small hash-grid fields with random numbers for tests."""

from typing import Any

import numpy as np

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.model.field import FieldWeights, OccupancyGrid

SMALL: dict[str, Any] = {
    "low": (-1.0, -1.0, -1.0),
    "high": (1.0, 1.0, 1.0),
    "n_levels": 4,
    "n_features": 2,
    "log2_size": 9,
    "base_resolution": 4,
    "growth": 1.7,
    "density_width": 16,
    "n_density_layers": 1,
    "n_geometry": 16,
    "colour_width": 16,
    "n_colour_layers": 2,
}

MOVING: dict[str, Any] = {"n_moving_levels": 3, "moving_log2_size": 7, "moving_resolution": 4, "n_knots": 2} | {
    "knot_growth": 1.8
}
"""What makes a field move: 2, 4 and 6 knots."""


def make_config(**changes: Any) -> FieldConfig:
    """A configuration of 4 levels, three of them hashed."""
    return FieldConfig(**{**SMALL, **changes})


def make_weights(config: FieldConfig, seed: int = 0) -> FieldWeights:
    """Random numbers of a size that gives densities and colours in the middle of their range."""
    generator = np.random.default_rng(seed)

    def normal(shape: tuple[int, ...], deviation: float) -> Any:
        return (generator.normal(size=shape) * deviation).astype(np.float16).astype(np.float32)

    return FieldWeights(
        normal((config.levels.n_rows, config.n_features), 0.5),
        tuple(normal(shape, (2 / shape[1]) ** 0.5) for shape in config.density_shapes()),
        tuple(normal(shape, (2 / shape[1]) ** 0.5) for shape in config.colour_shapes()),
        normal((config.colour_width,), 0.1),
    )


def make_occupancy(config: FieldConfig, n_cells: int = 8, n_cascades: int = 1, seed: int = 0) -> OccupancyGrid:
    """About half of the cells marked at random; the innermost cascade is the configuration's box."""
    cells = np.random.default_rng(seed).integers(0, 2, (n_cascades, n_cells, n_cells, n_cells), np.uint8)
    return OccupancyGrid(cells, np.array(config.low, np.float32), np.array(config.high, np.float32))
