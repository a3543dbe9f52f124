"""The shapes of both radiance fields: hash grid with small networks (Instant-NGP), original NeRF (Mildenhall 2020)."""

import math
from dataclasses import dataclass, replace
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
        n_knots: int64 (L,); moments at which the level has a table of its own, `n_entries` rows each, one after the
            other; in between it is their mixture. 1 for what stands still.
    """

    scale: npt.NDArray[np.float32]
    resolution: npt.NDArray[np.int64]
    n_entries: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    is_dense: npt.NDArray[np.bool_]
    n_knots: npt.NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        """How many rows the whole table has."""
        return int((self.n_entries * self.n_knots).sum())


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
        n_code: numbers that describe the light of a photo, which the colour network sees behind the harmonics while it
            learns; what is drawn is in one light, whose part is the bias of that network (see `Lights`).
        n_moving_levels, moving_log2_size, moving_resolution: further levels, for what moves: their number, and rows and
            points per axis as above, of each of their knots. They grow like the others.
        n_knots, knot_growth: level l of these has about n_knots * knot_growth^l knots, evenly spaced from time 0 to 1.
        is_mip: whether it knows how large a spot it is asked about (`footprint.py`), else all spots are points.
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
    n_code: int = 0
    n_moving_levels: int = 0
    moving_log2_size: int = 12
    moving_resolution: int = 8
    n_knots: int = 1
    knot_growth: float = 1.0
    is_mip: bool = False

    @property
    def n_encoded(self) -> int:
        """Numbers that the grid gives for a point, level by level; where it knows spots, then how much they lost."""
        return (self.n_levels + self.n_moving_levels) * self.n_features + self.is_mip

    @property
    def is_moving(self) -> bool:
        """Whether the scene is another one at another time."""
        return bool((self.levels.n_knots > 1).any())

    @cached_property
    def levels(self) -> Levels:
        """The grids as tiny-cuda-nn lays them out; each has a multiple of 8 rows."""
        n_still, n_moving = self.n_levels, self.n_moving_levels
        still, moving = (self.base_resolution, self.log2_size, 1), (self.moving_resolution, self.moving_log2_size, 0)
        number = np.concatenate([np.arange(n_still), np.arange(n_moving)])
        base, log2_size, is_still = np.array([still] * n_still + [moving] * n_moving).T
        finer = np.exp2(number * math.log2(self.growth))
        scale = (finer * base - 1).astype(np.float32)  # rounded once, or 31 might become 31.0000001
        resolution = np.ceil(scale).astype(np.int64) + 1
        n_points = resolution**3
        n_entries = np.minimum(-(-n_points // 8) * 8, 1 << log2_size)
        n_knots = np.where(is_still, 1, np.rint(self.n_knots * self.knot_growth**number)).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(n_entries * n_knots)[:-1]]).astype(np.int64)
        return Levels(scale, resolution, n_entries, first, n_points <= n_entries, n_knots)

    @property
    def at_one_time(self) -> "FieldConfig":
        """The same field at one moment."""
        return replace(self, n_knots=1, knot_growth=1.0)

    @cached_property
    def scales(self) -> npt.NDArray[np.float32]:
        """Of each level (L, 2) its scale, and how wide its cells are in world units: 0 where all spots are points."""
        extent = float(np.prod(np.subtract(self.high, self.low)) ** (1 / 3)) if self.is_mip else 0.0
        return np.stack([self.levels.scale, extent / self.levels.scale], axis=-1).astype(np.float32)

    def density_shapes(self) -> list[tuple[int, int]]:
        """(outputs, inputs) of the density network's matrices."""
        return _shapes(self.n_encoded, self.density_width, self.n_density_layers, self.n_geometry)

    def colour_shapes(self) -> list[tuple[int, int]]:
        """(outputs, inputs) of the colour network's matrices."""
        return _shapes(self.n_geometry + N_HARMONICS, self.colour_width, self.n_colour_layers, 3)


def _shapes(n_in: int, width: int, n_hidden: int, n_out: int) -> list[tuple[int, int]]:
    widths = [n_in, *[width] * n_hidden, n_out]
    return list(zip(widths[1:], widths[:-1], strict=True))


@dataclass(frozen=True)
class NeRFConfig:
    """The shape of an original NeRF; the defaults are those of the paper.

    Attributes:
        n_position_frequencies, n_direction_frequencies: of the positional encoding; no direction at all where the
            latter is None.
        width, depth: of the layers that see the position only.
        skips: after these of them (0 is the first) the encoded position joins again, before what they gave.
        direction_width: of the layer that sees the direction.
        has_first_relu, has_feature_relu: whether a ReLU follows the first layer, and the feature layer.
    """

    n_position_frequencies: int = 10
    n_direction_frequencies: int | None = 4
    width: int = 256
    depth: int = 8
    skips: tuple[int, ...] = (4,)
    direction_width: int = 128
    has_first_relu: bool = True
    has_feature_relu: bool = False

    @property
    def n_position(self) -> int:
        """Numbers that encode a position."""
        return 3 + 6 * self.n_position_frequencies

    @property
    def n_direction(self) -> int:
        """Numbers that encode a direction."""
        return 0 if self.n_direction_frequencies is None else 3 + 6 * self.n_direction_frequencies

    def layers(self) -> dict[str, tuple[int, int]]:
        """(outputs, inputs) of all layers by name, in their order."""
        joined = [self.n_position if i in self.skips else 0 for i in range(self.depth - 1)]
        n_inputs = [self.n_position, *(self.width + n for n in joined)]
        layers = {f"position_layers.{i}": (self.width, n) for i, n in enumerate(n_inputs)}
        if self.n_direction_frequencies is None:
            return layers | {"output_layer": (4, self.width)}
        return layers | {
            "density_layer": (1, self.width),
            "feature_layer": (self.width, self.width),
            "direction_layer": (self.direction_width, self.width + self.n_direction),
            "colour_layer": (3, self.direction_width),
        }

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every weight and bias by name."""
        found: dict[str, tuple[int, ...]] = {}
        for name, shape in self.layers().items():
            found |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
        return found


@dataclass(frozen=True)
class RaySampling:
    """Where NeRF looks along a ray, in units of its direction's length."""

    near: float = 2.0
    far: float = 6.0
    n_coarse: int = 64
    n_fine: int = 128
