"""Reads checkpoints of krrish94's and yenchenlin's nerf-pytorch as original NeRFs; nothing in them is run.

Photos that all look forward (LLFF) are learnt with rays bent into a box from 0 to 1, the horizon at its end: that is
another scene in ours. Nothing in the weights says so, but what lies in the checkpoint or beside it may.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.container.source import open_regular, printable
from studio.core.container.weights.pickle_reader import PickledTensor
from studio.core.container.weights.torch_weights import TorchWeights, open_torch
from studio.core.error import UserError
from studio.core.translation import N_

from ...field.model.config import NeRFConfig
from ...field.model.field import FloatArray

MAX_WIDTH: Final = 1024
MAX_DEPTH: Final = 16
MAX_FREQUENCIES: Final = 16
_PAIRS: Final = (
    ("model_coarse_state_dict", "model_fine_state_dict"),
    ("network_fn_state_dict", "network_fine_state_dict"),
)
_OTHER_KEYS: Final = {"iter", "global_step", "optimizer_state_dict", "loss", "psnr"}
# Names in the file (a number stays a number) and ours.
_YENCHENLIN: Final = {
    "pts_linears": "position_layers",
    "alpha_linear": "density_layer",
    "feature_linear": "feature_layer",
    "views_linears.0": "direction_layer",
    "rgb_linear": "colour_layer",
    "output_linear": "output_layer",
}
_KRRISH94: Final = {
    "layer1": "position_layers.0",
    "layers_xyz": "position_layers",
    "fc_alpha": "density_layer",
    "fc_feat": "feature_layer",
    "layers_dir.0": "direction_layer",
    "fc_rgb": "colour_layer",
    "fc_out": "output_layer",
}
_NAME: Final = re.compile(r"([a-z_0-9]+?(?:\.0)?)(?:\.(\d{1,2}))?\.(weight|bias)")
Arrays = dict[str, FloatArray]
NGP: Final = "instant-ngp"
CHECKPOINT: Final = "nerf-pytorch"
_BESIDE: Final = ("args.txt", "config.txt", "config.yml", "config.yaml")
_MAX_BYTES: Final = 64 << 10
_SETTING: Final = re.compile(r"^\s*(\w+)\s*[=:]\s*['\"]?([\w.+-]+)", re.MULTILINE)
_FORWARD: Final = "llff"
_KINDS: Final = ("dataset_type", "type")  # yenchenlin's and krrish94's
_MOST_DEPTH: Final = 3
Setting: TypeAlias = tuple[str, str]


def refuse_ndc(path: Path, root: Mapping[Any, Any]) -> None:
    """Raise UserError where a checkpoint, or a settings file beside it, tells of a scene that looks forward."""
    if any(map(_looks_forward, (*_tables(root, 0), *_settings_beside(path)))):
        raise UserError(
            N_("This NeRF was trained on photos that all face forward (LLFF), which cannot be read here."),
            N_("Its space is bent so that the horizon fits in a box (NDC). Scenes seen from all around can be read."),
        )


def _tables(found: Any, depth: int) -> Iterator[list[Setting]]:
    """The plain settings in a checkpoint, also those that lie deeper."""
    if not isinstance(found, Mapping) or depth > _MOST_DEPTH:
        return
    yield [(str(name), str(value)) for name, value in found.items() if isinstance(value, str | bool)]
    for value in found.values():
        yield from _tables(value, depth + 1)


def _settings_beside(path: Path) -> Iterator[list[Setting]]:
    for name in _BESIDE:
        beside = path.parent / name
        if beside.is_file():
            with open_regular(beside) as file:
                yield _SETTING.findall(file.read(_MAX_BYTES).decode("utf-8", "replace"))


def _looks_forward(settings: list[Setting]) -> bool:
    """Whether they say so; `no_ndc` is false for all scenes unless they name their kind, so it counts alone only."""
    said = {(name, value.casefold()) for name, value in settings}
    kinds = {value for name, value in said if name in _KINDS}
    return _FORWARD in kinds or (not kinds and bool(said & {("ndc", "true"), ("no_ndc", "false")}))


@dataclass(frozen=True, eq=False)
class NeRFWeights:
    """One network: its shape, and its numbers by the names of `networks.NeRF`."""

    config: NeRFConfig
    arrays: Arrays


@dataclass(frozen=True, eq=False)
class CheckpointScene:
    """A checkpoint that was read; `fine` is `coarse` where there is but one network."""

    coarse: NeRFWeights
    fine: NeRFWeights
    author: str
    n_steps: int

    @property
    def n_params(self) -> int:
        """How many numbers both networks hold."""
        networks = [self.coarse] if self.fine is self.coarse else [self.coarse, self.fine]
        return sum(array.size for network in networks for array in network.arrays.values())


def read_checkpoint(path: Path) -> CheckpointScene:
    """Read a checkpoint; raises UserError where it is broken or its networks are of another kind."""
    with open_torch(path) as file:
        root = file.root
        names = next((pair for pair in _PAIRS if isinstance(root, dict) and pair[0] in root), None)
        if names is None:
            raise UserError(N_("This torch file does not contain a NeRF from krrish94’s or yenchenlin’s nerf-pytorch."))
        refuse_ndc(path, root)
        coarse = _read_network(file, root[names[0]])
        fine_state = root.get(names[1])
        fine = coarse if fine_state is None else _read_network(file, fine_state)
    author = "krrish94" if names is _PAIRS[0] else "yenchenlin"
    steps = root.get("iter", root.get("global_step", 0))
    return CheckpointScene(coarse, fine, author, steps if type(steps) is int and 0 <= steps < 1 << 40 else 0)


def unread_keys(path: Path) -> list[str]:
    """Names in a checkpoint that are not used, fit to be shown."""
    with open_torch(path) as file:
        known = _OTHER_KEYS.union(*_PAIRS)
        return [printable(str(key)[:60]) for key in file.root if key not in known]


def _read_network(file: TorchWeights, state: Any) -> NeRFWeights:
    if not isinstance(state, dict) or not all(isinstance(value, PickledTensor) for value in state.values()):
        raise _other_kind()
    named = {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    is_krrish94 = "layer1.weight" in named
    shapes = {name: tensor.shape for name, tensor in named.items()}
    ours = _renamed(shapes, _KRRISH94 if is_krrish94 else _YENCHENLIN, is_krrish94)
    config = _config_of({ours[name]: shape for name, shape in shapes.items()}, is_krrish94)
    arrays = {ours[name]: file.array(tensor) for name, tensor in named.items()}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise UserError(N_("The weights in this file are not all numbers."), N_("Use an earlier checkpoint."))
    return NeRFWeights(config, _arranged(arrays, config, is_krrish94))


def _renamed(shapes: Mapping[str, Any], table: Mapping[str, str], is_krrish94: bool) -> dict[str, str]:
    """Our name of each array; raises UserError where one is not known, since then the picture would be wrong."""
    found = {}
    for name in shapes:
        match = _NAME.fullmatch(name)
        layer, number, kind = match.groups() if match else ("", None, "")
        if layer not in table and number is None and layer.endswith(".0"):  # the first of several
            layer, number = layer.removesuffix(".0"), "0"
        if layer not in table:
            raise UserError(
                N_("This NeRF has a part “{name}” that cannot be read here.").format(name=printable(name)),
                N_("Networks like the paper’s can be read: position, density, feature, direction and colour."),
            )
        shift = 1 if is_krrish94 else 0  # its layers_xyz follow layer1
        found[name] = ".".join([table[layer], *([str(int(number) + shift)] if number else []), kind])
    if len(set(found.values())) != len(found):
        raise _other_kind()
    return found


def _config_of(shapes: dict[str, tuple[int, ...]], is_krrish94: bool) -> NeRFConfig:
    """Find the sizes by the shapes of the matrices, and check that all of them fit together."""
    depth = sum(name.startswith("position_layers.") and name.endswith(".weight") for name in shapes)
    first = shapes.get("position_layers.0.weight", ())
    if len(first) != 2 or not 1 <= depth <= MAX_DEPTH or not 1 <= first[0] <= MAX_WIDTH:
        raise _other_kind()
    width, n_position = first
    skips = tuple(i - 1 for i in range(1, depth) if _columns(shapes, f"position_layers.{i}") == width + n_position)
    direction = None
    direction_width = _rows(shapes, "direction_layer") or 1  # of no importance where there is none
    if "output_layer.weight" not in shapes:
        direction = _n_frequencies(_columns(shapes, "direction_layer") - width)
    config = NeRFConfig(
        _n_frequencies(n_position), direction, width, depth, skips, direction_width, not is_krrish94, is_krrish94
    )
    _check_shapes(config, shapes)
    return config


def _columns(shapes: dict[str, tuple[int, ...]], layer: str) -> int:
    shape = shapes.get(f"{layer}.weight", ())
    return shape[1] if len(shape) == 2 else 0


def _n_frequencies(n_encoded: int) -> int:
    n_frequencies, rest = divmod(n_encoded - 3, 6)
    if rest or not 0 <= n_frequencies <= MAX_FREQUENCIES:
        raise UserError(N_("This NeRF encodes positions or directions in a way that cannot be read here."))
    return n_frequencies


def _check_shapes(config: NeRFConfig, shapes: dict[str, tuple[int, ...]]) -> None:
    if not 1 <= config.direction_width <= MAX_WIDTH:
        raise _other_kind()
    wanted = config.shapes()
    spare = {"direction_layer.weight", "direction_layer.bias"}  # yenchenlin's is there where it is not used, too
    if config.n_direction_frequencies is None and _rows(shapes, "output_layer") == 5:
        wanted |= {"output_layer.weight": (5, config.width), "output_layer.bias": (5,)}
    found = {name: shape for name, shape in shapes.items() if name in wanted or name not in spare}
    if found != wanted:
        raise _other_kind()


def _rows(shapes: dict[str, tuple[int, ...]], layer: str) -> int:
    shape = shapes.get(f"{layer}.bias", ())
    return shape[0] if len(shape) == 1 else 0


def _arranged(arrays: Arrays, config: NeRFConfig, is_krrish94: bool) -> Arrays:
    """The arrays as our network has them: the position before the hidden numbers, four outputs."""
    kept = {name: array for name, array in arrays.items() if name in config.shapes()}
    if is_krrish94:
        for i in config.skips:
            name = f"position_layers.{i + 1}.weight"
            kept[name] = np.roll(kept[name], config.n_position, axis=1)
    if "output_layer.weight" in kept:
        kept |= {name: kept[name][:4] for name in ("output_layer.weight", "output_layer.bias")}
    return kept


def _other_kind() -> UserError:
    return UserError(
        N_("The networks in this file are not those of a NeRF like the paper’s."),
        N_("Checkpoints of krrish94’s and yenchenlin’s nerf-pytorch can be read."),
    )
