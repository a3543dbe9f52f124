"""Reads a folder of a Chronos-Bolt: its sizes, what it is and whether it is whole, without loading it; no torch.

Chronos-Bolt (Ansari et al. 2024) reads a series in patches with a T5 (Raffel et al. 2020, arXiv 1910.10683) and says
several quantiles of all coming values at once.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.container.weights.folder import read_arrays, read_object
from studio.core.error import UserError
from studio.core.translation import N_

from .folder import CONFIG, MAX_LAYERS, MAX_WIDTH, ModelFolder, Shape, check_arrays

Activation: TypeAlias = Literal["relu", "gelu", "gelu_tanh", "silu"]
MAX_CONTEXT: Final = 16_384
MAX_AHEAD: Final = 4096
MAX_QUANTILES: Final = 99
MAX_HEADS: Final = 512
_ACTIVATIONS: Final[Mapping[str, tuple[Activation, bool]]] = {
    "relu": ("relu", False),
    "gelu": ("gelu", False),
    "silu": ("silu", False),
    "gated-relu": ("relu", True),
    "gated-gelu": ("gelu_tanh", True),
    "gated-silu": ("silu", True),
}
CHRONOS: Final = "chronos_config"
MAX_PARAMS: Final = 2_000_000_000
# Copies of the table of marks, and what looks from the only place that is told to itself: of one, it takes all.
_USELESS: Final = re.compile(
    r"(encoder|decoder)\.embed_tokens\.weight|lm_head\.weight|quantiles"
    r"|decoder\.block\.\d+\.layer\.0\.SelfAttention\.(q|k|relative_attention_bias)\.weight"
)


@dataclass(frozen=True)
class BoltConfig:
    """Attributes:
    width, mlp_width, n_heads, head_width: of the network. n_layers, n_tellers: layers that read, and that tell.
    n_buckets, farthest: into how many kinds distances fall, and from where on they are all of one.
    activation, is_gated: inside each layer. norm_eps: added to mean squares.
    n_context: values that it reads at most. patch, stride: values of a patch, and from one patch to the next.
    n_ahead: values that it tells at once. quantiles: of each, from low to high.
    has_register: whether a mark stands behind the patches. start: the row of the mark that telling begins with.
    """

    width: int
    mlp_width: int
    n_heads: int
    head_width: int
    n_layers: int
    n_tellers: int
    n_buckets: int
    farthest: int
    activation: Activation
    is_gated: bool
    norm_eps: float
    n_context: int
    patch: int
    stride: int
    n_ahead: int
    quantiles: tuple[float, ...]
    has_register: bool
    start: int

    @property
    def n_marks(self) -> int:
        """Rows of the table of marks."""
        return 2 if self.has_register else 1


def bolt_config(values: Mapping[str, Any]) -> BoltConfig:
    """The sizes in a config.json; raises UserError where a setting is missing, impossible or of another model."""
    settings = Settings(values)
    settings.refuse("quantization_config")
    chronos = settings.table("chronos_config")
    kind = settings.text("feed_forward_proj", "relu")
    if kind not in _ACTIVATIONS:
        raise settings.wrong("feed_forward_proj")
    activation, is_gated = _ACTIVATIONS[kind]
    n_layers, patch = bounded(settings, "num_layers", MAX_LAYERS), bounded(chronos, "input_patch_size", MAX_CONTEXT)
    has_register = chronos.flag("use_reg_token", False)
    start = settings.integer("decoder_start_token_id", 0)
    if start > has_register:
        raise settings.wrong("decoder_start_token_id")
    return BoltConfig(
        width=bounded(settings, "d_model", MAX_WIDTH),
        mlp_width=bounded(settings, "d_ff", MAX_WIDTH),
        n_heads=bounded(settings, "num_heads", MAX_HEADS),
        head_width=bounded(settings, "d_kv", MAX_WIDTH),
        n_layers=n_layers,
        n_tellers=bounded(settings, "num_decoder_layers", MAX_LAYERS, n_layers),
        n_buckets=_buckets(settings),
        farthest=_farthest(settings),
        activation=activation,
        is_gated=is_gated,
        norm_eps=_epsilon(settings),
        n_context=bounded(chronos, "context_length", MAX_CONTEXT),
        patch=patch,
        stride=_stride(chronos, patch),
        n_ahead=bounded(chronos, "prediction_length", MAX_AHEAD),
        quantiles=_quantiles(chronos),
        has_register=has_register,
        start=start,
    )


def bounded(settings: Settings, name: str, most: int, default: int | None = None) -> int:
    """A whole number from 1 to `most`; raises UserError where it is none."""
    value = settings.integer(name, default)
    if not 1 <= value <= most:
        raise settings.wrong(name)
    return value


def _buckets(settings: Settings) -> int:
    n = bounded(settings, "relative_attention_num_buckets", 512, 32)
    if n % 4:
        raise settings.wrong("relative_attention_num_buckets")
    return n


def _farthest(settings: Settings) -> int:
    """Distances that have a kind of their own are nearer than that."""
    value = bounded(settings, "relative_attention_max_distance", MAX_CONTEXT, 128)
    if value <= _buckets(settings) // 4:
        raise settings.wrong("relative_attention_max_distance")
    return value


def _stride(chronos: Settings, patch: int) -> int:
    """Patches lie side by side or overlap; nothing falls between them."""
    stride = bounded(chronos, "input_patch_stride", patch)
    if chronos.integer("context_length") < patch:
        raise chronos.wrong("context_length")
    return stride


def _quantiles(chronos: Settings) -> tuple[float, ...]:
    found = chronos.numbers("quantiles")
    is_rising = all(low < high for low, high in pairwise(found))
    if not 2 <= len(found) <= MAX_QUANTILES or not is_rising or found[-1] >= 1:
        raise chronos.wrong("quantiles")
    return found


def _epsilon(settings: Settings) -> float:
    value = settings.number("layer_norm_epsilon", 1e-6)
    if not 0 <= value < 1:
        raise settings.wrong("layer_norm_epsilon")
    return value


@dataclass(frozen=True)
class BoltFolder(ModelFolder):
    """A Chronos-Bolt that can be opened."""

    config: BoltConfig

    @property
    def shapes(self) -> Iterable[Shape]:
        return (shape for _, shape in array_places(self.config).values())


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
        raise UserError(N_("The sizes in “config.json” describe a model that is too large to open."))
    weights = read_arrays(folder)
    unused = check_arrays(shapes, weights, lambda name: _USELESS.fullmatch(name) is not None)
    return BoltFolder(folder, config, weights, (*weights.warnings, *unused))


def _check_kind(settings: Mapping[str, Any]) -> None:
    """Chronos-Bolt alone is opened; the others read and tell otherwise."""
    chronos = settings.get(CHRONOS)
    what_to_do = N_("Use a Chronos-Bolt folder (amazon/chronos-bolt-tiny, -mini, -small or -base).")
    if isinstance(chronos, Mapping) and "tokenizer_class" in chronos:
        first = N_("This is an older Chronos, which reads values as words. Only Chronos-Bolt can be opened.")
        raise UserError(first, what_to_do)
    if not isinstance(chronos, Mapping) or "input_patch_size" not in chronos or "output_patch_size" in chronos:
        names = settings.get("architectures")
        name = printable(str(names[0])) if isinstance(names, list) and names else "Chronos"
        raise UserError(N_("This kind of Chronos ({name}) cannot be opened.").format(name=name), what_to_do)


ArrayPlace = tuple[str, Shape]


def array_places(config: BoltConfig) -> dict[str, ArrayPlace]:
    """The arrays that are read, by their names in the file: their names in our network, and their shapes."""
    width = config.width
    places: dict[str, ArrayPlace] = {
        "shared.weight": ("marks.weight", (config.n_marks, width)),
        "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": (
            "distance.weight",
            (config.n_buckets, config.n_heads),
        ),
        "encoder.final_layer_norm.weight": ("reader_norm.weight", (width,)),
        "decoder.final_layer_norm.weight": ("teller_norm.weight", (width,)),
    }
    places |= dict(_residual_places("input_patch_embedding", "patch_in", config, 2 * config.patch, width))
    n_told = len(config.quantiles) * config.n_ahead
    places |= dict(_residual_places("output_patch_embedding", "patch_out", config, width, n_told))
    for layer in range(config.n_layers):
        places |= dict(_encoder_places(f"encoder.block.{layer}.layer.", f"readers.{layer}.", config))
    for layer in range(config.n_tellers):
        places |= dict(_decoder_places(f"decoder.block.{layer}.layer.", f"tellers.{layer}.", config))
    return places


def _residual_places(
    name: str, target: str, config: BoltConfig, n_in: int, n_out: int
) -> Iterator[tuple[str, ArrayPlace]]:
    sizes = {"hidden": (config.mlp_width, n_in), "output": (n_out, config.mlp_width), "residual": (n_out, n_in)}
    for part, shape in sizes.items():
        yield f"{name}.{part}_layer.weight", (f"{target}.{part}.weight", shape)
        yield f"{name}.{part}_layer.bias", (f"{target}.{part}.bias", shape[:1])


def _encoder_places(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, ArrayPlace]]:
    yield from _attention_places(f"{name}0.", "SelfAttention", f"{target}attention", config)
    yield from _feed_forward_places(f"{name}1.", target, config)


def _decoder_places(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, ArrayPlace]]:
    width, inner = config.width, config.n_heads * config.head_width
    yield f"{name}0.layer_norm.weight", (f"{target}own_norm.weight", (width,))
    yield f"{name}0.SelfAttention.v.weight", (f"{target}own_value.weight", (inner, width))
    yield f"{name}0.SelfAttention.o.weight", (f"{target}own_out.weight", (width, inner))
    yield from _attention_places(f"{name}1.", "EncDecAttention", f"{target}attention", config)
    yield from _feed_forward_places(f"{name}2.", target, config)


def _attention_places(name: str, kind: str, target: str, config: BoltConfig) -> Iterator[tuple[str, ArrayPlace]]:
    width, inner = config.width, config.n_heads * config.head_width
    yield f"{name}layer_norm.weight", (f"{target}_norm.weight", (width,))
    for one, part in (("q", "query"), ("k", "key"), ("v", "value")):
        yield f"{name}{kind}.{one}.weight", (f"{target}.{part}.weight", (inner, width))
    yield f"{name}{kind}.o.weight", (f"{target}.out.weight", (width, inner))


def _feed_forward_places(name: str, target: str, config: BoltConfig) -> Iterator[tuple[str, ArrayPlace]]:
    shape = (config.mlp_width, config.width)
    yield f"{name}layer_norm.weight", (f"{target}mlp_norm.weight", (config.width,))
    for one, part in (("wi_0", "up"), ("wi_1", "gate")) if config.is_gated else (("wi", "up"),):
        yield f"{name}DenseReluDense.{one}.weight", (f"{target}mlp.{part}.weight", shape)
    yield f"{name}DenseReluDense.wo.weight", (f"{target}mlp.down.weight", shape[::-1])
