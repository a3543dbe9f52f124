"""Writes and reads our own scenes: the numbers of a hash-grid field in a safetensors file.

A file holds the arrays of `FieldWeights` as float16, the table `grid` instead as int8 with one step for each level
(`grid#step`) where it shall be small, the occupied cells as bits (`occupancy`), the box of their innermost cascade
(`occupancy.box`), and, as its metadata, `architecture` and `config`. A field that was learnt from photos in different
light has its lights too (`lights.codes`, `lights.columns`, and their names as metadata `lights`), and how much less
than in full its photos counted (`left_out`, uint8 (P, h, w), photo by photo).
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from studio.core.atomic import atomic_write
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .config import FieldConfig, Levels
from .field import FieldWeights, FloatArray, OccupancyGrid, weights_from_arrays
from .lights import MAX_LIGHTS, Lights

ARCHITECTURE: Final = "InstantNGP"
MAX_FILE_BYTES: Final = 256 << 20
MAX_NUMBERS: Final = 64 << 20
MAX_RESOLUTION: Final = 1 << 20
MAX_CASCADES: Final = 8
MAX_CELLS_PER_AXIS: Final = 256
_MAX_COORDINATE: Final = 1e5
# What each whole number of a configuration may be.
RANGES: Final[Mapping[str, range]] = {
    "n_levels": range(1, 33),
    "n_features": range(1, 9),
    "log2_size": range(4, 25),
    "base_resolution": range(2, 513),
    "density_width": range(1, 257),
    "n_density_layers": range(1, 9),
    "n_geometry": range(1, 65),
    "colour_width": range(1, 257),
    "n_colour_layers": range(1, 9),
    "n_code": range(65),
    "n_moving_levels": range(17),
    "moving_log2_size": range(4, 25),
    "moving_resolution": range(2, 513),
    "n_knots": range(1, 1025),
}
_LATER: Final = {
    "is_mip",
    "n_code",
    "n_moving_levels",
    "moving_log2_size",
    "moving_resolution",
    "n_knots",
    "knot_growth",
}
"""What the file of a scene without motion, lights or spots need not name."""
_CHOICES: Final = {"interpolation": ("linear", "smooth"), "colour_range": ("unit", "hdr"), "is_mip": (False, True)}
_STEP: Final = "grid#step"
_CONFIG: Final = "config"
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


MAX_LEFT_OUT: Final = 64 << 20


@dataclass(frozen=True, eq=False)
class FieldParts:
    """All that a hash-grid field is made of.

    Attributes:
        lights: in which it can be shown; None where there is only one.
        left_out: uint8 (P, h, w), how much less than in full each photo counted on a coarse grid over it; None where
            that was not learnt.
    """

    config: FieldConfig
    weights: FieldWeights
    occupancy: OccupancyGrid
    lights: Lights | None = None
    left_out: npt.NDArray[np.uint8] | None = None

    def lit(self, light: float | None) -> FieldWeights:
        """Its numbers in a light, counted from 1; None for those that it has anyhow."""
        if self.lights is None or light is None:
            return self.weights
        return dataclasses.replace(self.weights, colour_bias=self.lights.bias(light))

    def in_light(self, code: FloatArray) -> "FieldParts":
        """The same in a light of its own, whose code (n_code,) is given."""
        assert self.lights is not None
        bias = np.asarray(self.lights.columns @ code, np.float32)
        return dataclasses.replace(self, weights=dataclasses.replace(self.weights, colour_bias=bias))


def count_params(weights: FieldWeights) -> int:
    """How many numbers a field has learnt: the `n_params` of its card."""
    return sum(array.size for array in weights.arrays().values())


def check_config(config: FieldConfig) -> None:
    """Raise UserError where a size is out of range or the whole would be too large."""
    numbers = [getattr(config, name) for name in RANGES]
    is_whole = all(type(n) is int and n in RANGES[name] for n, name in zip(numbers, RANGES, strict=True))
    is_known = all(getattr(config, name) in choices for name, choices in _CHOICES.items())
    if not is_whole or not is_known or not _is_box(config.low, config.high) or not _is_growth(config):
        raise impossible_sizes()
    n_networks = sum(rows * columns for rows, columns in [*config.density_shapes(), *config.colour_shapes()])
    if config.levels.n_rows * config.n_features + n_networks > MAX_NUMBERS:
        raise UserError(N_("This scene is too large to open."))


def impossible_sizes() -> UserError:
    """What to say about a field whose sizes no field can have."""
    return UserError(N_("The sizes in this scene’s file are impossible."))


def _is_growth(config: FieldConfig) -> bool:
    steps = (
        (config.base_resolution, config.growth, config.n_levels),
        (config.moving_resolution, config.growth, config.n_moving_levels),
        (config.n_knots, config.knot_growth, config.n_moving_levels),
    )
    return all(_is_step(growth) and base * growth ** max(n - 1, 0) <= MAX_RESOLUTION for base, growth, n in steps)


def _is_step(growth: Any) -> bool:
    return type(growth) is float and 1 <= growth <= MAX_RESOLUTION


def _is_box(low: Any, high: Any) -> bool:
    for corner in (low, high):
        if not isinstance(corner, tuple) or len(corner) != 3 or not all(_is_coordinate(one) for one in corner):
            return False
    return all(end - start > 1e-6 for start, end in zip(low, high, strict=True))


def _is_coordinate(value: Any) -> bool:
    return type(value) in (float, int) and abs(value) <= _MAX_COORDINATE


def config_from_values(values: Any) -> FieldConfig:
    """Make a configuration of plain data as `dataclasses.asdict` gives it; raises UserError where it is no good."""
    names = {field.name for field in dataclasses.fields(FieldConfig)}
    if not isinstance(values, dict) or not names - _LATER <= set(values) <= names:
        raise impossible_sizes()
    arguments: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
    config = FieldConfig(**arguments)
    check_config(config)
    return config


def save_field(
    path: Path,
    config: FieldConfig,
    weights: FieldWeights,
    occupancy: OccupancyGrid,
    *,
    is_small: bool = False,
    lights: Lights | None = None,
    left_out: npt.NDArray[np.uint8] | None = None,
) -> None:
    """Write a scene; `is_small` halves the table to 8 bits a number. Raises UserError where the disk refuses."""
    weights.check(config)
    arrays: Arrays = {name: array.astype(np.float16) for name, array in weights.arrays().items()}
    if is_small:
        arrays["grid"], arrays[_STEP] = _rounded(weights.grid, config.levels)
    arrays |= _occupancy_arrays(occupancy)
    metadata = {"architecture": ARCHITECTURE, "config": json.dumps(dataclasses.asdict(config))}
    if lights is not None:
        arrays |= {name: array.astype(np.float16) for name, array in lights.arrays().items()}
        metadata["lights"] = json.dumps(lights.names)
    if left_out is not None:
        arrays["left_out"] = left_out
    atomic_write(path, save(arrays, metadata))


def _occupancy_arrays(occupancy: OccupancyGrid) -> Arrays:
    return {
        "occupancy": np.packbits(occupancy.cells.astype(bool), axis=-1),  # (K, R, R, R / 8)
        "occupancy.box": np.stack([occupancy.low, occupancy.high]).astype(np.float32),  # (2, 3)
    }


def _rounded(grid: FloatArray, levels: Levels) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """The table as int8 (rows, F), and what one step of each level is worth, (L,)."""
    largest = np.maximum.reduceat(np.abs(grid).max(axis=1), levels.first)  # (L,)
    step = np.maximum((largest / 127).astype(np.float16), np.float16(1e-6))  # rounded before it is used
    in_steps = np.rint(grid / _per_row(step, levels)).clip(-127, 127)
    return in_steps.astype(np.int8), step


def _per_row(step: npt.NDArray[Any], levels: Levels) -> FloatArray:
    return np.repeat(step.astype(np.float32), levels.n_entries * levels.n_knots)[:, None]  # (rows, 1)


def state_of(parts: FieldParts) -> Arrays:
    """The arrays of a scene as a frame keeps them, float16: `parts_of_state` makes the scene of them again."""
    arrays: Arrays = {name: array.astype(np.float16) for name, array in parts.weights.arrays().items()}
    arrays |= _occupancy_arrays(parts.occupancy)
    arrays[_CONFIG] = np.frombuffer(json.dumps(dataclasses.asdict(parts.config)).encode(), np.uint8)
    return arrays


def parts_of_state(state: Mapping[str, npt.NDArray[Any]]) -> FieldParts:
    """Read what `state_of` gave; raises UserError where it holds no scene."""
    try:
        config = config_from_values(json.loads(state[_CONFIG].tobytes()))
        weights = weights_from_arrays({name: state[name] for name in _wanted_shapes(config)}, config)
        occupancy = _occupancy_of(state["occupancy"], state["occupancy.box"])
        is_sound = all(np.isfinite(array).all() for array in weights.arrays().values())
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise no_kept_scene() from error
    if not is_sound:
        raise no_kept_scene()
    return FieldParts(config, weights, occupancy)


def no_kept_scene() -> UserError:
    """What to say about a moment of a training that cannot be drawn again."""
    return UserError(N_("This moment of the training cannot be drawn again."), N_("Choose another one."))


def load_field(path: Path, card: Mapping[str, Any]) -> FieldParts:
    """Read a scene of ours.

    Args:
        card: the values of the card beside it; `n_params` must be right where it is there.

    Raises:
        UserError: the file is missing, damaged, too large, not a scene of this program, or holds NaN.
    """
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        raise UserError(N_("The scene’s file is missing or too large."), N_("Choose a file made by this program."))
    try:
        with safe_open(path, "numpy") as file:
            parts = _read_parts(file)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
        raise UserError(
            N_("The scene’s file is damaged."), N_("Download it again, or train the scene again.")
        ) from error
    if card.get("n_params", count_params(parts.weights)) != count_params(parts.weights):
        raise UserError(N_("The card next to this scene belongs to another one."))
    return parts


def _read_parts(file: Any) -> FieldParts:
    metadata = file.metadata() or {}
    if metadata.get("architecture") != ARCHITECTURE:
        raise UserError(N_("This file does not contain a NeRF scene made by this program."))
    config = config_from_values(json.loads(metadata.get("config", "")))
    wanted = _wanted_shapes(config)
    arrays = {name: _read(file, name, shape) for name, shape in wanted.items()}
    if arrays["grid"].dtype == np.int8:
        step = _read(file, _STEP, config.levels.first.shape)
        arrays["grid"] = arrays["grid"] * _per_row(step, config.levels)
    weights, occupancy = weights_from_arrays(arrays, config), _read_occupancy(file)
    if not config.n_code:
        return FieldParts(config, weights, occupancy)
    return FieldParts(config, weights, occupancy, _read_lights(file, config, metadata), _read_left_out(file))


def _read_lights(file: Any, config: FieldConfig, metadata: Mapping[str, str]) -> Lights:
    names = json.loads(metadata["lights"])
    if not isinstance(names, list) or not 0 < len(names) <= MAX_LIGHTS or not all(type(one) is str for one in names):
        raise impossible_sizes()
    shapes = {"codes": (len(names), config.n_code), "columns": (config.colour_width, config.n_code)}
    codes, columns = (_read(file, f"lights.{name}", shape).astype(np.float32) for name, shape in shapes.items())
    return Lights(tuple(printable(name) for name in names), codes, columns)


def _read_left_out(file: Any) -> npt.NDArray[np.uint8] | None:
    if "left_out" not in file.keys():  # noqa: SIM118 - no dict
        return None
    shape = tuple(file.get_slice("left_out").get_shape())
    if len(shape) != 3 or min(shape) < 1 or math.prod(shape) > MAX_LEFT_OUT:
        raise impossible_sizes()
    found: npt.NDArray[Any] = file.get_tensor("left_out")
    if found.dtype != np.uint8:
        raise impossible_sizes()
    return found


def _wanted_shapes(config: FieldConfig) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"grid": (config.levels.n_rows, config.n_features)}
    shapes |= {f"density.{i}": shape for i, shape in enumerate(config.density_shapes())}
    shapes |= {f"colour.{i}": shape for i, shape in enumerate(config.colour_shapes())}
    return shapes | {"colour_bias": (config.colour_width,)}


def _read(file: Any, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """One array; its shape is checked before anything of it is read."""
    if name not in file.keys() or tuple(file.get_slice(name).get_shape()) != shape:  # noqa: SIM118 - no dict
        raise UserError(N_("The scene’s file does not match the sizes it gives."))
    array: npt.NDArray[Any] = file.get_tensor(name)
    if array.dtype not in (np.float16, np.float32, np.int8):
        raise UserError(N_("The scene’s file does not match the sizes it gives."))
    if not np.isfinite(array).all():
        raise UserError(
            N_("The scene’s weights are not all numbers."), N_("Download the file again, or train the scene again.")
        )
    return array


def _read_occupancy(file: Any) -> OccupancyGrid:
    _occupancy_sizes(tuple(file.get_slice("occupancy").get_shape()))
    return _occupancy_of(file.get_tensor("occupancy"), _read(file, "occupancy.box", (2, 3)))


def _occupancy_of(bits: npt.NDArray[Any], box: npt.NDArray[Any]) -> OccupancyGrid:
    n_cascades, n_cells = _occupancy_sizes(bits.shape)
    if box.shape != (2, 3):
        raise impossible_sizes()
    low, high = box.astype(np.float32)
    if bits.dtype != np.uint8 or not _is_box(tuple(low.tolist()), tuple(high.tolist())):
        raise impossible_sizes()
    cells = np.unpackbits(bits, axis=-1).reshape(n_cascades, n_cells, n_cells, n_cells)
    return OccupancyGrid(cells, low, high)


def _occupancy_sizes(shape: tuple[int, ...]) -> tuple[int, int]:
    """(K, R) of packed cells (K, R, R, R / 8)."""
    match shape:
        case (n_cascades, n_cells, _, _) if n_cells % 8 == 0 and shape[1:] == (n_cells, n_cells, n_cells // 8):
            if n_cascades in range(1, MAX_CASCADES + 1) and n_cells in range(8, MAX_CELLS_PER_AXIS + 1):
                return n_cascades, n_cells
    raise impossible_sizes()
