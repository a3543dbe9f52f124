"""The sizes and choices that make one decoder out of many, from GPT-2 to mixtures of experts; what a pass costs."""

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin, get_type_hints

from studio.api.engine import limited_threads

Norm: TypeAlias = Literal["layer", "rms"]
Activation: TypeAlias = Literal["gelu", "gelu_tanh", "silu", "relu", "relu2", "clamped"]
Positions: TypeAlias = Literal["learnt", "rotary", "alibi"]
ScalingKind: TypeAlias = Literal["linear", "dynamic", "llama3", "yarn", "longrope"]

MAX_WIDTH: Final = 65_536
MAX_VOCAB: Final = 1_000_000
MAX_CONTEXT: Final = 4_194_304
MAX_LAYERS: Final = 512
MAX_HEADS: Final = 1024
MAX_FACTORS: Final = 4096
MAX_EXPERTS: Final = 16_384
"""Of all layers together."""
_LIMITS: Final = {"n_vocab": MAX_VOCAB, "n_context": MAX_CONTEXT, "n_layers": MAX_LAYERS, "n_heads": MAX_HEADS}
_LARGE: Final = ("sliding_window", "original_context")
MAX_FLOAT: Final = 1e12
LONG_FLOPS: Final = 8e9
"""Of a pass of about a tenth of a second: others may want to compute too."""
SHORT_FLOPS: Final = 2e9
"""Below this one thread is sooner done: two wait for each other in every layer, for long where others compute too."""
MIN_TOKENS, MAX_TOKENS = 16, 256


@dataclass(frozen=True)
class RopeScaling:
    """How rotary positions are stretched beyond the context that a model was first trained on.

    Attributes:
        kind: "linear" divides positions (position interpolation, arXiv 2306.15595); "dynamic" raises the base with the
            length (NTK-aware); "llama3" stretches slow rotations only; "yarn" ramps between both (arXiv 2309.00071);
            "longrope" divides each frequency by a factor of its own (arXiv 2402.13753).
        factor: how many times longer the context became.
        original_context: the context before.
        low_freq_factor, high_freq_factor: of "llama3": where the ramp begins and ends, in turns over that context.
        beta_fast, beta_slow: of "yarn": the same.
        attention_factor: multiplies cosines and sines; 0 stands for the paper's own.
        is_truncated: whether the ends of yarn's ramp are whole numbers.
        short_factors, long_factors: of "longrope", one for each frequency, within and beyond `original_context`.
    """

    kind: ScalingKind
    factor: float = 1.0
    original_context: int = 0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    attention_factor: float = 0.0
    is_truncated: bool = True
    short_factors: tuple[float, ...] = ()
    long_factors: tuple[float, ...] = ()


@dataclass(frozen=True)
class DecoderConfig:
    """A decoder-only transformer.

    Attributes:
        n_context: most tokens that it can look back over, the newest included.
        n_kv_heads: heads of keys and values, each shared by n_heads / n_kv_heads heads of queries.
        width: of the residual stream; head_width of a head, mlp_width inside of the MLP.
        norm_offset: added to the weights of norms (Gemma: 1). has_norm_bias: whether "layer" norms add a bias.
        activation: "relu2" is its square; "clamped" the gate of GPT-OSS, which lets no number grow beyond 7.
        is_gated: whether the MLP is activation(gate(x)) * up(x) (SwiGLU, GeGLU).
        positions: "alibi" lowers scores with the distance (arXiv 2108.12409), `alibi_scale` times as in the paper.
        rope_base: of the slowest rotation; `local_rope_base`, where not 0, in the layers with a sliding window.
        rotary_share: of a head's numbers that are rotated, the first ones.
        unturned_layers: that know of no positions (NoPE, arXiv 2305.19466).
        is_parallel: whether attention and MLP read the same residual stream, each through its own norm (NeoX).
        qkv_bias, out_bias, mlp_bias, head_bias: whether these projections add a bias.
        is_tied: whether the head is the table of tokens.
        embedding_scale: multiplies the vectors of the tokens (Gemma: the root of the width); residual_scale what is
            added to the residual stream, logit_scale the logits (Granite).
        has_embedding_norm: whether the vectors of the tokens are normed (BLOOM).
        attention_scale: of queries by keys; 0 stands for 1 / sqrt(head_width).
        attention_cap, logit_cap: soft caps, cap * tanh(x / cap); 0 for none (Gemma 2).
        has_qk_norm: whether queries and keys are normed, each head by itself (Qwen3), or all of them together where
            there is has_wide_qk_norm (OLMo 2).
        has_sinks: whether each head may look at nothing, by a score of its own (GPT-OSS).
        has_post_norms: whether what attention and MLP give is normed before it is added (Gemma 2).
        has_pre_norms: whether their input is (Olmo 2 has post norms only).
        sliding_window: how many tokens the layers in `sliding_layers` look back over, the newest included; 0 for all.
        n_experts: MLPs of `expert_width`, of which a router chooses n_experts_used for each token, in all layers but
            the `dense_layers`; 0 for one MLP. shared_width: of one more that every token goes to.
        has_router_bias, has_whole_shares: whether the router adds a bias, and the shares of the chosen sum to 1.
    """

    n_vocab: int
    n_context: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    width: int
    head_width: int
    mlp_width: int
    norm: Norm = "rms"
    norm_eps: float = 1e-5
    norm_offset: float = 0.0
    activation: Activation = "silu"
    is_gated: bool = True
    positions: Positions = "rotary"
    rope_base: float = 10_000.0
    local_rope_base: float = 0.0
    rotary_share: float = 1.0
    rope_scaling: RopeScaling | None = None
    is_parallel: bool = False
    qkv_bias: bool = False
    out_bias: bool = False
    mlp_bias: bool = False
    head_bias: bool = False
    is_tied: bool = True
    embedding_scale: float = 1.0
    attention_scale: float = 0.0
    attention_cap: float = 0.0
    logit_cap: float = 0.0
    has_qk_norm: bool = False
    has_pre_norms: bool = True
    has_post_norms: bool = False
    sliding_window: int = 0
    sliding_layers: tuple[int, ...] = ()
    has_norm_bias: bool = True
    has_embedding_norm: bool = False
    has_wide_qk_norm: bool = False
    has_sinks: bool = False
    alibi_scale: float = 1.0
    unturned_layers: tuple[int, ...] = ()
    residual_scale: float = 1.0
    logit_scale: float = 1.0
    n_experts: int = 0
    n_experts_used: int = 0
    expert_width: int = 0
    shared_width: int = 0
    dense_layers: tuple[int, ...] = ()
    has_router_bias: bool = False
    has_whole_shares: bool = True

    def __post_init__(self) -> None:
        sizes = (self.n_vocab, self.n_context, self.n_heads, self.n_kv_heads, self.width, self.head_width)
        if min(sizes) < 1 or self.mlp_width < 1 or self.n_layers < 1:
            raise ValueError("a size is not positive")
        if self.n_heads % self.n_kv_heads:
            raise ValueError("the heads of queries are no multiple of those of keys")
        if self.positions == "rotary" and not (0 < self.rotary_share <= 1 and self.rotary_width % 2 == 0):
            raise ValueError("an odd number of a head's numbers would be rotated")
        if self.norm_eps <= 0 or self.rope_base <= 0:
            raise ValueError("a small number is not positive")
        if self.rope_scaling is not None and not self.rope_scaling.factor > 0:
            raise ValueError("the factor of the positions is not positive")
        if self.n_experts_used and not self.n_experts:
            raise ValueError("there are no experts")
        if self.n_experts and not (0 < self.n_experts_used <= self.n_experts and self.expert_width):
            raise ValueError("there are fewer experts than are used")
        if self.n_experts * self.n_layers > MAX_EXPERTS:
            raise ValueError("there are too many experts")

    @property
    def rotary_width(self) -> int:
        """How many of a head's numbers are rotated."""
        return int(self.head_width * self.rotary_share)

    @property
    def scale(self) -> float:
        """What products of queries and keys are multiplied by."""
        return self.attention_scale or 1 / math.sqrt(self.head_width)

    @property
    def has_plain_attention(self) -> bool:
        """Whether torch's own kernel can compute it."""
        return not (self.attention_cap or self.has_sinks or self.positions == "alibi")

    def window_of(self, layer: int) -> int:
        """How many tokens a layer looks back over; 0 for all."""
        return self.sliding_window if layer in self.sliding_layers else 0

    def has_experts(self, layer: int) -> bool:
        """Whether a layer has experts in place of its MLP."""
        return self.n_experts > 0 and layer not in self.dense_layers


def config_to_json(config: DecoderConfig) -> dict[str, Any]:
    """The configuration as JSON values."""
    return dataclasses.asdict(config)


def config_from_json(values: Any) -> DecoderConfig:
    """A configuration out of JSON; ValueError where a field is missing, unknown, of another type or out of range."""
    config: DecoderConfig = _read(DecoderConfig, values)
    return config


def _read(kind: type[Any], values: Any) -> Any:
    hints = get_type_hints(kind)
    needed = {field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING}
    if not isinstance(values, dict) or not needed <= set(values) <= set(hints):
        raise ValueError(f"other fields than those of {kind.__name__}")
    return kind(**{name: _value(hints[name], name, value) for name, value in values.items()})


def _value(hint: Any, name: str, value: Any) -> Any:
    if hint == RopeScaling | None:
        return None if value is None else _read(RopeScaling, value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or len(value) > MAX_FACTORS:
            raise ValueError(f"{name} is no list, or too long")
        return tuple(_value(get_args(hint)[0], name, one) for one in value)
    if get_origin(hint) is Literal and value in get_args(hint):
        return value
    if hint is bool and type(value) is bool:
        return value
    if hint is float and type(value) in (int, float) and 0 <= value <= MAX_FLOAT:
        return float(value)
    limit = MAX_CONTEXT if name in _LARGE else _LIMITS.get(name, MAX_WIDTH)
    if hint is int and type(value) is int and 0 <= value <= limit:
        return value
    raise ValueError(f"{name} is out of range")


@cache
def token_flops(config: DecoderConfig) -> float:
    """Additions and multiplications for one token in all layers, but for attention and the head."""
    n_heads = 2 * config.n_heads + 2 * config.n_kv_heads
    inner = config.n_experts_used * config.expert_width + config.shared_width if config.n_experts else config.mlp_width
    n_mlp = (3 if config.is_gated else 2) * inner
    return 2.0 * config.n_layers * config.width * (n_heads * config.head_width + n_mlp)


def pass_tokens(config: DecoderConfig) -> int:
    """How many tokens a pass may have that gives way to others soon."""
    return int(min(MAX_TOKENS, max(MIN_TOKENS, LONG_FLOPS / token_flops(config))))


@contextmanager
def fitting_threads(config: DecoderConfig, n_tokens: int) -> Iterator[None]:
    """Let torch read so many tokens with one thread where they are few; not to be held across a yield."""
    if n_tokens * token_flops(config) < SHORT_FLOPS:
        with limited_threads(1):
            yield
    else:
        yield
