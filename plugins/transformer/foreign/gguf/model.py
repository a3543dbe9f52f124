"""Says what a GGUF file of the LLaMA line is: our decoder's configuration, and where each array goes; no torch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.container.json_settings import Settings
from studio.core.container.source import open_regular, printable, read_exactly
from studio.core.container.weights.folder import WeightFiles
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.config import DecoderConfig, RopeScaling
from ..hf.config import checked
from ..weight_plan import FoundDecoder, Layout, Plan, Shape, WeightPlace, check_plan, target_shapes
from .blocks import BLOCKS
from .file import GgufFile, GgufTensor, read_gguf

TITLES: Final = {"llama": "LLaMA", "qwen2": "Qwen2", "qwen3": "Qwen3"}
"""The architectures that open, by what the file calls them; Mistral and SmolLM are LLaMA there."""
ROPE_FACTORS: Final = "rope_freqs.weight"
_USELESS: Final = re.compile(r"rope_freqs\.weight|blk\.\d+\.attn_rot_embd\.weight")
_MAX_FACTORS: Final = 4096
Entry = tuple[str, WeightPlace]


@dataclass(frozen=True, kw_only=True)
class GgufModel(FoundDecoder):
    """One of a GGUF file."""

    file: GgufFile


def read_gguf_model(path: Path) -> GgufModel:
    """Read everything but the weights.

    Raises:
        UserError: the file is broken, of another architecture, or its arrays and settings do not fit each other.
    """
    file = read_gguf(path)
    architecture = file.settings.get("general.architecture")
    if architecture not in TITLES:
        name = printable(architecture) if isinstance(architecture, str) else N_("unknown")
        raise UserError(
            N_("GGUF files of the type “{name}” cannot be opened.").format(name=name),
            N_("These can: {titles}, and all that are built like them.").format(titles=", ".join(TITLES.values())),
        )
    if file.settings.get("split.count", 0) not in (0, 1):
        raise UserError(
            N_("“{name}” is one part of a model that was split.").format(name=printable(path.name)),
            N_("Join the parts with llama-gguf-split first."),
        )
    shapes = {one.name: one.shape for one in file.tensors}
    config = _config(file, architecture, shapes)
    plan = gguf_plan(architecture, config)
    unused = check_plan(
        plan, shapes, lambda name: _USELESS.fullmatch(name) is not None, _is_of_model, lambda _: printable(path.name)
    )
    tensors = tuple(TensorInfo(one.name, BLOCKS[one.kind].title, one.shape) for one in file.tensors)
    return GgufModel(
        path=path,
        title=TITLES[architecture],
        config=config,
        weights=WeightFiles((path,), tensors),
        plan=plan,
        warnings=unused,
        file=file,
    )


def gguf_plan(architecture: str, config: DecoderConfig) -> Plan:
    """The place of every array, by its name in the file."""
    shapes = target_shapes(config)
    plan = {
        "token_embd.weight": WeightPlace("tokens.weight", shapes["tokens.weight"]),
        "output_norm.weight": WeightPlace("norm.weight", (config.width,)),
        "output.weight": WeightPlace("head.weight", shapes["tokens.weight"]),
    }
    for layer in range(config.n_layers):
        for name, place in _block(architecture, config):
            target = f"blocks.{layer}.{place.target}"
            plan[f"blk.{layer}.{name}"] = WeightPlace(target, place.shape, place.first, place.layout)
    return {name: place for name, place in plan.items() if place.target in shapes}


def _block(architecture: str, config: DecoderConfig) -> Iterator[Entry]:
    """The arrays of a layer. llama.cpp turns neighbours together, so LLaMA's queries and keys are stored that way."""
    width, inner, head = config.width, config.mlp_width, config.head_width
    n_queries, n_keys = config.n_heads * head, config.n_kv_heads * head
    layout: Layout = "pairs" if architecture == "llama" else "rows"
    for name, n_rows, first, kind in (
        ("attn_q", n_queries, 0, layout),
        ("attn_k", n_keys, n_queries, layout),
        ("attn_v", n_keys, n_queries + n_keys, "rows"),
    ):
        yield f"{name}.weight", WeightPlace("attention.qkv.weight", (n_rows, width), first, kind)
        yield f"{name}.bias", WeightPlace("attention.qkv.bias", (n_rows,), first, kind)
    yield "attn_output.weight", WeightPlace("attention.out.weight", (width, n_queries))
    yield "attn_q_norm.weight", WeightPlace("attention.q_norm.weight", (head,))
    yield "attn_k_norm.weight", WeightPlace("attention.k_norm.weight", (head,))
    yield "attn_norm.weight", WeightPlace("attention_norm.weight", (width,))
    yield "ffn_norm.weight", WeightPlace("mlp_norm.weight", (width,))
    yield "ffn_gate.weight", WeightPlace("mlp.up.weight", (inner, width))
    yield "ffn_up.weight", WeightPlace("mlp.up.weight", (inner, width), inner)
    yield "ffn_down.weight", WeightPlace("mlp.down.weight", (width, inner))


def _is_of_model(name: str) -> bool:
    return name.startswith(("blk.", "output.", "token_embd"))


def _config(file: GgufFile, architecture: str, shapes: dict[str, Shape]) -> DecoderConfig:
    prefix = f"{architecture}."
    named = {name.removeprefix(prefix): value for name, value in file.settings.items() if name.startswith(prefix)}
    settings = Settings(named, printable(file.path.name))
    settings.refuse("expert_count", 0)
    table = shapes.get("token_embd.weight")
    if table is None or len(table) != 2:
        raise UserError(N_("The weights are missing “{name}”.").format(name="token_embd.weight"))
    try:
        return checked(DecoderConfig(**_sizes(settings, table[0], shapes), rope_scaling=_scaling(file, settings)))
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in this GGUF file do not match each other: {why}.").format(why=error)) from error


def _sizes(settings: Settings, n_vocab: int, shapes: dict[str, Shape]) -> dict[str, Any]:
    width, n_heads = settings.integer("embedding_length"), settings.integer("attention.head_count")
    head_width = settings.integer("attention.key_length", width // n_heads)
    return {
        "n_vocab": n_vocab,
        "n_context": settings.integer("context_length"),
        "n_layers": settings.integer("block_count"),
        "n_heads": n_heads,
        "n_kv_heads": settings.integer("attention.head_count_kv", n_heads),
        "width": width,
        "head_width": head_width,
        "mlp_width": settings.integer("feed_forward_length"),
        "norm_eps": settings.number("attention.layer_norm_rms_epsilon", 1e-5),
        "rope_base": settings.number("rope.freq_base", 10_000.0),
        "rotary_share": settings.integer("rope.dimension_count", head_width) / head_width,
        "qkv_bias": "blk.0.attn_q.bias" in shapes,
        "has_qk_norm": "blk.0.attn_q_norm.weight" in shapes,
        "is_tied": "output.weight" not in shapes,
    }


def _scaling(file: GgufFile, settings: Settings) -> RopeScaling | None:
    """How positions are stretched: factors in an array of their own (LLaMA 3), or a way that settings name."""
    n_context = settings.integer("context_length")
    factors = next((one for one in file.tensors if one.name == ROPE_FACTORS), None)
    if factors is not None:
        values = _factors(file.path, factors)
        return RopeScaling("longrope", 1.0, n_context, attention_factor=1.0, short_factors=values, long_factors=values)
    name = settings.text("rope.scaling.type", "none")
    factor = settings.number("rope.scaling.factor", settings.number("rope.scale_linear", 1.0))
    if name == "linear" or (name == "none" and factor != 1.0):
        return RopeScaling("linear", factor)
    if name == "yarn":
        return RopeScaling("yarn", factor, settings.integer("rope.scaling.original_context_length", n_context))
    settings.refuse("rope.scaling.type", "none")
    return None


def _factors(path: Path, tensor: GgufTensor) -> tuple[float, ...]:
    """What each frequency is divided by."""
    if tensor.kind != 0 or len(tensor.shape) != 1 or tensor.shape[0] > _MAX_FACTORS:
        raise UserError(N_("“{name}” in this GGUF file is not what it should be.").format(name=tensor.name))
    with open_regular(path) as file:
        file.seek(tensor.begin)
        values = np.frombuffer(read_exactly(file, tensor.n_bytes), "<f4")
    if not np.all(np.isfinite(values) & (values > 0)):
        raise UserError(N_("“{name}” in this GGUF file is not what it should be.").format(name=tensor.name))
    return tuple(float(value) for value in values)
