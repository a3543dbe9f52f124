"""Makes the configuration of our decoder out of a Hugging Face config.json.

Each architecture is one function; a setting that would make another model than ours is refused by name.
"""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.config import MAX_LAYERS, Activation, DecoderConfig, RopeScaling, ScalingKind, config_from_json

TITLES: Final = {
    "gpt2": "GPT-2",
    "llama": "LLaMA",
    "mistral": "Mistral",
    "phi3": "Phi-3",
    "qwen2": "Qwen2",
    "qwen3": "Qwen3",
    "gemma": "Gemma",
    "gemma2": "Gemma 2",
    "gpt_neox": "GPT-NeoX",
}
"""The architectures that open, by what config.json calls them."""
_ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "relu": "relu",
}
_SLIDING: Final = "sliding_attention"
_FULL: Final = "full_attention"
Sizes = dict[str, Any]
_BASE: Final = 10_000.0
_OTHER_NAMES: Final = {"su": "longrope", "default": ""}


def rope_settings(settings: Settings) -> Settings:
    """The table about positions: `rope_parameters` of version 5, or `rope_scaling` of those before."""
    return settings.table("rope_parameters" if settings.has("rope_parameters") else "rope_scaling")


def rope_base(settings: Settings, old_name: str = "rope_theta") -> float:
    """The base of the slowest rotation."""
    return rope_settings(settings).number("rope_theta", settings.number(old_name, _BASE))


def rotary_share(settings: Settings, old_name: str = "partial_rotary_factor", default: float = 1.0) -> float:
    """Which part of a head's numbers is rotated."""
    return rope_settings(settings).number("partial_rotary_factor", settings.number(old_name, default))


def rope_scaling(settings: Settings, n_context: int) -> RopeScaling | None:
    """How positions are stretched, None where they are not.

    Raises:
        UserError: the way is not known, or its numbers are missing or cannot be.
    """
    rope = rope_settings(settings)
    name = rope.text("rope_type", rope.text("type", "default"))
    name = _OTHER_NAMES.get(name, name)
    # Phi-3 keeps this number beside the table, where it goes before the table's.
    original = settings.integer(
        "original_max_position_embeddings", rope.integer("original_max_position_embeddings", n_context)
    )
    match name:
        case "":
            return None
        case "linear" | "dynamic":
            return RopeScaling(_kind(name), rope.number("factor"), n_context if name == "dynamic" else 0)
        case "llama3":
            low, high = rope.number("low_freq_factor"), rope.number("high_freq_factor")
            if not 0 < low < high:
                raise rope.wrong("low_freq_factor")
            return RopeScaling("llama3", rope.number("factor"), original, low, high)
        case "yarn":
            return _yarn(rope, original)
        case "longrope":
            return _longrope(rope, original, n_context)
    raise UserError(N_("Positions are stretched in an unknown way: “{name}”.").format(name=printable(name)))


def _kind(name: str) -> ScalingKind:
    return "linear" if name == "linear" else "dynamic"


def _yarn(rope: Settings, original: int) -> RopeScaling:
    factor = rope.number("factor")
    return RopeScaling(
        "yarn",
        factor,
        original,
        beta_fast=rope.number("beta_fast", 32.0) or 32.0,
        beta_slow=rope.number("beta_slow", 1.0) or 1.0,
        attention_factor=rope.number("attention_factor", _yarn_amount(rope, factor)),
        is_truncated=rope.flag("truncate", True),
    )


def _yarn_amount(rope: Settings, factor: float) -> float:
    """DeepSeek's two amounts, one over the other; 0 stands for the paper's."""
    over, under = rope.number("mscale", 0.0), rope.number("mscale_all_dim", 0.0)
    if not over or not under or factor <= 1:
        return 0.0
    return (0.1 * over * math.log(factor) + 1) / (0.1 * under * math.log(factor) + 1)


def _longrope(rope: Settings, original: int, n_context: int) -> RopeScaling:
    short, long = rope.numbers("short_factor"), rope.numbers("long_factor")
    if not short or len(short) != len(long):
        raise rope.wrong("short_factor")
    if original < 2:
        raise rope.wrong("original_max_position_embeddings")
    return RopeScaling(
        "longrope",
        rope.number("factor", n_context / original),
        original,
        attention_factor=rope.number("attention_factor", 0.0),
        short_factors=short,
        long_factors=long,
    )


def model_type(values: Mapping[str, Any]) -> str:
    """What a config.json calls the architecture, empty where it does not say."""
    name = values.get("model_type")
    return name if isinstance(name, str) else ""


def decoder_config(values: Mapping[str, Any]) -> DecoderConfig:
    """The configuration of our decoder.

    Raises:
        UserError: the architecture is not known, or a setting is missing, cannot be or would make another model.
    """
    name = model_type(values)
    if name not in TITLES:
        raise UserError(
            N_("Models of the type “{name}” cannot be opened.").format(name=printable(name) or N_("unknown")),
            N_("These can: {titles}, and all that are built like them.").format(titles=", ".join(TITLES.values())),
        )
    settings = Settings(values)
    settings.refuse("quantization_config")
    settings.refuse("is_encoder_decoder", False)
    settings.refuse("add_cross_attention", False)
    try:
        return checked(DecoderConfig(**_MAKERS[name](settings)))
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in “config.json” do not match each other: {why}.").format(why=error)) from error


def checked(config: DecoderConfig) -> DecoderConfig:
    """The same with every number in its bounds; raises ValueError where one is not."""
    return config_from_json(json.loads(json.dumps(dataclasses.asdict(config))))


def _activation(settings: Settings, name: str, default: str) -> Activation:
    value = settings.text(name, default)
    if value not in _ACTIVATIONS:
        raise settings.wrong(name)
    return _ACTIVATIONS[value]


def _gpt2(settings: Settings) -> Sizes:
    settings.refuse("scale_attn_by_inverse_layer_idx", False)
    width, n_heads = settings.integer("n_embd"), settings.integer("n_head")
    if width % n_heads:
        raise settings.wrong("n_head")
    return {
        "n_vocab": settings.integer("vocab_size"),
        "n_context": settings.integer("n_positions", settings.integer("n_ctx", 1024)),
        "n_layers": settings.integer("n_layer"),
        "n_heads": n_heads,
        "n_kv_heads": n_heads,
        "width": width,
        "head_width": width // n_heads,
        "mlp_width": settings.integer("n_inner", 4 * width),
        "norm": "layer",
        "norm_eps": settings.number("layer_norm_epsilon", 1e-5),
        "activation": _activation(settings, "activation_function", "gelu_new"),
        "is_gated": False,
        "positions": "learnt",
        "qkv_bias": True,
        "out_bias": True,
        "mlp_bias": True,
        "is_tied": settings.flag("tie_word_embeddings", True),
        "attention_scale": 0.0 if settings.flag("scale_attn_weights", True) else 1.0,
    }


def _rotary(settings: Settings, is_tied: bool = False, n_kv_heads: int | None = None) -> Sizes:
    """What all with rotary positions share; the arguments are defaults where the file says nothing."""
    width, n_heads = settings.integer("hidden_size"), settings.integer("num_attention_heads")
    n_context = settings.integer("max_position_embeddings")
    return {
        "n_vocab": settings.integer("vocab_size"),
        "n_context": n_context,
        "n_layers": _n_layers(settings),
        "n_heads": n_heads,
        "n_kv_heads": settings.integer("num_key_value_heads", n_kv_heads or n_heads),
        "width": width,
        "head_width": settings.integer("head_dim", width // n_heads),
        "mlp_width": settings.integer("intermediate_size"),
        "norm_eps": settings.number("rms_norm_eps", 1e-6),
        "rope_base": rope_base(settings),
        "rope_scaling": rope_scaling(settings, n_context),
        "is_tied": settings.flag("tie_word_embeddings", is_tied),
    }


def _n_layers(settings: Settings) -> int:
    """How many layers; bounded before a list is made for them."""
    count = settings.integer("num_hidden_layers")
    if count > MAX_LAYERS:
        raise settings.wrong("num_hidden_layers")
    return count


def _llama(settings: Settings) -> Sizes:
    bias = settings.flag("attention_bias", False)
    return {
        **_rotary(settings),
        "activation": _activation(settings, "hidden_act", "silu"),
        "qkv_bias": bias,
        "out_bias": bias,
        "mlp_bias": settings.flag("mlp_bias", False),
    }


def _mistral(settings: Settings) -> Sizes:
    return {
        **_rotary(settings, n_kv_heads=8),
        **_window(settings, [_SLIDING] * _n_layers(settings)),
        "activation": _activation(settings, "hidden_act", "silu"),
    }


def _phi3(settings: Settings) -> Sizes:
    return {
        **_rotary(settings),
        **_window(settings, [_SLIDING] * _n_layers(settings), missing=0),
        "norm_eps": settings.number("rms_norm_eps", 1e-5),
        "activation": _activation(settings, "hidden_act", "silu"),
        "rotary_share": rotary_share(settings),
    }


def _qwen2(settings: Settings) -> Sizes:
    return {**_qwen(settings), "qkv_bias": True}


def _qwen3(settings: Settings) -> Sizes:
    bias = settings.flag("attention_bias", False)
    sizes = {**_qwen(settings), "qkv_bias": bias, "out_bias": bias, "has_qk_norm": True}
    return sizes if settings.has("head_dim") else {**sizes, "head_width": 128}


def _qwen(settings: Settings) -> Sizes:
    first = settings.integer("max_window_layers", 28)
    slides = settings.flag("use_sliding_window", False)
    usual = [_SLIDING if slides and layer >= first else _FULL for layer in range(_n_layers(settings))]
    return {
        **_rotary(settings),
        **(_window(settings, usual) if slides else {}),
        "activation": _activation(settings, "hidden_act", "silu"),
    }


def _gemma(settings: Settings) -> Sizes:
    settings.refuse("use_bidirectional_attention", False)
    bias, width = settings.flag("attention_bias", False), settings.integer("hidden_size")
    sizes = {
        **_rotary(settings, is_tied=True),
        "activation": "gelu_tanh",
        "norm_offset": 1.0,
        "embedding_scale": width**0.5,
        "qkv_bias": bias,
        "out_bias": bias,
    }
    return sizes if settings.has("head_dim") else {**sizes, "head_width": 256}


def _gemma2(settings: Settings) -> Sizes:
    usual = [_FULL if layer % 2 else _SLIDING for layer in range(_n_layers(settings))]
    return {
        **_gemma(settings),
        **_window(settings, usual),
        "activation": _activation(settings, "hidden_activation", "gelu_pytorch_tanh"),
        "attention_scale": settings.number("query_pre_attn_scalar", 256.0) ** -0.5,
        "attention_cap": settings.amount("attn_logit_softcapping", 50.0),
        "logit_cap": settings.amount("final_logit_softcapping", 30.0),
        "has_post_norms": True,
    }


def _gpt_neox(settings: Settings) -> Sizes:
    bias = settings.flag("attention_bias", True)
    return {
        **_rotary(settings),
        "norm": "layer",
        "norm_eps": settings.number("layer_norm_eps", 1e-5),
        "activation": _activation(settings, "hidden_act", "gelu"),
        "is_gated": False,
        "rope_base": rope_base(settings, "rotary_emb_base"),
        "rotary_share": rotary_share(settings, "rotary_pct", 0.25),
        "is_parallel": settings.flag("use_parallel_residual", True),
        "qkv_bias": bias,
        "out_bias": bias,
        "mlp_bias": True,
    }


def _window(settings: Settings, usual: list[str], missing: int = 4096) -> Sizes:
    """The layers that look back over a window only; `usual` says it of each where the file does not."""
    width = settings.integer("sliding_window", 0 if "sliding_window" in settings.values else missing)
    kinds = list(settings.texts("layer_types")) or usual
    if set(kinds) - {_SLIDING, _FULL} or len(kinds) != _n_layers(settings):
        raise settings.wrong("layer_types")
    layers = tuple(layer for layer, kind in enumerate(kinds) if kind == _SLIDING)
    return {"sliding_window": width, "sliding_layers": layers} if width and layers else {}


_MAKERS: Final[Mapping[str, Callable[[Settings], Sizes]]] = {
    "gpt2": _gpt2,
    "llama": _llama,
    "mistral": _mistral,
    "phi3": _phi3,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "gemma": _gemma,
    "gemma2": _gemma2,
    "gpt_neox": _gpt_neox,
}
