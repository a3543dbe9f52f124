"""Networks in safetensors files: written with what builds them again, and read without believing anything.

A file holds a network's tensors as `model.NAME` (packed by studio.nn.quantised), other arrays as `extra.NAME`,
and, as its metadata, `architecture` and `config`. Nothing in a file is believed before it is checked: its sizes, then
its shapes, then its numbers.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.quantised import packed, packed_keys, read_packed, whole
from studio.nn.without_weights import without_weights

MAX_FILE_BYTES: Final = 256 << 20
MAX_PARAMS: Final = 64_000_000
MAX_NUMBER: Final = 4096
MAX_NUMBERS: Final = 16
MAX_DEPTH: Final = 24
MAX_WORDS: Final = 20_000
MAX_WORD: Final = 64
_PREFIX: Final = "model."
_EXTRA: Final = "extra."
NetworkT = TypeVar("NetworkT", bound=nn.Module)
# How often something is repeated, rather than how wide it is.
_REPEATS: Final = ("n_blocks", "n_layers", "n_encoder_blocks", "fold")
_NOW: Final = {"forger": "generator", "detective": "discriminator"}
_OLD: Final = re.compile(rf"(?<![a-z])({'|'.join(_NOW)})(?![a-z])")


def present_name(name: str) -> str:
    """The name that a part or a field has today: "forger.first.weight" is "generator.first.weight"."""
    return _OLD.sub(lambda match: _NOW[match[1]], name)


def present_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """A table with the names of today; optimisers and others whose keys are no parts of networks are as they were."""
    return {present_name(name): value for name, value in values.items()}


@dataclass(frozen=True)
class NetworkKind:
    """How networks of one architecture are made from a configuration, a dataclass.

    Attributes:
        later: fields of the configuration that older files lack; there they have their defaults.
    """

    config: type[Any]
    network: Callable[[Any], nn.Module]
    later: frozenset[str] = frozenset()


def save_network(
    path: Path,
    network: nn.Module,
    exact: tuple[str, ...] = (),
    about: Mapping[str, str] | None = None,
    extra: Mapping[str, Tensor] | None = None,
) -> None:
    """Write a network that has a `config`; tensors whose names begin with one of `exact` as float16.

    `about` is what else stands in the file's metadata, such as a tokenizer; `extra`, what stands beside the weights.
    """
    tensors: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        is_exact = bool(exact) and name.startswith(exact)
        tensors |= whole(_PREFIX + name, value) if is_exact else packed(_PREFIX + name, value)
    # Clones, since safetensors refuses tensors that share memory.
    tensors |= {_EXTRA + name: value.contiguous().clone() for name, value in (extra or {}).items()}
    config = json.dumps(dataclasses.asdict(network.config))  # type: ignore[call-overload]  # every network has one
    atomic_write(path, save(tensors, {**(about or {}), "architecture": type(network).__name__, "config": config}))


def read_about(path: Path, key: str) -> str:
    """What stands under a key in a file's metadata; empty where it is missing or the file is no safetensors file."""
    try:
        with safe_open(path, "pt") as file:
            return str((file.metadata() or {}).get(key, ""))
    except (SafetensorError, OSError):
        return ""


def load_network(path: Path, kinds: Mapping[str, NetworkKind]) -> tuple[str, nn.Module]:
    """The architecture and network in a file: float32, in eval mode, on the CPU, without gradients.

    Raises:
        UserError: the file is missing, damaged, too large, none of these kinds, or holds NaN.
    """
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        raise UserError(N_("The model’s file is missing or too large."), N_("Choose a file made by this program."))
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            architecture = metadata.get("architecture", "")
            network = empty_network(kinds, architecture, json.loads(metadata.get("config", "{}")))
            network.load_state_dict(_tensors(file, network), assign=True)
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise UserError(
            N_("The model’s file is damaged."), N_("Download it again, or train the model again.")
        ) from error
    network = network.eval().requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
    return architecture, network


def load_only(path: Path, config: type[Any], network: type[NetworkT]) -> NetworkT:
    """The network in a file that can be of one kind alone; raises UserError as `load_network` does."""
    found = load_network(path, {network.__name__: NetworkKind(config, network)})[1]
    assert isinstance(found, network)
    return found


def _tensors(file: Any, network: nn.Module) -> dict[str, Tensor]:
    """The tensors that an empty network asks for; a file with others is refused."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    stored = {present_name(key): key for key in packed_keys(set(file.keys())) if not key.startswith(_EXTRA)}
    if set(stored) != {_PREFIX + name for name in wanted}:
        raise UserError(N_("The model’s file does not match the network it names."))
    return {name: read_packed(file, stored[_PREFIX + name], shape) for name, shape in wanted.items()}


def empty_network(kinds: Mapping[str, NetworkKind], architecture: str, config: Any) -> nn.Module:
    """A network without memory for its weights; raises UserError where it is not known or a size is out of range."""
    kind = kinds.get(architecture)
    if kind is None:
        raise UserError(N_("This file does not contain a model of this kind."))
    try:
        with without_weights():
            network = kind.network(read_config(kind.config, config, kind.later))
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in this model’s file are impossible.")) from error
    if sum(value.numel() for value in network.state_dict().values()) > MAX_PARAMS:
        raise UserError(N_("The model in this file is larger than any made by this program."))
    return network


def read_config(kind: type[Any], values: Any, later: frozenset[str] = frozenset()) -> Any:
    """A configuration out of JSON: every field there but `later` ones, none besides, all in range; else ValueError."""
    hints = get_type_hints(kind)
    values = present_names(values) if isinstance(values, dict) else {}
    if not set(hints) - later <= set(values) <= set(hints):
        raise ValueError(f"other fields than those of {kind.__name__}")
    return kind(**{name: _value(hints[name], value, name, later) for name, value in values.items()})


def _value(hint: Any, value: Any, name: str, later: frozenset[str]) -> Any:
    if isinstance(hint, UnionType):  # a part that may be missing
        inner = next(one for one in get_args(hint) if one is not NoneType)
        return None if value is None else _value(inner, value, name, later)
    if dataclasses.is_dataclass(hint):
        return read_config(hint, value, later)  # type: ignore[arg-type]  # a class, not an instance
    if get_origin(hint) is tuple:
        return _values(get_args(hint)[0], value, name, later)
    if get_origin(hint) is Literal and value in get_args(hint):
        return value
    if hint is bool and type(value) is bool:
        return value
    if hint is float and isinstance(value, int | float) and 0 <= value <= 1:
        return float(value)
    if hint is int and type(value) is int and 0 <= value <= (MAX_DEPTH if name in _REPEATS else MAX_NUMBER):
        return value
    raise ValueError(f"{name} is out of range")


def _values(hint: Any, values: Any, name: str, later: frozenset[str]) -> tuple[Any, ...]:
    if not isinstance(values, list) or len(values) > (MAX_WORDS if hint is str else MAX_NUMBERS):
        raise ValueError(f"{name} is no list, or too long")
    if hint is not str:
        return tuple(_value(hint, value, name, later) for value in values)
    if not all(isinstance(value, str) and len(value) <= MAX_WORD for value in values):
        raise ValueError(f"{name} holds what is no word")
    return tuple(values)
