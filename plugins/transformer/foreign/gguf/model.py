"""Says what a GGUF file is: our decoder's configuration, and where each array goes; no torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.container.json_settings import Settings
from studio.core.container.source import open_regular, printable, read_exactly
from studio.core.container.weights.folder import WeightFiles
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.config import MAX_LAYERS, DecoderConfig, RopeScaling
from ..hf.architectures import cap, integer, number
from ..hf.config import checked
from ..weight_plan import FoundDecoder, Names, Plan, Shape, Spelling, check_plan, places, target_shapes
from .blocks import BLOCKS
from .file import GgufFile, GgufTensor, read_gguf


@dataclass(frozen=True)
class GgufKind:
    """One architecture. Attributes as those of `..hf.architectures.Architecture`, for what this kind of file says."""

    title: str
    config: Mapping[str, Any] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: _LLAMA)


def _windows(period: int, missing: int) -> Callable[[Settings], tuple[int, ...]]:
    """The layers with a window: all but every so manieth, or all."""
    return lambda settings: (
        tuple(layer for layer in range(_n_layers(settings)) if period == 1 or (layer + 1) % period)
        if settings.integer("attention.sliding_window", missing)
        else ()
    )


def _gemma_scale(n_layers: int) -> Callable[[Settings], float]:
    """That of the largest model, which has so many layers, is not that of its heads."""

    def read(settings: Settings) -> float:
        width, n_heads = settings.integer("embedding_length"), settings.integer("attention.head_count")
        return float((n_heads / width) ** 0.5) if settings.integer("block_count") == n_layers else 0.0

    return read


_LLAMA: Final[Names] = {
    "attn_q": "query",
    "attn_k": "key",
    "attn_v": "value",
    "attn_output": "out",
    "attn_q_norm": "q_norm",
    "attn_k_norm": "k_norm",
    "attn_norm": "attention_norm",
    "ffn_norm": "mlp_norm",
    "post_attention_norm": "attention_post_norm",
    "post_ffw_norm": "mlp_post_norm",
    "ffn_gate": "gate",
    "ffn_up": "up",
    "ffn_down": "down",
}
_TURNED: Final[Names] = {**_LLAMA, "attn_q": Spelling("query", "pairs"), "attn_k": Spelling("key", "pairs")}
_PHI3: Final[Names] = {
    "attn_qkv": "query_key_value",
    "attn_output": "out",
    "attn_norm": "attention_norm",
    "ffn_norm": "mlp_norm",
    "ffn_up": "gate_up",
    "ffn_down": "down",
}
_GEMMA: Final[Mapping[str, Any]] = {
    "activation": "gelu_tanh",
    "embedding_scale": number("embedding_length", 0.0, 0.5),
}
_GEMMA2: Final[Mapping[str, Any]] = {**_GEMMA, "has_post_norms": True}

KINDS: Final[Mapping[str, GgufKind]] = {
    "llama": GgufKind("LLaMA", names=_TURNED),
    "qwen2": GgufKind("Qwen2"),
    "qwen3": GgufKind("Qwen3"),
    "gemma": GgufKind("Gemma", _GEMMA),
    "gemma2": GgufKind(
        "Gemma 2",
        {
            **_GEMMA2,
            "attention_scale": _gemma_scale(46),
            "attention_cap": cap("attn_logit_softcapping", 50.0),
            "logit_cap": cap("final_logit_softcapping", 30.0),
            "sliding_window": integer("attention.sliding_window", 4096),
            "sliding_layers": _windows(2, 4096),
        },
    ),
    "gemma3": GgufKind(
        "Gemma 3",
        {
            **_GEMMA2,
            "attention_scale": _gemma_scale(62),
            "logit_cap": cap("final_logit_softcapping", 0.0),
            "local_rope_base": number("rope.freq_base_swa", 10_000.0),
            "sliding_window": integer("attention.sliding_window"),
            "sliding_layers": _windows(6, 0),
        },
    ),
    "phi3": GgufKind(
        "Phi-3",
        {"sliding_window": integer("attention.sliding_window", 0), "sliding_layers": _windows(1, 0)},
        _PHI3,
    ),
    "granite": GgufKind(
        "Granite",
        {
            "attention_scale": number("attention.scale", 0.0),
            "embedding_scale": number("embedding_scale", 1.0),
            "residual_scale": number("residual_scale", 1.0),
            "logit_scale": number("logit_scale", 1.0, -1.0),
        },
        _TURNED,
    ),
    "smollm3": GgufKind(
        "SmolLM3",
        {"unturned_layers": lambda settings: tuple(range(3, _n_layers(settings), 4))},
        _TURNED,
    ),
}
"""The architectures that open, by what the file calls them; Mistral and SmolLM are LLaMA there, and norms of Gemma have
their offset in their weights."""
_TOP: Final[Names] = {"token_embd": "tokens", "output_norm": "norm", "output": "head"}
ROPE_FACTORS: Final = "rope_freqs.weight"
_LONG_FACTORS: Final = ("rope_factors_short.weight", "rope_factors_long.weight")
_USELESS: Final = re.compile(r"rope_factors_(short|long)\.weight|rope_freqs\.weight|blk\.\d+\.attn_rot_embd\.weight")
_MAX_FACTORS: Final = 4096


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
    if not isinstance(architecture, str) or architecture not in KINDS:
        name = printable(architecture) if isinstance(architecture, str) else N_("unknown")
        raise UserError(
            N_("GGUF files of the type “{name}” cannot be opened.").format(name=name),
            N_("These can: {titles}, and all that are built like them.").format(
                titles=", ".join(kind.title for kind in KINDS.values())
            ),
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
        title=KINDS[architecture].title,
        config=config,
        weights=WeightFiles((path,), tensors),
        plan=plan,
        warnings=unused,
        file=file,
    )


def gguf_plan(architecture: str, config: DecoderConfig) -> Plan:
    """The place of every array, by its name in the file."""
    plan = dict(places(_TOP, config))
    for layer in range(config.n_layers):
        found = places(KINDS[architecture].names, config, layer)
        plan |= {f"blk.{layer}.{name}": place for name, place in found.items()}
    shapes = target_shapes(config)
    return {name: place for name, place in plan.items() if place.target in shapes}


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
        sizes = _sizes(settings, table[0], shapes)
        kind = {name: one(settings) if callable(one) else one for name, one in KINDS[architecture].config.items()}
        return checked(DecoderConfig(**sizes, **kind, rope_scaling=_scaling(file, settings)))
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in this GGUF file do not match each other: {why}.").format(why=error)) from error


def _sizes(settings: Settings, n_vocab: int, shapes: dict[str, Shape]) -> dict[str, Any]:
    width, n_heads = settings.integer("embedding_length"), settings.integer("attention.head_count")
    head_width = settings.integer("attention.key_length", width // n_heads)
    return {
        "n_vocab": n_vocab,
        "n_context": settings.integer("context_length"),
        "n_layers": _n_layers(settings),
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


def _n_layers(settings: Settings) -> int:
    """How many layers; bounded before a list is made for them."""
    count = settings.integer("block_count")
    if count > MAX_LAYERS:
        raise settings.wrong("block_count")
    return count


def _scaling(file: GgufFile, settings: Settings) -> RopeScaling | None:
    """How positions are stretched: factors in an array of their own (LLaMA 3), or a way that settings name."""
    n_context = settings.integer("context_length")
    factors = next((one for one in file.tensors if one.name == ROPE_FACTORS), None)
    if factors is not None:
        values = _factors(file.path, factors)
        return RopeScaling("longrope", 1.0, n_context, attention_factor=1.0, short_factors=values, long_factors=values)
    both = [one for name in _LONG_FACTORS for one in file.tensors if one.name == name]
    if len(both) == len(_LONG_FACTORS):
        return RopeScaling(
            "longrope",
            original_context=settings.integer("rope.scaling.original_context_length", n_context),
            attention_factor=settings.number("rope.scaling.attn_factor", 1.0),
            short_factors=_factors(file.path, both[0]),
            long_factors=_factors(file.path, both[1]),
        )
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
