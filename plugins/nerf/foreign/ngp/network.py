"""The networks of an instant-ngp snapshot: their sizes, and their weights out of one flat row of numbers."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np

from studio.core.error import UserError
from studio.core.translation import N_

from ...field.model.config import N_HARMONICS, FieldConfig
from ...field.model.field import FieldWeights, FloatArray
from ...field.model.weights import MAX_NUMBERS, MAX_RESOLUTION, RANGES, check_config
from .values import ForeignTable, wrong_value

# Matrices are padded to whole blocks of this many rows and columns: 16 in fully fused networks, 8 in CUTLASS ones.
_BLOCKS: Final = (16, 8)
_FINEST: Final = 2048  # cells of the finest level across the unit cube
_MAX_LATENTS: Final = 64
_NUMBERS: Final = {"__half": "<f2", "float": "<f4"}
_NETWORKS: Final = ("fullyfusedmlp", "cutlassmlp")
_GRIDS: Final = ("hashgrid", "grid", "densegrid")
Shape = tuple[int, int]


@dataclass(frozen=True)
class NgpNetwork:
    """What a snapshot says about its networks.

    Attributes:
        config: of the field that it becomes.
        n_latents: numbers of a picture's own code that the colour network sees.
    """

    config: FieldConfig
    n_latents: int


def read_network(
    root: ForeignTable, box: tuple[FloatArray, FloatArray], dataset: ForeignTable, aabb_scale: int
) -> NgpNetwork:
    """Read the sizes; raises UserError, in a sentence that says what is supported, where they are of another kind.

    Args:
        box: corners of the field.
        dataset: the snapshot's "nerf.dataset".
    """
    _check_directions(root.table("dir_encoding"))
    density, colour = root.table("network"), root.table("rgb_network")
    _check_mlp(density)
    _check_mlp(colour)
    n_outputs = density.whole("n_output_dims", range(1, 65), 16)
    config = FieldConfig(
        low=_triple(box[0]),
        high=_triple(box[1]),
        density_width=density.whole("n_neurons", RANGES["density_width"], 64),
        n_density_layers=density.whole("n_hidden_layers", RANGES["n_density_layers"], 1),
        n_geometry=_padded(n_outputs, 16),
        colour_width=colour.whole("n_neurons", RANGES["colour_width"], 64),
        n_colour_layers=colour.whole("n_hidden_layers", RANGES["n_colour_layers"], 2),
        colour_range="hdr" if dataset.flag("is_hdr") else "unit",
        **_read_grid(root.table("encoding"), aabb_scale),
    )
    check_config(config)
    return NgpNetwork(config, dataset.whole("n_extra_learnable_dims", range(_MAX_LATENTS + 1), 0))


def _triple(corner: FloatArray) -> tuple[float, float, float]:
    x, y, z = corner.tolist()
    return x, y, z


def _read_grid(encoding: ForeignTable, aabb_scale: int) -> dict[str, Any]:
    """The sizes of the grid, by their names in `FieldConfig`."""
    kind = encoding.word("otype", "")
    if kind == "grid":
        kind = encoding.word("type", "hash") + "grid"
    if kind not in _GRIDS or encoding.word("hash", "coherentprime") != "coherentprime":
        raise unsupported(N_("position encoding"), encoding.word("otype", ""), "HashGrid, DenseGrid")
    n_features = encoding.whole("n_features_per_level", RANGES["n_features"], 2)
    n_levels = encoding.whole("n_levels", RANGES["n_levels"], 16)
    log2_size = encoding.whole("log2_hashmap_size", RANGES["log2_size"], 15)
    base = encoding.whole("base_resolution", RANGES["base_resolution"], 1 << (log2_size // 3))
    growth = _growth(encoding, base, n_levels, aabb_scale)
    finest = base * growth ** (n_levels - 1) + 2
    if kind == "densegrid":  # one row for each grid point of every level
        log2_size = min(max(math.ceil(3 * math.log2(finest)), 4), RANGES["log2_size"].stop - 1)
    sizes = {"n_levels": n_levels, "n_features": n_features, "log2_size": log2_size, "base_resolution": base}
    return {**sizes, "growth": growth, "interpolation": _interpolation(encoding)}


def _growth(encoding: ForeignTable, base: int, n_levels: int, aabb_scale: int) -> float:
    """How much finer each level is: mostly not in the file, but chosen so that the finest one suits the box."""
    growth = encoding.number("per_level_scale", 0.0, MAX_RESOLUTION, 0.0)
    if growth > 0 or n_levels == 1:
        return max(growth, 1.0)
    return math.exp(math.log(_FINEST * aabb_scale / base) / (n_levels - 1))


def _interpolation(encoding: ForeignTable) -> Literal["linear", "smooth"]:
    word = encoding.word("interpolation", "linear")
    if word not in ("linear", "smoothstep"):
        raise unsupported(N_("interpolation"), word, "Linear, Smoothstep")
    return "linear" if word == "linear" else "smooth"


def _check_directions(encoding: ForeignTable) -> None:
    """The direction must be seen as 16 spherical harmonics; latents may follow them."""
    nested = encoding.items("nested", 4) if encoding.word("otype", "") == "composite" else []
    first = ForeignTable(nested[0], "dir_encoding.nested") if nested else encoding
    kind = first.word("otype", "")
    if kind != "sphericalharmonics" or first.whole("degree", range(1, 9), 4) != 4:
        raise unsupported(N_("direction encoding"), kind, N_("SphericalHarmonics of degree 4"))


def _check_mlp(network: ForeignTable) -> None:
    if network.word("otype", "") not in _NETWORKS:
        raise unsupported(N_("network"), network.word("otype", ""), "FullyFusedMLP, CutlassMLP")
    if network.word("activation", "relu") != "relu":
        raise unsupported(N_("activation"), network.word("activation", ""), "ReLU")
    if network.word("output_activation", "none") != "none":
        raise unsupported(N_("output activation"), network.word("output_activation", ""), N_("an ordinary one"))


def unsupported(what: str, found: str, known: str) -> UserError:
    """What to say about a part of another kind than is read here."""
    return UserError(
        N_("This snapshot has the {what} “{found}”; only {known} can be read.").format(
            what=what, found=found[:40], known=known
        )
    )


def read_weights(network: NgpNetwork, snapshot: ForeignTable) -> tuple[FieldWeights, FloatArray]:
    """Cut the snapshot's row of numbers into the field's weights; raises UserError where it does not fit.

    Returns the weights without the code of any picture, and the columns (colour_width, n) by which the first colour
    layer sees that and, where it is padded, ones.
    """
    numbers = _read_numbers(snapshot)
    shapes = _fitting_shapes(network, len(numbers))
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    *matrices, grid = (part.reshape(shape) for part, shape in zip(np.split(numbers, ends[:-1]), shapes, strict=True))
    config = network.config
    wanted = [*config.density_shapes(), *config.colour_shapes()]
    cut = [np.ascontiguousarray(m[:rows, :columns]) for m, (rows, columns) in zip(matrices, wanted, strict=True)]
    n_density = len(config.density_shapes())
    columns = matrices[n_density][:, config.n_geometry + N_HARMONICS :]
    bias = columns[:, network.n_latents :].sum(axis=1)
    return FieldWeights(np.ascontiguousarray(grid), tuple(cut[:n_density]), tuple(cut[n_density:]), bias), columns


def _read_numbers(snapshot: ForeignTable) -> FloatArray:
    kind = snapshot.word("params_type", "__half")
    if kind not in _NUMBERS:
        raise unsupported(N_("number type"), kind, "__half, float")
    n_params = snapshot.whole("n_params", range(1, MAX_NUMBERS + 1), 0)
    data = snapshot.data("params_binary")
    if len(data) != n_params * np.dtype(_NUMBERS[kind]).itemsize:
        raise wrong_value("snapshot.params_binary")
    numbers = np.frombuffer(data, _NUMBERS[kind]).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise UserError(N_("The snapshot’s weights are not all numbers."), N_("Train the scene again."))
    return numbers


def _fitting_shapes(network: NgpNetwork, n_params: int) -> list[Shape]:
    """The padded shapes, in the file's order, of which the numbers are exactly enough."""
    for block in _BLOCKS:
        shapes = _padded_shapes(network, block)
        if sum(rows * columns for rows, columns in shapes) == n_params:
            return shapes
    raise UserError(
        N_("This snapshot contains {n:,} weights, but its networks need a different number.").format(n=n_params)
    )


def _padded_shapes(network: NgpNetwork, block: int) -> list[Shape]:
    config = network.config
    n_seen = config.n_geometry + _padded(N_HARMONICS + network.n_latents, 16)
    density = [_padded(config.n_encoded, block), *[config.density_width] * config.n_density_layers, config.n_geometry]
    colour = [n_seen, *[config.colour_width] * config.n_colour_layers, _padded(3, block)]
    matrices = [(n_out, n_in) for widths in (density, colour) for n_in, n_out in pairwise(widths)]
    return [*matrices, (config.levels.n_rows, config.n_features)]


def _padded(n: int, block: int) -> int:
    return -(-n // block) * block
