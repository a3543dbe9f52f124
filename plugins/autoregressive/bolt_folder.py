"""Reads a folder of a Chronos-Bolt: what it is and whether it is whole, without loading it; no torch."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.core.container.source import printable
from studio.core.container.weight_files import WeightFiles, read_object
from studio.core.error import UserError
from studio.core.text import N_

from .bolt_config import BoltConfig, bolt_config
from .foreign_folder import CONFIG, Shape, check_arrays, main_dtype, read_arrays

CHRONOS: Final = "chronos_config"
MAX_PARAMS: Final = 2_000_000_000
# Copies of the table of marks, and what looks from the only place that is told to itself: of one, it takes all.
_USELESS: Final = re.compile(
    r"(encoder|decoder)\.embed_tokens\.weight|lm_head\.weight|quantiles"
    r"|decoder\.block\.\d+\.layer\.0\.SelfAttention\.(q|k|relative_attention_bias)\.weight"
)


@dataclass(frozen=True)
class BoltFolder:
    """A Chronos-Bolt that can be opened. Attributes: warnings: what is odd but does no harm."""

    path: Path
    config: BoltConfig
    weights: WeightFiles
    warnings: tuple[str, ...] = ()

    @property
    def n_params(self) -> int:
        """How many numbers the network has."""
        return sum(math.prod(shape) for _, shape in array_places(self.config).values())

    @property
    def dtype(self) -> str:
        """The type of most of them."""
        return main_dtype(self.weights)


def is_chronos(settings: Mapping[str, Any]) -> bool:
    """Whether a config.json is of any Chronos."""
    return isinstance(settings.get(CHRONOS), Mapping)


def read_bolt_folder(folder: Path) -> BoltFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that is not opened; the sentence names it.
    """
    settings = read_object(folder / CONFIG)
    _check_kind(settings)
    config = bolt_config(settings)
    shapes = {name: shape for name, (_, shape) in array_places(config).items()}
    if sum(map(math.prod, shapes.values())) > MAX_PARAMS:
        raise UserError(N_("The sizes in “config.json” make a model that is too large to be opened."))
    weights = read_arrays(folder)
    unused = check_arrays(shapes, weights, lambda name: _USELESS.fullmatch(name) is not None)
    return BoltFolder(folder, config, weights, (*weights.warnings, *unused))


def _check_kind(settings: Mapping[str, Any]) -> None:
    """Chronos-Bolt alone is opened; the others read and tell otherwise."""
    chronos = settings.get(CHRONOS)
    what_to_do = N_("Take a folder of Chronos-Bolt (amazon/chronos-bolt-tiny, -mini, -small or -base).")
    if isinstance(chronos, Mapping) and "tokenizer_class" in chronos:
        first = N_("This is a Chronos of the first kind, which reads values as words. It is not opened.")
        raise UserError(first, what_to_do)
    if not isinstance(chronos, Mapping) or "input_patch_size" not in chronos or "output_patch_size" in chronos:
        names = settings.get("architectures")
        name = printable(str(names[0])) if isinstance(names, list) and names else "Chronos"
        raise UserError(N_("This Chronos ({name}) is of a kind that is not opened.").format(name=name), what_to_do)


Place = tuple[str, Shape]


def array_places(config: BoltConfig) -> dict[str, Place]:
    """The arrays that are read, by their names in the file: their names in our network, and their shapes."""
    width = config.width
    places: dict[str, Place] = {
        "shared.weight": ("marks.weight", (config.n_marks, width)),
        "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": (
            "distance.weight", (config.n_buckets, config.n_heads)
        ),
        "encoder.final_layer_norm.weight": ("reader_norm.weight", (width,)),
        "decoder.final_layer_norm.weight": ("teller_norm.weight", (width,)),
    }  # fmt: skip
    places |= dict(_edge("input_patch_embedding", "patch_in", config, 2 * config.patch, width))
    n_told = len(config.quantiles) * config.n_ahead
    places |= dict(_edge("output_patch_embedding", "patch_out", config, width, n_told))
    for layer in range(config.n_layers):
        places |= dict(_reader(f"encoder.block.{layer}.layer.", f"readers.{layer}.", config))
    for layer in range(config.n_tellers):
        places |= dict(_teller(f"decoder.block.{layer}.layer.", f"tellers.{layer}.", config))
    return places


def _edge(name: str, target: str, config: BoltConfig, n_in: int, n_out: int) -> Iterator[tuple[str, Place]]:
    sizes = {"hidden": (config.mlp_width, n_in), "output": (n_out, config.mlp_width), "residual": (n_out, n_in)}
    for part, shape in sizes.items():
        yield f"{name}.{part}_layer.weight", (f"{target}.{part}.weight", shape)
        yield f"{name}.{part}_layer.bias", (f"{target}.{part}.bias", shape[:1])


def _reader(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, Place]]:
    yield from _looking(f"{name}0.", "SelfAttention", f"{target}attention", config)
    yield from _thinking(f"{name}1.", target, config)


def _teller(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, Place]]:
    width, inner = config.width, config.n_heads * config.head_width
    yield f"{name}0.layer_norm.weight", (f"{target}own_norm.weight", (width,))
    yield f"{name}0.SelfAttention.v.weight", (f"{target}own_value.weight", (inner, width))
    yield f"{name}0.SelfAttention.o.weight", (f"{target}own_out.weight", (width, inner))
    yield from _looking(f"{name}1.", "EncDecAttention", f"{target}attention", config)
    yield from _thinking(f"{name}2.", target, config)


def _looking(name: str, kind: str, target: str, config: BoltConfig) -> Iterator[tuple[str, Place]]:
    width, inner = config.width, config.n_heads * config.head_width
    yield f"{name}layer_norm.weight", (f"{target}_norm.weight", (width,))
    for one, part in (("q", "query"), ("k", "key"), ("v", "value")):
        yield f"{name}{kind}.{one}.weight", (f"{target}.{part}.weight", (inner, width))
    yield f"{name}{kind}.o.weight", (f"{target}.out.weight", (width, inner))


def _thinking(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, Place]]:
    shape = (config.mlp_width, config.width)
    yield f"{name}layer_norm.weight", (f"{target}mlp_norm.weight", (config.width,))
    for one, part in (("wi_0", "up"), ("wi_1", "gate")) if config.is_gated else (("wi", "up"),):
        yield f"{name}DenseReluDense.{one}.weight", (f"{target}mlp.{part}.weight", shape)
    yield f"{name}DenseReluDense.wo.weight", (f"{target}mlp.down.weight", shape[::-1])
