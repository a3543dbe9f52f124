"""Reads a Hugging Face folder of a decoder: what it is, whether it is whole, where its arrays go; no torch.

Nothing in it is run: its JSON is read within bounds, its weights are safetensors, and programs of its own are ignored.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.core.container.json_text import MAX_BYTES, parse_json
from studio.core.container.source import is_file, is_folder, open_regular, printable
from studio.core.container.weights.folder import (
    MAX_CONFIG_BYTES,
    WeightFiles,
    find_weights,
    label,
    read_object,
    read_weights,
)
from studio.core.container.weights.tensor import NumberCheck
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.chat_template import MAX_TEMPLATE, ChatTemplate
from ...text.model.config import DecoderConfig
from ..tokenizer.folder import read_settings, text_of
from ..weight_plan import FoundDecoder, Layout, Plan, WeightPlace, check_plan, target_shapes
from .config import TITLES, decoder_config, model_type

FILE: Final = "chat_template.jinja"
_TABLE: Final = "chat_template.json"
_ROLES: Final = ("bos_token", "eos_token", "unk_token", "pad_token")
CONFIG: Final = "config.json"
ADAPTER: Final = "adapter_config.json"
GENERATION: Final = "generation_config.json"
_READ: Final = ("float64", "float32", "float16", "bfloat16")
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


def read_chat_template(folder: Path) -> ChatTemplate | None:
    """The template that the folder brings along, None where it has none; raises UserError where it is too large."""
    settings = read_settings(folder)
    source = _source(folder, settings)
    if source is None:
        return None
    names = {role: text for role in _ROLES if (text := text_of(settings.get(role))) is not None}
    return ChatTemplate(source, names)


def _source(folder: Path, settings: dict[str, Any]) -> str | None:
    if is_file(folder / FILE):
        with open_regular(folder / FILE) as file:
            data = file.read(MAX_TEMPLATE + 1)
        if len(data) > MAX_TEMPLATE:
            raise UserError(N_("“{name}” is too large for a template.").format(name=label(folder / FILE)))
        return data.decode("utf-8", "replace")
    value = settings.get("chat_template")
    if value is None and is_file(folder / _TABLE):
        value = read_object(folder / _TABLE).get("chat_template")
    return _first(value)


def _first(value: Any) -> str | None:
    """The template itself, or of several the one that is called "default"."""
    if isinstance(value, list):
        named = [one for one in value if isinstance(one, dict) and isinstance(one.get("template"), str)]
        value = next((one["template"] for one in named if one.get("name") == "default"), None)
    return value if isinstance(value, str) and value else None


@dataclass(frozen=True, kw_only=True)
class HfFolder(FoundDecoder):
    """One of a folder. Attributes: settings: its config.json."""

    settings: Mapping[str, Any]


def folder_of(path: Path) -> Path:
    """The folder that a path stands for: itself, or the one that a file of it lies in."""
    return path if is_folder(path) else path.parent


def is_decoder_folder(path: Path) -> bool:
    """Whether a folder, or the one of a file in it, says that it holds a language model or an adapter of one; quick."""
    folder = folder_of(path)
    if path != folder and path.suffix not in (".json", ".safetensors"):
        return False
    if is_file(folder / ADAPTER):
        return True
    if not is_file(folder / CONFIG):
        return False
    try:
        with open_regular(folder / CONFIG) as file:
            values = parse_json(file.read(MAX_CONFIG_BYTES + 1), MAX_CONFIG_BYTES)
    except UserError:
        return False
    return isinstance(values, dict) and model_type(values) != ""


def read_folder(folder: Path) -> HfFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that is not opened; the sentence names the file,
            and the key where there is one.
    """
    if not is_file(folder / CONFIG) and is_file(folder / ADAPTER):
        raise _only_adapter(folder)
    settings = read_object(folder / CONFIG)
    config = decoder_config(settings)
    paths = _weight_paths(folder)
    weights = read_weights(paths, _shared_check())
    shapes = {one.name: one.shape for one in weights.tensors}
    plan = hf_plan(model_type(settings), config, set(shapes))
    unused = check_plan(plan, shapes, is_useless, is_of_model, lambda name: label(weights.owners[name]))
    _check_kinds(plan, weights)
    return HfFolder(
        path=folder,
        title=TITLES[model_type(settings)],
        config=config,
        weights=weights,
        plan=plan,
        warnings=(*weights.warnings, *unused, *_oddities(folder)),
        settings=settings,
    )


def read_optional(folder: Path, name: str, max_bytes: int = MAX_BYTES, max_tokens: int = 2_000_000) -> dict[str, Any]:
    """The table in a JSON file that may be missing: empty then; raises UserError where it is broken."""
    return read_object(folder / name, max_bytes, max_tokens) if is_file(folder / name) else {}


def _weight_paths(folder: Path) -> tuple[Path, ...]:
    try:
        return find_weights(folder, "model")
    except UserError as error:
        if is_file(folder / ADAPTER):
            raise _only_adapter(folder) from error
        raise


def _shared_check() -> Any:
    """One look for values that are no numbers, whose budget all files share: folders may be large."""
    check = NumberCheck()
    return lambda: check


def _check_kinds(plan: Plan, weights: WeightFiles) -> None:
    wrong = next((one for one in weights.tensors if one.name in plan and one.dtype not in _READ), None)
    if wrong is not None:
        raise UserError(
            N_("“{name}” in “{file}” is stored as {dtype}, which cannot be read without special software.").format(
                name=wrong.name, file=label(weights.owners[wrong.name]), dtype=wrong.dtype
            ),
            N_("Use the model in float32, float16 or bfloat16, or as a GGUF file."),
        )


def _oddities(folder: Path) -> tuple[str, ...]:
    if not is_file(folder / ADAPTER):
        return ()
    return (N_("The adapter in “{name}” is not used: the model is opened without it.").format(name=ADAPTER),)


def _only_adapter(folder: Path) -> UserError:
    base = read_optional(folder, ADAPTER).get("base_model_name_or_path")
    name = printable(base) if isinstance(base, str) and base else N_("another model")
    return UserError(
        N_("“{file}” says that this folder contains only an adapter, for {base}.").format(
            file=label(folder / ADAPTER), base=name
        ),
        N_("Merge the adapter into its model and save both as one, then open that folder."),
    )
