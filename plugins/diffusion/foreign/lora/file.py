"""Reads what a LoRA file of diffusers, PEFT or kohya's scripts changes, and how strongly; no torch.

An array's name says the network, the layer and which half of the product it is: `unet.mid_block.….to_q.lora_A.weight`,
or with everything but the last part joined by underscores, `lora_unet_mid_block_…_to_q.lora_down.weight`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.core.adapter_strength import AdapterStrength
from studio.core.container.json_settings import Settings
from studio.core.container.json_text import parse_json
from studio.core.container.source import open_regular
from studio.core.container.weights.folder import in_file
from studio.core.container.weights.safetensors_file import LENGTH_BYTES, header_length, read_safetensors
from studio.core.container.weights.tensor import Contents
from studio.core.error import UserError
from studio.core.translation import N_

SUFFIX: Final = ".safetensors"
MAX_RANK: Final = 1024
DOWN, UP, ALPHA = "down", "up", "alpha"
_ENDINGS: Final[Mapping[str, str]] = {
    ".lora_A.weight": DOWN,
    ".lora_B.weight": UP,
    ".lora_down.weight": DOWN,
    ".lora_up.weight": UP,
    ".lora.down.weight": DOWN,
    ".lora.up.weight": UP,
    "_lora.down.weight": DOWN,
    "_lora.up.weight": UP,
    ".lora_linear_layer.down.weight": DOWN,
    ".lora_linear_layer.up.weight": UP,
    ".alpha": ALPHA,
}
_NETWORKS: Final[Mapping[str, str]] = {
    "unet.": "unet",
    "transformer.": "transformer",
    "text_encoder.": "text_encoder",
    "text_encoder_2.": "text_encoder_2",
    "lora_unet_": "unet",
    "lora_transformer_": "transformer",
    "lora_te_": "text_encoder",
    "lora_te1_": "text_encoder",
    "lora_te2_": "text_encoder_2",
}
_MAX_HEADER_BYTES: Final = 8 << 20
_SETTINGS: Final = "lora_adapter_metadata"
_MAX_SETTINGS_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class LoraPart:
    """One product that is added to the weights of a layer.

    Attributes:
        network: of the pipeline, "unet" for example.
        layer: its name there, with points, or where `is_joined` with underscores in place of all of them.
        down, up: the names of both arrays; the product is up down.
        alpha: the name of the array with the strength, empty where there is none.
        rank: of both. strength: what the product is multiplied by where `alpha` names no array.
    """

    network: str
    layer: str
    is_joined: bool
    down: str
    up: str
    alpha: str
    rank: int
    strength: float = 1.0


def is_lora(path: Path) -> bool:
    """Whether a file is one of these, by the names in its header; quick."""
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return False
    with open_regular(path) as file:
        length = header_length(file.read(LENGTH_BYTES))
        header = file.read(length) if length <= _MAX_HEADER_BYTES else b""
    halves = (ending for ending, half in _ENDINGS.items() if half == UP)
    return any(f'"{name}'.encode() in header for name in _NETWORKS) and any(
        f'{one}"'.encode() in header for one in halves
    )


def read_lora(path: Path) -> tuple[LoraPart, ...]:
    """The parts of a file; raises UserError where it is broken, incomplete, or of a kind that is not opened."""
    with open_regular(path) as file:
        contents = in_file(path, lambda: read_safetensors(file))
    settings = _settings(contents.metadata)
    shapes = {one.name: one.shape for one in contents.tensors}
    return tuple(_part(place, names, shapes, settings) for place, names in _found(contents).items())


def _found(contents: Contents) -> dict[tuple[str, str, bool], dict[str, str]]:
    """The arrays of each layer, by which half of the product they are."""
    found: dict[tuple[str, str, bool], dict[str, str]] = {}
    for tensor in contents.tensors:
        ending = max((one for one in _ENDINGS if tensor.name.endswith(one)), key=len, default="")
        prefix = next((one for one in _NETWORKS if tensor.name.startswith(one)), "")
        if not ending or not prefix:
            raise UserError(
                N_("“{name}” does not belong in a LoRA file.").format(name=tensor.name),
                N_("Only plain LoRA files can be opened, as diffusers or kohya’s scripts write them."),
            )
        layer = tensor.name.removeprefix(prefix).removesuffix(ending).replace(".processor.", ".")
        layer = f"{layer}.0" if layer.endswith(".to_out") else layer
        found.setdefault((_NETWORKS[prefix], layer, prefix.startswith("lora_")), {})[_ENDINGS[ending]] = tensor.name
    return found


def _part(
    place: tuple[str, str, bool],
    names: Mapping[str, str],
    shapes: Mapping[str, tuple[int, ...]],
    settings: Mapping[str, Mapping[str, Any]],
) -> LoraPart:
    if not {DOWN, UP} <= names.keys():
        raise incomplete()
    down, up = shapes[names[DOWN]], shapes[names[UP]]
    ranks = {*down[:1], *up[1:2]}
    if (
        len(ranks) != 1
        or not 0 < down[0] <= MAX_RANK
        or len(up) < 2
        or math.prod(shapes.get(names.get(ALPHA, ""), ())) != 1
    ):
        raise incomplete()
    network, layer, is_joined = place
    strength = _strength(settings.get(network, {}), layer, down[0])
    return LoraPart(network, layer, is_joined, names[DOWN], names[UP], names.get(ALPHA, ""), down[0], strength)


def incomplete() -> UserError:
    """What is said of a file that lacks something."""
    return UserError(N_("The adapter is incomplete."), N_("Copy or download the file again."))


def _settings(metadata: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What PEFT was asked for, by network; the library keeps all of them in one table."""
    if _SETTINGS not in metadata:
        return {}
    table = parse_json(metadata[_SETTINGS].encode(), _MAX_SETTINGS_BYTES)
    if not isinstance(table, dict):
        raise incomplete()
    found: dict[str, dict[str, Any]] = {}
    for key, value in table.items():
        network, _, name = key.partition(".")
        found.setdefault(network, {})[name] = value
    return found


def _strength(values: Mapping[str, Any], layer: str, rank: int) -> float:
    """alpha / rank, or by the root of the rank, as PEFT was asked; 1 where it was not."""
    if not values:
        return 1.0
    settings = Settings(values, _SETTINGS)
    settings.refuse("use_dora", False)
    settings.refuse("lora_bias", False)
    own = settings.table("alpha_pattern")
    name = next((one for one in own.values if layer == one or layer.endswith(f".{one}")), None)
    alpha = settings.number("lora_alpha", rank) if name is None else own.number(name)
    return AdapterStrength(rank, alpha, settings.flag("use_rslora", False)).scale
