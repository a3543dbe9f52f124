"""Says where each array of a foreign file goes in our decoder, and checks it against what the file holds; no torch.

Every array is accounted for: it has a place, is known to be of no use, or is refused by name.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from studio.core.container.weights.folder import WeightFiles
from studio.core.error import UserError
from studio.core.translation import N_

from ..text.model.config import DecoderConfig

Shape: TypeAlias = tuple[int, ...]
Layout: TypeAlias = Literal["rows", "columns", "alternating", "groups", "pairs", "past two"]
_TURNED: Final = ("columns", "alternating")


@dataclass(frozen=True)
class WeightPlace:
    """Where an array goes.

    Attributes:
        target: the name of the tensor in our decoder, and `first` the row of it where the array begins; "*" stands for
            the number of an expert, over which the first axis of the array is spread.
        shape: that the array must have in its file.
        layout: "rows" as it is; "columns" turned over (GPT-2's Conv1D); "alternating" the same with gates between the
            others (GPT-OSS); "groups" with the queries that share a key and a value before these (NeoX, Falcon);
            "pairs" with the numbers that are turned together next to each other (llama.cpp, GPT-J); "past two" with two
            rows before the first position (OPT).
        also: another tensor that gets the same.
    """

    target: str
    shape: Shape
    first: int = 0
    layout: Layout = "rows"
    also: str = ""


@dataclass(frozen=True)
class Spelling:
    """How files write the weight, and the bias, of a part."""

    part: str
    layout: Layout = "rows"
    suffixes: tuple[str, ...] = (".weight", ".bias")


Names: TypeAlias = Mapping[str, str | Spelling]
Plan: TypeAlias = Mapping[str, WeightPlace]


@dataclass(frozen=True, kw_only=True)
class FoundDecoder:
    """A decoder of other people that can be opened.

    Attributes:
        title: what people call its architecture.
        plan: where each array goes.
        warnings: sentences about what is odd but does no harm.
    """

    path: Path
    title: str
    config: DecoderConfig
    weights: WeightFiles
    plan: Plan
    warnings: tuple[str, ...] = ()


def target_shapes(config: DecoderConfig) -> dict[str, Shape]:
    """The tensors of our decoder with their shapes."""
    shapes: dict[str, Shape] = {"tokens.weight": (config.n_vocab, config.width)}
    if config.positions == "learnt":
        shapes["positions.weight"] = (config.n_context, config.width)
    if config.has_embedding_norm:
        shapes |= _norm_shapes(config, "embedding_norm", config.width)
    for layer in range(config.n_layers):
        shapes |= {f"blocks.{layer}.{name}": shape for name, shape in _block_shapes(config, layer).items()}
    shapes |= _norm_shapes(config, "norm", config.width)
    if not config.is_tied:
        shapes |= _linear_shapes("head", config.n_vocab, config.width, config.head_bias)
    return shapes


def _block_shapes(config: DecoderConfig, layer: int) -> dict[str, Shape]:
    width, n_keys = config.width, config.n_kv_heads * config.head_width
    inner = config.n_heads * config.head_width
    shapes = _linear_shapes("attention.qkv", inner + 2 * n_keys, width, config.qkv_bias)
    shapes |= _linear_shapes("attention.out", width, inner, config.out_bias)
    if config.has_experts(layer):
        shapes |= _expert_shapes(config)
    else:
        shapes |= _mlp_shapes(config, "mlp", config.mlp_width)
    if config.has_qk_norm:
        sizes = (inner, n_keys) if config.has_wide_qk_norm else (config.head_width, config.head_width)
        shapes |= {"attention.q_norm.weight": (sizes[0],), "attention.k_norm.weight": (sizes[1],)}
    if config.has_sinks:
        shapes["attention.sinks"] = (config.n_heads,)
    norms = ("attention_norm", "mlp_norm") if config.has_pre_norms else ()
    if config.has_post_norms:
        norms = (*norms, "attention_post_norm", "mlp_post_norm")
    for name in norms:
        shapes |= _norm_shapes(config, name, width)
    return shapes


def _expert_shapes(config: DecoderConfig) -> dict[str, Shape]:
    shapes = _linear_shapes("mlp.router", config.n_experts, config.width, config.has_router_bias)
    for number in range(config.n_experts):
        shapes |= _mlp_shapes(config, f"mlp.experts.{number}", config.expert_width)
    if config.shared_width:
        shapes |= _mlp_shapes(config, "mlp.shared", config.shared_width)
        shapes |= _linear_shapes("mlp.shared_gate", 1, config.width, False)
    return shapes


def _mlp_shapes(config: DecoderConfig, name: str, inner: int) -> dict[str, Shape]:
    n_up = inner * (2 if config.is_gated else 1)
    up = _linear_shapes(f"{name}.up", n_up, config.width, config.mlp_bias)
    return up | _linear_shapes(f"{name}.down", config.width, inner, config.mlp_bias)


def _linear_shapes(name: str, n_rows: int, n_columns: int, has_bias: bool) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{name}.weight": (n_rows, n_columns)}
    return shapes | {f"{name}.bias": (n_rows,)} if has_bias else shapes


def _norm_shapes(config: DecoderConfig, name: str, width: int) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{name}.weight": (width,)}
    return shapes | {f"{name}.bias": (width,)} if config.norm == "layer" and config.has_norm_bias else shapes


def places(names: Names, config: DecoderConfig, layer: int | None = None) -> Plan:
    """The places of arrays by their names, those of a layer or of what is there once; also of what a decoder lacks."""
    where, parts = "" if layer is None else f"blocks.{layer}.", _parts(config)
    found: dict[str, WeightPlace] = {}
    for name, one in names.items():
        how = one if isinstance(one, Spelling) else Spelling(one)
        for suffix, kind in zip(how.suffixes, (".weight", ".bias"), strict=False):
            place = _spelt(parts[how.part], how.layout, kind, config.n_experts if "*" not in name else 0)
            place = replace(place, target=where + place.target, also=place.also and where + place.also)
            for number in range(config.n_experts) if "*" in name else (0,):
                key = name.replace("*", str(number)) + suffix
                found[key] = replace(place, target=place.target.replace("*", str(number))) if "*" in name else place
    return found


def _spelt(part: WeightPlace, layout: Layout, kind: str, n_stacked: int) -> WeightPlace:
    """The place of a part's weight or bias, in the shape that its file has."""
    shape = part.shape[:1] if kind == ".bias" else part.shape
    if layout in _TURNED:
        shape = shape[::-1]
    if layout == "past two":
        shape = (shape[0] + 2, *shape[1:])
    if "*" in part.target and n_stacked:
        shape = (n_stacked, *shape)
    target = part.target if part.target == "attention.sinks" else part.target + kind
    return WeightPlace(target, shape, part.first, layout, part.also and part.also + kind)


@cache
def _parts(config: DecoderConfig) -> Mapping[str, WeightPlace]:
    """What decoders are built of, by which tensor and rows of ours it is."""
    width, head = config.width, config.head_width
    queries, keys = config.n_heads * head, config.n_kv_heads * head
    norms = ("norm", "embedding_norm", "attention_norm", "mlp_norm", "attention_post_norm", "mlp_post_norm")
    parts = {
        **{name: WeightPlace(name, (width,)) for name in norms},
        "both_norms": WeightPlace("attention_norm", (width,), also="mlp_norm"),
        "tokens": WeightPlace("tokens", (config.n_vocab, width)),
        "positions": WeightPlace("positions", (config.n_context, width)),
        "head": WeightPlace("head", (config.n_vocab, width)),
        "query": WeightPlace("attention.qkv", (queries, width)),
        "key": WeightPlace("attention.qkv", (keys, width), queries),
        "value": WeightPlace("attention.qkv", (keys, width), queries + keys),
        "query_key_value": WeightPlace("attention.qkv", (queries + 2 * keys, width)),
        "out": WeightPlace("attention.out", (width, queries)),
        "q_norm": WeightPlace("attention.q_norm", (queries if config.has_wide_qk_norm else head,)),
        "k_norm": WeightPlace("attention.k_norm", (keys if config.has_wide_qk_norm else head,)),
        "sinks": WeightPlace("attention.sinks", (config.n_heads,)),
        "router": WeightPlace("mlp.router", (config.n_experts, width)),
        "shared_gate": WeightPlace("mlp.shared_gate", (1, width)),
    }
    for prefix, inner in (
        ("", config.mlp_width),
        ("shared.", config.shared_width),
        ("experts.*.", config.expert_width),
    ):
        up = f"mlp.{prefix}up"
        parts |= {
            f"{prefix}gate": WeightPlace(up, (inner, width)),
            f"{prefix}up": WeightPlace(up, (inner, width), inner if config.is_gated else 0),
            f"{prefix}gate_up": WeightPlace(up, (2 * inner, width)),
            f"{prefix}down": WeightPlace(f"mlp.{prefix}down", (width, inner)),
        }
    return parts


def n_params(config: DecoderConfig) -> int:
    """How many numbers our decoder has."""
    return sum(math.prod(shape) for shape in target_shapes(config).values())


def check_plan(
    plan: Plan,
    found: Mapping[str, Shape],
    is_useless: Callable[[str], bool],
    is_of_model: Callable[[str], bool],
    file_of: Callable[[str], str],
) -> tuple[str, ...]:
    """Hold the arrays that were found against the plan; returns sentences about those that are left out.

    Args:
        is_useless: whether an array is known to be of no use, such as a mask.
        is_of_model: whether an unknown array would change what the model says, so that it cannot be left out.
        file_of: the name of the file that an array lies in.

    Raises:
        UserError: an array is missing, has another shape, or belongs to a model that differs from ours.
    """
    for name, place in plan.items():
        if name in found and found[name] != place.shape:
            raise UserError(
                N_("“{name}” in “{file}” has the shape {found}, but {wanted} was expected.").format(
                    name=name, file=file_of(name), found=_shown(found[name]), wanted=_shown(place.shape)
                ),
                N_("The settings and the weights belong to different models."),
            )
    others = [name for name in found if name not in plan and not is_useless(name)]
    foreign = next((name for name in others if is_of_model(name)), None)
    if foreign is not None:
        raise UserError(
            N_("“{file}” contains “{name}”, which this kind of model does not have.").format(
                file=file_of(foreign), name=foreign
            )
        )
    missing = [name for name in plan if name not in found]
    if missing:
        raise _missing(missing)
    return tuple(N_("“{name}” is not used.").format(name=name) for name in others[:8])


def _missing(names: Sequence[str]) -> UserError:
    what_to_do = N_("The folder is incomplete, or its settings belong to another model.")
    if len(names) == 1:
        return UserError(N_("The weights are missing “{name}”.").format(name=names[0]), what_to_do)
    return UserError(
        N_("The weights are missing {n:,} arrays, such as “{name}”.").format(n=len(names), name=names[0]), what_to_do
    )


def _shown(shape: Iterable[int]) -> str:
    return " x ".join(str(size) for size in shape) or "1"
