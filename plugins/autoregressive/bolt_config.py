"""The sizes of a Chronos-Bolt, as a config.json of T5 with a `chronos_config` says them; no torch.

Chronos-Bolt (Ansari et al. 2024) reads a series in patches with a T5 (Raffel et al. 2020, arXiv 1910.10683) and says
several quantiles of all coming values at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

from studio.core.container.json_settings import Settings

from .foreign_folder import MAX_LAYERS, MAX_WIDTH

Activation: TypeAlias = Literal["relu", "gelu", "gelu_tanh", "silu"]
MAX_CONTEXT: Final = 16_384
MAX_AHEAD: Final = 4096
MAX_QUANTILES: Final = 99
MAX_HEADS: Final = 512
_ACTIVATIONS: Final[Mapping[str, tuple[Activation, bool]]] = {
    "relu": ("relu", False), "gelu": ("gelu", False), "silu": ("silu", False), "gated-relu": ("relu", True),
    "gated-gelu": ("gelu_tanh", True), "gated-silu": ("silu", True),
}  # fmt: skip


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
    """The sizes in a config.json; raises UserError where a setting is missing, impossible or of another model.
    """
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
