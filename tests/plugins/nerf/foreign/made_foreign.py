"""Writes small files as other programs write them: instant-ngp snapshots and nerf-pytorch checkpoints."""

import gzip
import io
import math
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import torch

from plugins.nerf.field.model.config import FieldConfig, NeRFConfig
from plugins.nerf.field.model.field import FieldWeights
from plugins.nerf.field.model.networks import NeRF
from tests.plugins.nerf.field.made_field import make_weights

GRID_SIZE = 16
NGP_CONFIG = FieldConfig(
    (0.0, 0.0, 0.0),
    (1.0, 1.0, 1.0),
    n_levels=3,
    n_features=2,
    log2_size=6,
    base_resolution=4,
    growth=math.exp(math.log(2048 / 4) / 2),
    density_width=16,
    n_density_layers=1,
    n_geometry=16,
    colour_width=16,
    n_colour_layers=2,
)
SMALL_NERF = NeRFConfig(3, 2, 16, 4, (), 8, has_first_relu=False, has_feature_relu=True)


def padded(matrix: Any, block: int, n_rows: int | None = None, n_columns: int | None = None) -> Any:
    """A matrix with noise in the rows and columns that fill up its blocks."""
    rows, columns = (-(-n // block) * block for n in matrix.shape)
    full = np.random.default_rng(9).normal(size=(n_rows or rows, n_columns or columns)).astype(np.float32)
    full[: matrix.shape[0], : matrix.shape[1]] = matrix
    return full


def flat_params(weights: FieldWeights, block: int = 16, fixed_columns: Any = None) -> Any:
    """All numbers in instant-ngp's order; `fixed_columns` are those of the first colour layer behind the direction."""
    density = [padded(weights.density[0], block), *weights.density[1:]]
    first, *rest = weights.colour
    if fixed_columns is not None:
        first = np.concatenate([first, fixed_columns], axis=1)
    colour = [first, *rest[:-1], padded(rest[-1], block, n_columns=rest[-1].shape[1])]
    return np.concatenate([part.ravel() for part in (*density, *colour, weights.grid)])


def ngp_values(**snapshot: Any) -> dict[str, Any]:
    """The content of a small valid snapshot; keyword arguments replace keys of "snapshot", None leaves them out."""
    params = flat_params(make_weights(NGP_CONFIG)).astype(np.float16)
    density = np.full(GRID_SIZE**3, 0.5, np.float16)
    values = {
        "version": 1,
        "mode": "nerf",
        "n_params": len(params),
        "params_type": "__half",
        "params_binary": params.tobytes(),
        "density_grid_size": GRID_SIZE,
        "density_grid_binary": density.tobytes(),
        "aabb": {"min": [0.0, 0.0, 0.0], "max": [1.0, 1.0, 1.0]},
        "up_dir": [0.0, 1.0, 0.0],
        "exposure": 0.5,
        "background_color": [1.0, 0.5, 0.0, 1.0],
        "training_step": 77,
        "camera": {
            "matrix": [[1.0, 0, 0, 0.5], [0, -1.0, 0, 0.5], [0, 0, -1.0, 2.0]],
            "fov_axis": 1,
            "relative_focal_length": [1.0, 1.2],
            "zoom": 1.0,
            "scale": 1.5,
        },
        "nerf": {"aabb_scale": 1, "dataset": dataset()},
        **snapshot,
    }
    return {
        "encoding": {
            "otype": "HashGrid",
            "n_levels": 3,
            "n_features_per_level": 2,
            "log2_hashmap_size": 6,
            "base_resolution": 4,
        },
        "dir_encoding": {
            "otype": "Composite",
            "nested": [
                {"otype": "SphericalHarmonics", "degree": 4, "n_dims_to_encode": 3},
                {"otype": "Identity", "n_bins": 4, "degree": 4},
            ],
        },
        "network": {
            "otype": "FullyFusedMLP",
            "activation": "ReLU",
            "output_activation": "None",
            "n_neurons": 16,
            "n_hidden_layers": 1,
        },
        "rgb_network": {
            "otype": "FullyFusedMLP",
            "activation": "ReLU",
            "output_activation": "None",
            "n_neurons": 16,
            "n_hidden_layers": 2,
        },
        "loss": {"otype": "Huber"},
        "optimizer": {"otype": "Ema"},
        "snapshot": {name: value for name, value in values.items() if value is not None},
    }


def dataset(**changes: Any) -> dict[str, Any]:
    """The photos of a snapshot: two of them."""
    photo = {"resolution": [200, 100], "focal_length": [120.0, 120.0], "principal_point": [0.5, 0.5]}
    matrix = [[1.0, 0, 0, 0.5], [0, 0, 1.0, 0.25], [0, -1.0, 0, 2.0]]
    return {
        "n_images": 2,
        "paths": ["C:\\photos\\a.png", "/home/b/../../etc/passwd"],
        "metadata": [photo, photo],
        "xforms": [{"start": matrix, "end": matrix}] * 2,
        "is_hdr": False,
        "n_extra_learnable_dims": 0,
        "aabb_scale": 1,
        "envmap_resolution": [0, 0],
    } | changes


def write_ngp(path: Path, values: Any) -> Path:
    """Write a snapshot: packed unless the name ends in .msgpack."""
    data = msgpack.packb(values)
    path.write_bytes(data if path.suffix == ".msgpack" else gzip.compress(data, 1))
    return path


def with_value(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same content with one value replaced, or left out where it is None."""
    first, _, rest = path.partition(".")
    changed = dict(values)
    if rest:
        changed[first] = with_value(values[first], rest, value)
    elif value is None:
        changed.pop(first, None)
    else:
        changed[first] = value
    return changed


KRRISH94_NAMES = {
    "density_layer": "fc_alpha",
    "feature_layer": "fc_feat",
    "direction_layer": "layers_dir.0",
    "colour_layer": "fc_rgb",
    "output_layer": "fc_out",
}
YENCHENLIN_NAMES = {
    "density_layer": "alpha_linear",
    "feature_layer": "feature_linear",
    "direction_layer": "views_linears.0",
    "colour_layer": "rgb_linear",
    "output_layer": "output_linear",
}


def make_network(config: NeRFConfig, seed: int = 0) -> NeRF:
    """An untrained NeRF that is dense in some places."""
    torch.manual_seed(seed)
    network = NeRF(config)
    with torch.no_grad():
        network.trunk(torch.zeros(1, 3))
        for name, parameter in network.named_parameters():
            if name == "density_layer.bias":
                parameter.fill_(0.3)
    return network.eval().requires_grad_(False)


def krrish94_state(network: NeRF) -> dict[str, Any]:
    """The state of a network under krrish94's names."""
    renamed = {}
    for name, value in network.state_dict().items():
        layer, _, kind = name.rpartition(".")
        number = layer.partition("position_layers.")[2]
        theirs = KRRISH94_NAMES.get(layer) or ("layer1" if number == "0" else f"layers_xyz.{int(number or 0) - 1}")
        renamed[f"{theirs}.{kind}"] = value.clone()
    return renamed


def yenchenlin_state(network: NeRF) -> dict[str, Any]:
    """The state of a network under yenchenlin's names."""
    renamed = {}
    for name, value in network.state_dict().items():
        layer, _, kind = name.rpartition(".")
        theirs = YENCHENLIN_NAMES.get(layer) or layer.replace("position_layers", "pts_linears")
        renamed[f"{theirs}.{kind}"] = value.clone()
    return renamed


def krrish94_root(**changes: Any) -> dict[str, Any]:
    """The content of a small checkpoint of krrish94's; keyword arguments replace keys."""
    networks = [krrish94_state(make_network(SMALL_NERF, seed)) for seed in (0, 1)]
    return {
        "iter": 12,
        "model_coarse_state_dict": networks[0],
        "model_fine_state_dict": networks[1],
        "optimizer_state_dict": {"state": {}, "param_groups": []},
        "loss": torch.tensor(0.1),
        "psnr": 20.5,
    } | changes


def torch_bytes(root: Any, *, is_legacy: bool) -> bytes:
    """A file as torch.save writes it."""
    file = io.BytesIO()
    torch.save(root, file, _use_new_zipfile_serialization=not is_legacy)
    return file.getvalue()
