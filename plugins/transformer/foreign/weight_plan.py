"""Says where each array of a foreign file goes in our decoder, and checks it against what the file holds; no torch.

Every array is accounted for: it has a place, is known to be of no use, or is refused by name.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from studio.core.container.weights.folder import WeightFiles
from studio.core.error import UserError
from studio.core.translation import N_

from ..text.model.config import DecoderConfig

Shape: TypeAlias = tuple[int, ...]
Layout: TypeAlias = Literal["rows", "columns", "heads", "pairs"]


@dataclass(frozen=True)
class WeightPlace:
    """Where an array goes.

    Attributes:
        target: the name of the tensor in our decoder, and `first` the row of it where the array begins.
        shape: that the array must have in its file.
        layout: "rows" as it is; "columns" turned over (GPT-2's Conv1D); "heads" with queries, keys and values of a head
            next to each other (NeoX); "pairs" with the numbers that are turned together next to each other (llama.cpp).
    """

    target: str
    shape: Shape
    first: int = 0
    layout: Layout = "rows"


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
    for layer in range(config.n_layers):
        shapes |= {f"blocks.{layer}.{name}": shape for name, shape in _block_shapes(config).items()}
    shapes |= _norm_shapes(config, "norm", config.width)
    if not config.is_tied:
        shapes |= _linear_shapes("head", config.n_vocab, config.width, config.head_bias)
    return shapes


def _block_shapes(config: DecoderConfig) -> dict[str, Shape]:
    width, n_heads = config.width, config.n_heads
    inner = n_heads * config.head_width
    n_qkv = inner + 2 * config.n_kv_heads * config.head_width
    n_up = config.mlp_width * (2 if config.is_gated else 1)
    shapes = _linear_shapes("attention.qkv", n_qkv, width, config.qkv_bias)
    shapes |= _linear_shapes("attention.out", width, inner, config.out_bias)
    shapes |= _linear_shapes("mlp.up", n_up, width, config.mlp_bias)
    shapes |= _linear_shapes("mlp.down", width, config.mlp_width, config.mlp_bias)
    if config.has_qk_norm:
        shapes |= {f"attention.{name}.weight": (config.head_width,) for name in ("q_norm", "k_norm")}
    norms = ("attention_norm", "mlp_norm") if config.has_pre_norms else ()
    if config.has_post_norms:
        norms = (*norms, "attention_post_norm", "mlp_post_norm")
    for name in norms:
        shapes |= _norm_shapes(config, name, width)
    return shapes


def _linear_shapes(name: str, n_rows: int, n_columns: int, has_bias: bool) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{name}.weight": (n_rows, n_columns)}
    return shapes | {f"{name}.bias": (n_rows,)} if has_bias else shapes


def _norm_shapes(config: DecoderConfig, name: str, width: int) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{name}.weight": (width,)}
    return shapes | {f"{name}.bias": (width,)} if config.norm == "layer" else shapes


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
