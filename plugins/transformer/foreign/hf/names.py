"""Where each array of a Hugging Face model goes in our decoder, for each architecture; no torch."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ...text.model.config import DecoderConfig
from ..weight_plan import Layout, Plan, WeightPlace, target_shapes

# Masks and angles that old versions of the library stored beside the weights.
_USELESS: Final = re.compile(r"(.*\.)?(attn|attention)\.(bias|masked_bias)|(.*\.)?rotary_emb\.inv_freq")
_HEADS: Final = ("lm_head.weight", "embed_out.weight")  # copies, where the head is tied to the table of tokens
_ADAPTERS: Final = ("lora_", "adapter", "base_layer")
Entry = tuple[str, WeightPlace]


def hf_plan(architecture: str, config: DecoderConfig, names: set[str]) -> Plan:
    """The place of every array, by its name in the file.

    `names` are those that were found: files of the bare model lack the prefix that those of a whole one have.
    """
    prefix = _PREFIXES.get(architecture, "model.")
    base = prefix if any(name.startswith(prefix) for name in names) else ""
    shapes = target_shapes(config)
    plan = dict(_top(architecture, config, base))
    for layer in range(config.n_layers):
        places = _BLOCKS.get(architecture, _llama)(config)
        where = f"{base}{_LAYERS.get(architecture, 'layers')}.{layer}."
        plan |= {where + name: _moved(place, layer) for name, place in places}
    return {name: place for name, place in plan.items() if place.target in shapes}


def is_useless(name: str) -> bool:
    """Whether an array is known to say nothing that config.json does not."""
    return _USELESS.fullmatch(name) is not None or name in _HEADS


def is_of_model(name: str) -> bool:
    """Whether an unknown array would change what the model says: one of a layer, or of an adapter."""
    return re.search(r"(^|\.)(h|layers)\.\d+\.", name) is not None or any(part in name for part in _ADAPTERS)


def _moved(place: WeightPlace, layer: int) -> WeightPlace:
    return WeightPlace(f"blocks.{layer}.{place.target}", place.shape, place.first, place.layout)


def _top(architecture: str, config: DecoderConfig, base: str) -> Iterator[Entry]:
    """What is there once: tables, the last norm, the head."""
    table = (config.n_vocab, config.width)
    tokens, norm, head = _TOPS.get(architecture, ("embed_tokens", "norm", "lm_head"))
    yield f"{base}{tokens}.weight", WeightPlace("tokens.weight", table)
    yield f"{base}wpe.weight", WeightPlace("positions.weight", (config.n_context, config.width))
    for kind in ("weight", "bias"):
        yield f"{base}{norm}.{kind}", WeightPlace(f"norm.{kind}", (config.width,))
    yield f"{head}.weight", WeightPlace("head.weight", table)


def _norm(name: str, target: str, width: int) -> Iterator[Entry]:
    for kind in ("weight", "bias"):
        yield f"{name}.{kind}", WeightPlace(f"{target}.{kind}", (width,))


def _linear(
    name: str, target: str, n_rows: int, n_columns: int, first: int = 0, layout: Layout = "rows"
) -> Iterator[Entry]:
    """Weight and bias of one projection; `n_rows` are its outputs, whatever the layout."""
    shape = (n_columns, n_rows) if layout == "columns" else (n_rows, n_columns)
    yield f"{name}.weight", WeightPlace(f"{target}.weight", shape, first, layout)
    yield f"{name}.bias", WeightPlace(f"{target}.bias", (n_rows,), first, "rows" if layout == "columns" else layout)


def _gpt2(config: DecoderConfig) -> Iterator[Entry]:
    width, inner = config.width, config.mlp_width
    yield from _norm("ln_1", "attention_norm", width)
    yield from _linear("attn.c_attn", "attention.qkv", 3 * width, width, layout="columns")
    yield from _linear("attn.c_proj", "attention.out", width, width, layout="columns")
    yield from _norm("ln_2", "mlp_norm", width)
    yield from _linear("mlp.c_fc", "mlp.up", inner, width, layout="columns")
    yield from _linear("mlp.c_proj", "mlp.down", width, inner, layout="columns")


def _gpt_neox(config: DecoderConfig) -> Iterator[Entry]:
    width, inner = config.width, config.mlp_width
    n_queries = config.n_heads * config.head_width
    yield from _norm("input_layernorm", "attention_norm", width)
    yield from _norm("post_attention_layernorm", "mlp_norm", width)
    yield from _linear("attention.query_key_value", "attention.qkv", 3 * n_queries, width, layout="heads")
    yield from _linear("attention.dense", "attention.out", width, n_queries)
    yield from _linear("mlp.dense_h_to_4h", "mlp.up", inner, width)
    yield from _linear("mlp.dense_4h_to_h", "mlp.down", width, inner)


def _llama(config: DecoderConfig) -> Iterator[Entry]:
    n_queries, n_keys = config.n_heads * config.head_width, config.n_kv_heads * config.head_width
    qkv = "attention.qkv"
    yield from _linear("self_attn.q_proj", qkv, n_queries, config.width)
    yield from _linear("self_attn.k_proj", qkv, n_keys, config.width, n_queries)
    yield from _linear("self_attn.v_proj", qkv, n_keys, config.width, n_queries + n_keys)
    yield from _linear("mlp.gate_proj", "mlp.up", config.mlp_width, config.width)
    yield from _linear("mlp.up_proj", "mlp.up", config.mlp_width, config.width, config.mlp_width)
    yield from _llama_rest(config)


def _phi3(config: DecoderConfig) -> Iterator[Entry]:
    n_rows = (config.n_heads + 2 * config.n_kv_heads) * config.head_width
    yield from _linear("self_attn.qkv_proj", "attention.qkv", n_rows, config.width)
    yield from _linear("mlp.gate_up_proj", "mlp.up", 2 * config.mlp_width, config.width)
    yield from _llama_rest(config)


def _llama_rest(config: DecoderConfig) -> Iterator[Entry]:
    """What LLaMA and those with fused projections share; the second norm is another one where there are four."""
    width = config.width
    yield from _linear("self_attn.o_proj", "attention.out", width, config.n_heads * config.head_width)
    yield from _linear("mlp.down_proj", "mlp.down", width, config.mlp_width)
    yield from _norm("self_attn.q_norm", "attention.q_norm", config.head_width)
    yield from _norm("self_attn.k_norm", "attention.k_norm", config.head_width)
    yield from _norm("input_layernorm", "attention_norm", width)
    if config.has_post_norms:
        yield from _norm("post_attention_layernorm", "attention_post_norm", width)
        yield from _norm("pre_feedforward_layernorm", "mlp_norm", width)
        yield from _norm("post_feedforward_layernorm", "mlp_post_norm", width)
    else:
        yield from _norm("post_attention_layernorm", "mlp_norm", width)


_PREFIXES: Final = {"gpt2": "transformer.", "gpt_neox": "gpt_neox."}
_LAYERS: Final = {"gpt2": "h"}
_TOPS: Final = {"gpt2": ("wte", "ln_f", "lm_head"), "gpt_neox": ("embed_in", "final_layer_norm", "embed_out")}
_BLOCKS: Final[Mapping[str, Callable[[DecoderConfig], Iterator[Entry]]]] = {
    "gpt2": _gpt2,
    "gpt_neox": _gpt_neox,
    "phi3": _phi3,
}
