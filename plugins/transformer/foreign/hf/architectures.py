"""The table of architectures: of which parts each is built, and what its files call them.

A field of `config` is one of `DecoderConfig`: a value, or a reader that finds it in config.json. Of those fields that
`.config` reads for all, a value is what holds where the file says nothing. `names` has the arrays of a layer by the
parts of `..weight_plan`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from studio.core.container.json_settings import Settings

from ..weight_plan import Names, Spelling
from . import layer_kinds as kinds
from .rope import local_rope_base, rope_base, rotary_share

Reader: TypeAlias = Callable[[Settings], Any]
Fields: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Architecture:
    """One kind of decoder.

    Attributes:
        title: what people call it.
        names, top: of the arrays of a layer, and of those that are there once; a reader where settings change them.
        config: what its decoder has.
        layers: reads the fields that say which layer does what.
        refused: settings that would make another model, with the values that do not; "a.b" is b in the table a.
        prefix, block, head: where its arrays lie.
    """

    title: str
    names: Names | Callable[[Settings], Names]
    config: Fields = field(default_factory=dict)
    layers: Reader = lambda _: {}
    refused: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    top: Names = field(default_factory=lambda: {"embed_tokens": "tokens", "norm": "norm"})
    prefix: str = "model."
    block: str = "layers"
    head: str = "lm_head"


def always(value: Any) -> Reader:
    """The same whatever the file says."""
    return lambda _: value


def flag(name: str, default: bool = False) -> Reader:
    """Reads yes or no."""
    return lambda settings: settings.flag(name, default)


def integer(name: str, default: int | None = None) -> Reader:
    """Reads a whole number."""
    return lambda settings: settings.integer(name, default)


def number(name: str, default: float, power: float = 1.0) -> Reader:
    """Reads a number and raises it to a power."""

    def read(settings: Settings) -> float:
        value = settings.number(name, default)
        if value < 0:
            raise settings.wrong(name)
        return float(value**power)

    return read


def cap(name: str, default: float) -> Reader:
    """Reads a number where null is 0."""
    return lambda settings: settings.amount(name, default)


def _qkv(form: str, layout: Any = "rows") -> Names:
    """Queries, keys and values in arrays of their own; those that are turned may lie in another order."""
    return {
        form.format("q"): Spelling("query", layout),
        form.format("k"): Spelling("key", layout),
        form.format("v"): "value",
    }


_QKV: Final = _qkv("self_attn.{}_proj")
_OUT: Final[Names] = {"self_attn.o_proj": "out"}
_UP_DOWN: Final[Names] = {"mlp.up_proj": "up", "mlp.down_proj": "down"}
_GATED: Final[Names] = {"mlp.gate_proj": "gate", **_UP_DOWN}
_GATED_AT_ONCE: Final[Names] = {"mlp.gate_up_proj": "gate_up", "mlp.down_proj": "down"}
_QK_NORMS: Final[Names] = {"self_attn.q_norm": "q_norm", "self_attn.k_norm": "k_norm"}
_NORMS: Final[Names] = {"input_layernorm": "attention_norm", "post_attention_layernorm": "mlp_norm"}
_POST_NORMS: Final[Names] = {
    "post_attention_layernorm": "attention_post_norm",
    "post_feedforward_layernorm": "mlp_post_norm",
}
_ONE_NORM: Final[Names] = {"input_layernorm": "both_norms"}
_ATTENTION: Final[Names] = {**_QKV, **_OUT}
_LLAMA: Final[Names] = {**_ATTENTION, **_GATED, **_NORMS}
_QWEN3: Final[Names] = {**_LLAMA, **_QK_NORMS}
_GEMMA2: Final[Names] = {**_QWEN3, **_POST_NORMS, "pre_feedforward_layernorm": "mlp_norm"}
_OLMO2: Final[Names] = {**_ATTENTION, **_QK_NORMS, **_GATED, **_POST_NORMS}
_PAIRED: Final[Names] = {**_qkv("self_attn.{}_proj", "pairs"), **_OUT, **_GATED, **_NORMS}
_COHERE: Final[Names] = {**_qkv("self_attn.{}_proj", "pairs"), **_OUT, **_GATED, **_ONE_NORM}
_GLM: Final[Names] = {**_qkv("self_attn.{}_proj", "pairs"), **_OUT, **_GATED_AT_ONCE, **_NORMS}
_EXPERTS: Final[Names] = {
    "mlp.gate": "router",
    **{f"mlp.experts.*.{part}_proj": f"experts.*.{part}" for part in ("gate", "up", "down")},
}
_SHARED: Final[Names] = {
    "mlp.shared_expert_gate": "shared_gate",
    **{f"mlp.shared_expert.{part}_proj": f"shared.{part}" for part in ("gate", "up", "down")},
}
_DENSE: Final[Names] = {"mlp.dense_h_to_4h": "up", "mlp.dense_4h_to_h": "down"}
_BLOOM: Final[Names] = {
    "self_attention.query_key_value": Spelling("query_key_value", "groups"),
    "self_attention.dense": "out",
    **_DENSE,
}
_GPT2: Final[Names] = {"ln_1": "attention_norm", "ln_2": "mlp_norm"}
_GPT2_TOP: Final[Names] = {"wte": "tokens", "wpe": "positions", "ln_f": "norm"}
_WORDS: Final[Names] = {"word_embeddings": "tokens", "word_embeddings_layernorm": "embedding_norm", "ln_f": "norm"}

_ALL_BIASES: Final[Fields] = {"qkv_bias": True, "out_bias": True, "mlp_bias": True}
_ATTENTION_BIAS: Final[Fields] = {"qkv_bias": flag("attention_bias"), "out_bias": flag("attention_bias")}
_PLAIN: Final[Fields] = {"norm": "layer", "is_gated": False}
_GPT: Final[Fields] = {**_PLAIN, "positions": "learnt", "activation": "gelu_tanh", "is_tied": True}
_GEMMA_FIELDS: Final[Fields] = {
    **_ATTENTION_BIAS,
    "activation": "gelu_tanh",
    "norm_offset": 1.0,
    "embedding_scale": number("hidden_size", 0.0, 0.5),
    "head_width": integer("head_dim", 256),
    "is_tied": True,
}
_GEMMA2_FIELDS: Final[Fields] = {
    **_GEMMA_FIELDS,
    "attention_scale": number("query_pre_attn_scalar", 256.0, -0.5),
    "has_post_norms": True,
}
_WIDE_NORMS: Final[Fields] = {**_ATTENTION_BIAS, "norm_eps": 1e-5, "has_qk_norm": True, "has_wide_qk_norm": True}
_OLMO2_FIELDS: Final[Fields] = {**_WIDE_NORMS, "has_pre_norms": False, "has_post_norms": True}
_GRANITE: Final[Fields] = {
    **_ATTENTION_BIAS,
    "mlp_bias": flag("mlp_bias"),
    "embedding_scale": number("embedding_multiplier", 1.0),
    "attention_scale": number("attention_multiplier", 1.0),
    "residual_scale": number("residual_multiplier", 1.0),
    "logit_scale": number("logits_scaling", 1.0, -1.0),
}
_COHERE_FIELDS: Final[Fields] = {
    **_ATTENTION_BIAS,
    "norm": "layer",
    "has_norm_bias": False,
    "is_parallel": True,
    "logit_scale": number("logit_scale", 0.0625),
    "is_tied": True,
}
_GLM_FIELDS: Final[Fields] = {
    "qkv_bias": flag("attention_bias", True),
    "head_width": integer("head_dim", 128),
    "rotary_share": rotary_share(0.5),
    "norm_eps": 1.5625e-7,
}
_MIXTRAL: Final[Fields] = {
    "n_experts": integer("num_local_experts", 8),
    "n_experts_used": integer("num_experts_per_tok", 2),
    "expert_width": integer("intermediate_size"),
}
_SPARSE: Final[Fields] = {
    "n_experts": lambda settings: settings.integer(kinds.given(settings, ("num_local_experts", "num_experts"))),
    "n_experts_used": integer("num_experts_per_tok"),
    "expert_width": integer("moe_intermediate_size"),
    "has_whole_shares": flag("norm_topk_prob"),
}
_QWEN3_FIELDS: Final[Fields] = {**_ATTENTION_BIAS, "head_width": integer("head_dim", 128), "has_qk_norm": True}


def _gptj_share(settings: Settings) -> float:
    width, n_heads = settings.integer("n_embd"), settings.integer("n_head")
    return settings.integer("rotary_dim", 64) * n_heads / width


def _stablelm(settings: Settings) -> Names:
    is_parallel = settings.flag("use_parallel_residual", False)
    return {**_ATTENTION, **_GATED, **(_ONE_NORM if is_parallel else _NORMS)}


def _falcon(settings: Settings) -> Names:
    is_new = settings.flag("new_decoder_architecture", False)
    if is_new and settings.integer("num_ln_in_parallel_attn", 2) == 2:
        return {**_BLOOM, "ln_attn": "attention_norm", "ln_mlp": "mlp_norm"}
    return {**_BLOOM, **(_ONE_NORM if _is_falcon_parallel(settings) else _NORMS)}


def _is_falcon_parallel(settings: Settings) -> bool:
    return settings.flag("new_decoder_architecture", False) or settings.flag("parallel_attn", True)


def _falcon_keys(settings: Settings) -> int:
    n_heads = settings.integer("num_attention_heads")
    if settings.flag("new_decoder_architecture", False):
        return settings.integer("num_kv_heads", n_heads)
    return 1 if settings.flag("multi_query", True) else n_heads


_FALCON: Final[Fields] = {
    **_PLAIN,
    **dict.fromkeys(_ALL_BIASES, flag("bias")),
    "n_context": 2048,
    "n_kv_heads": _falcon_keys,
    "activation": "gelu",
    "positions": lambda settings: "alibi" if settings.flag("alibi", False) else "rotary",
    # It is added before scores are divided by the root of a head's width.
    "alibi_scale": lambda settings: (settings.integer("num_attention_heads") / settings.integer("hidden_size")) ** 0.5,
    "is_parallel": _is_falcon_parallel,
    "is_tied": True,
}

ARCHITECTURES: Final[Mapping[str, Architecture]] = {
    "gpt2": Architecture(
        "GPT-2",
        {
            **_GPT2,
            "attn.c_attn": Spelling("query_key_value", "columns"),
            "attn.c_proj": Spelling("out", "columns"),
            "mlp.c_fc": Spelling("up", "columns"),
            "mlp.c_proj": Spelling("down", "columns"),
        },
        {
            **_GPT,
            **_ALL_BIASES,
            "attention_scale": lambda settings: 0.0 if settings.flag("scale_attn_weights", True) else 1.0,
        },
        refused={"scale_attn_by_inverse_layer_idx": (False,)},
        top=_GPT2_TOP,
        prefix="transformer.",
        block="h",
    ),
    "gpt_neo": Architecture(
        "GPT-Neo",
        {
            **_GPT2,
            **_qkv("attn.attention.{}_proj"),
            "attn.attention.out_proj": "out",
            "mlp.c_fc": "up",
            "mlp.c_proj": "down",
        },
        {**_GPT, "out_bias": True, "mlp_bias": True, "attention_scale": 1.0},
        kinds.gpt_neo_layers,
        top=_GPT2_TOP,
        prefix="transformer.",
        block="h",
    ),
    "gptj": Architecture(
        "GPT-J",
        {
            **_qkv("attn.{}_proj", "pairs"),
            "ln_1": "both_norms",
            "attn.out_proj": "out",
            "mlp.fc_in": "up",
            "mlp.fc_out": "down",
        },
        {
            **_PLAIN,
            "activation": "gelu_tanh",
            "rotary_share": _gptj_share,
            "is_parallel": True,
            "mlp_bias": True,
            "head_bias": True,
        },
        top=_GPT2_TOP,
        prefix="transformer.",
        block="h",
    ),
    "gpt_neox": Architecture(
        "GPT-NeoX",
        {
            **_NORMS,
            **_DENSE,
            "attention.query_key_value": Spelling("query_key_value", "groups"),
            "attention.dense": "out",
        },
        {
            **_PLAIN,
            "activation": "gelu",
            "rope_base": rope_base("rotary_emb_base"),
            "rotary_share": rotary_share(0.25, "rotary_pct"),
            "is_parallel": flag("use_parallel_residual", True),
            "qkv_bias": flag("attention_bias", True),
            "out_bias": flag("attention_bias", True),
            "mlp_bias": True,
        },
        top={"embed_in": "tokens", "final_layer_norm": "norm"},
        prefix="gpt_neox.",
        head="embed_out",
    ),
    "opt": Architecture(
        "OPT",
        {
            **_QKV,
            "self_attn.out_proj": "out",
            "fc1": "up",
            "fc2": "down",
            "self_attn_layer_norm": "attention_norm",
            "final_layer_norm": "mlp_norm",
        },
        {**_GPT, **dict.fromkeys(_ALL_BIASES, flag("enable_bias", True)), "activation": "relu"},
        refused={
            "do_layer_norm_before": (True,),
            "_remove_final_layer_norm": (False,),
            "layer_norm_elementwise_affine": (True,),
        },
        top={
            "embed_tokens": "tokens",
            "embed_positions": Spelling("positions", "past two"),
            "final_layer_norm": "norm",
        },
        prefix="model.decoder.",
    ),
    "bloom": Architecture(
        "BLOOM",
        {**_BLOOM, **_NORMS},
        {
            **_PLAIN,
            **_ALL_BIASES,
            "n_context": 2048,
            "positions": "alibi",
            "activation": always("gelu_tanh"),
            "has_embedding_norm": True,
            "is_tied": True,
        },
        refused={"apply_residual_connection_post_layernorm": (False,)},
        top=_WORDS,
        prefix="transformer.",
        block="h",
    ),
    "falcon": Architecture("Falcon", _falcon, _FALCON, top=_WORDS, prefix="transformer.", block="h"),
    "mpt": Architecture(
        "MPT",
        {
            "attn.Wqkv": "query_key_value",
            "attn.out_proj": "out",
            "ffn.up_proj": "up",
            "ffn.down_proj": "down",
            "norm_1": "attention_norm",
            "norm_2": "mlp_norm",
        },
        {
            **_PLAIN,
            "has_norm_bias": False,
            "positions": "alibi",
            "activation": "gelu",
            "attention_scale": lambda settings: settings.table("attn_config").number("softmax_scale", 0.0),
            "is_tied": True,
        },
        refused={
            "no_bias": (True,),
            "logit_scale": (),
            "attn_config.alibi": (True,),
            "attn_config.alibi_bias_max": (8,),
            "attn_config.clip_qkv": (),
            "attn_config.qk_ln": (False,),
            "attn_config.attn_type": ("multihead_attention",),
        },
        top={"wte": "tokens", "norm_f": "norm"},
        prefix="transformer.",
        block="blocks",
    ),
    "llama": Architecture("LLaMA", _LLAMA, {**_ATTENTION_BIAS, "mlp_bias": flag("mlp_bias")}),
    "mistral": Architecture("Mistral", _LLAMA, {"n_kv_heads": 8}, kinds.windows(kinds.every, 4096)),
    "ministral": Architecture("Ministral", _LLAMA, layers=kinds.windows(kinds.every, 4096)),
    "seed_oss": Architecture(
        "Seed-OSS",
        _LLAMA,
        {
            "qkv_bias": flag("attention_bias", True),
            "out_bias": flag("attention_out_bias"),
            "mlp_bias": flag("mlp_bias"),
        },
    ),
    "arcee": Architecture(
        "Arcee",
        {**_ATTENTION, **_UP_DOWN, **_NORMS},
        {**_ATTENTION_BIAS, "mlp_bias": flag("mlp_bias"), "is_gated": False, "norm_eps": 1e-5, "activation": "relu2"},
    ),
    "helium": Architecture("Helium", _PAIRED, {**_ATTENTION_BIAS, "mlp_bias": flag("mlp_bias"), "norm_eps": 1e-8}),
    "ernie4_5": Architecture(
        "ERNIE 4.5",
        _PAIRED,
        {**dict.fromkeys(_ALL_BIASES, flag("use_bias")), "rope_base": rope_base(default=5e5), "is_tied": True},
    ),
    "smollm3": Architecture(
        "SmolLM3",
        _LLAMA,
        {
            **_ATTENTION_BIAS,
            "mlp_bias": flag("mlp_bias"),
            "n_kv_heads": 4,
            "rope_base": rope_base(default=2e6),
            "is_tied": True,
        },
        kinds.smollm3_layers,
    ),
    "granite": Architecture("Granite", _LLAMA, _GRANITE),
    "stablelm": Architecture(
        "StableLM",
        _stablelm,
        {
            "norm": "layer",
            "qkv_bias": flag("use_qkv_bias"),
            "rotary_share": rotary_share(0.25),
            "is_parallel": flag("use_parallel_residual"),
        },
        refused={"qk_layernorm": (False,)},
    ),
    "starcoder2": Architecture(
        "StarCoder2",
        {**_ATTENTION, **_NORMS, "mlp.c_fc": "up", "mlp.c_proj": "down"},
        {
            **_PLAIN,
            **dict.fromkeys(_ALL_BIASES, flag("use_bias", True)),
            "n_kv_heads": 2,
            "activation": "gelu_tanh",
            "is_tied": True,
        },
        kinds.windows(kinds.every),
    ),
    "phi": Architecture(
        "Phi-2",
        {**_QKV, **_ONE_NORM, "self_attn.dense": "out", "mlp.fc1": "up", "mlp.fc2": "down"},
        {
            **_PLAIN,
            **_ALL_BIASES,
            "head_bias": True,
            "activation": "gelu_tanh",
            "rotary_share": rotary_share(0.5),
            "is_parallel": True,
        },
        refused={"qk_layernorm": (False,)},
        top={"embed_tokens": "tokens", "final_layernorm": "norm"},
    ),
    "phi3": Architecture(
        "Phi-3",
        {"self_attn.qkv_proj": "query_key_value", **_OUT, **_GATED_AT_ONCE, **_NORMS},
        {"norm_eps": 1e-5, "rotary_share": rotary_share(1.0)},
        kinds.windows(kinds.every),
    ),
    "qwen2": Architecture("Qwen2", _LLAMA, {"qkv_bias": True}, kinds.wanted_windows(kinds.late)),
    "qwen3": Architecture("Qwen3", _QWEN3, _QWEN3_FIELDS, kinds.wanted_windows(kinds.late)),
    "gemma": Architecture(
        "Gemma",
        _LLAMA,
        {**_GEMMA_FIELDS, "activation": always("gelu_tanh")},
        refused={"use_bidirectional_attention": (False,)},
    ),
    "gemma2": Architecture(
        "Gemma 2",
        _GEMMA2,
        {
            **_GEMMA2_FIELDS,
            "attention_cap": cap("attn_logit_softcapping", 50.0),
            "logit_cap": cap("final_logit_softcapping", 30.0),
        },
        kinds.windows(kinds.patterned("", 2), 4096),
        {"use_bidirectional_attention": (False,)},
    ),
    "gemma3_text": Architecture(
        "Gemma 3",
        _GEMMA2,
        {
            **_GEMMA2_FIELDS,
            "has_qk_norm": True,
            "attention_cap": cap("attn_logit_softcapping", 0.0),
            "logit_cap": cap("final_logit_softcapping", 0.0),
            "rope_base": rope_base(default=1e6),
            "local_rope_base": local_rope_base("rope_local_base_freq", 1e4),
        },
        kinds.windows(kinds.patterned("sliding_window_pattern", 6), 4096),
        {"use_bidirectional_attention": (False,)},
    ),
    "olmo2": Architecture("OLMo 2", _OLMO2, _OLMO2_FIELDS),
    "olmo3": Architecture(
        "OLMo 3",
        _OLMO2,
        {**_OLMO2_FIELDS, "rope_base": rope_base(default=5e5), "local_rope_base": local_rope_base("rope_theta", 5e5)},
        kinds.windows(kinds.patterned("", 4), 4096),
    ),
    "cohere": Architecture(
        "Cohere", _COHERE, {**_COHERE_FIELDS, "rope_base": rope_base(default=5e5)}, refused={"use_qk_norm": (False,)}
    ),
    "cohere2": Architecture(
        "Cohere 2", _COHERE, _COHERE_FIELDS, kinds.turned_windows(kinds.patterned("sliding_window_pattern", 4), 4096)
    ),
    "glm": Architecture("GLM", _GLM, _GLM_FIELDS),
    "glm4": Architecture(
        "GLM-4",
        {**_GLM, "post_self_attn_layernorm": "attention_post_norm", "post_mlp_layernorm": "mlp_post_norm"},
        {**_GLM_FIELDS, "has_post_norms": True},
    ),
    "nemotron": Architecture(
        "Nemotron",
        {**_ATTENTION, **_UP_DOWN, **_NORMS},
        {
            **_PLAIN,
            **_ATTENTION_BIAS,
            "mlp_bias": flag("mlp_bias"),
            "norm_offset": 1.0,
            "activation": "relu2",
            "rotary_share": rotary_share(0.5),
        },
    ),
    "mixtral": Architecture(
        "Mixtral",
        {
            **_ATTENTION,
            **_NORMS,
            "block_sparse_moe.gate": "router",
            "block_sparse_moe.experts.*.w1": "experts.*.gate",
            "block_sparse_moe.experts.*.w3": "experts.*.up",
            "block_sparse_moe.experts.*.w2": "experts.*.down",
        },
        {**_MIXTRAL, "n_kv_heads": 8, "norm_eps": 1e-5, "rope_base": rope_base(default=1e6)},
        kinds.windows(kinds.every),
    ),
    "qwen2_moe": Architecture(
        "Qwen2-MoE",
        {**_LLAMA, **_EXPERTS, **_SHARED},
        {**_SPARSE, "qkv_bias": flag("qkv_bias", True), "shared_width": integer("shared_expert_intermediate_size")},
        kinds.sparse(kinds.wanted_windows(kinds.early)),
    ),
    "qwen3_moe": Architecture(
        "Qwen3-MoE",
        {**_QWEN3, **_EXPERTS},
        {**_QWEN3_FIELDS, **_SPARSE},
        kinds.sparse(kinds.wanted_windows(kinds.every)),
    ),
    "olmoe": Architecture(
        "OLMoE",
        {**_ATTENTION, **_QK_NORMS, **_NORMS, **_EXPERTS},
        {**_WIDE_NORMS, **_SPARSE, "expert_width": integer("intermediate_size")},
        refused={"clip_qkv": ()},
    ),
    "granitemoe": Architecture(
        "Granite-MoE",
        {
            **_ATTENTION,
            **_NORMS,
            "block_sparse_moe.router.layer": "router",
            "block_sparse_moe.input_linear": "experts.*.gate_up",
            "block_sparse_moe.output_linear": "experts.*.down",
        },
        {**_MIXTRAL, **_GRANITE, "mlp_bias": False},
    ),
    "gpt_oss": Architecture(
        "GPT-OSS",
        {
            **_ATTENTION,
            **_NORMS,
            "self_attn.sinks": Spelling("sinks", suffixes=("",)),
            "mlp.router": "router",
            "mlp.experts.gate_up_proj": Spelling("experts.*.gate_up", "alternating", ("", "_bias")),
            "mlp.experts.down_proj": Spelling("experts.*.down", "columns", ("", "_bias")),
        },
        {
            **_MIXTRAL,
            **_ALL_BIASES,
            "norm_eps": 1e-5,
            "n_experts_used": integer("num_experts_per_tok", 4),
            "activation": always("clamped"),
            "has_router_bias": True,
            "has_sinks": True,
            "rope_base": rope_base(default=150_000.0),
            "head_width": integer("head_dim", 64),
        },
        kinds.windows(kinds.patterned("", 2), 128),
        {"attention_bias": (True,), "swiglu_limit": (7.0,), "swiglu_alpha": (1.702,)},
    ),
}
"""The architectures that open, by what config.json calls them."""
