"""Reads from a Hugging Face config.json how positions are turned, and how they are stretched to longer texts."""

import math
from collections.abc import Callable
from typing import Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.config import RopeScaling, ScalingKind

_OTHER_NAMES: Final = {"su": "longrope", "default": ""}


def rope_settings(settings: Settings) -> Settings:
    """The table about positions: `rope_parameters` of version 5, or `rope_scaling` of those before.

    Where layers with a window have one of their own, that of the others.
    """
    table = settings.table("rope_parameters" if settings.has("rope_parameters") else "rope_scaling")
    return table.table("full_attention") if table.has("full_attention") else table


def rope_base(old_name: str = "rope_theta", default: float = 10_000.0) -> Callable[[Settings], float]:
    """Reads the base of the slowest rotation."""
    return lambda settings: rope_settings(settings).number("rope_theta", settings.number(old_name, default))


def rotary_share(default: float, old_name: str = "partial_rotary_factor") -> Callable[[Settings], float]:
    """Reads which part of a head's numbers is rotated."""
    return lambda settings: rope_settings(settings).number("partial_rotary_factor", settings.number(old_name, default))


def local_rope_base(old_name: str, default: float) -> Callable[[Settings], float]:
    """Reads the base in layers with a window, whose positions are never stretched."""

    def read(settings: Settings) -> float:
        table = settings.table("rope_parameters").table("sliding_attention")
        table.refuse("rope_type", "default")
        return table.number("rope_theta", settings.number(old_name, default))

    return read


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
