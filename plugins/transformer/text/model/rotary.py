"""Rotary positions (RoFormer, arXiv 2104.09864) and the ways in which they are stretched to longer texts.

Shape letters: T tokens, R numbers of a head that are rotated. The first half of them is paired with the second half.
"""

import math
from typing import Final

import torch
from torch import Tensor

from .config import DecoderConfig, RopeScaling

_TWO_PI: Final = 2 * math.pi


def rotations(config: DecoderConfig, n_tokens: int, length: int, is_local: bool = False) -> tuple[Tensor, Tensor]:
    """Cosines and sines of positions 0 .. n_tokens - 1, float32 (T, R / 2) each.

    `length` is that of the whole text, which "dynamic" and "longrope" depend on; `is_local` stands for the layers
    with a base of their own, which is never stretched.
    """
    if is_local and config.local_rope_base:
        frequencies, amount = _plain(config.local_rope_base, config.rotary_width), 1.0
    else:
        frequencies, amount = _frequencies(config, length)
    angles = torch.outer(torch.arange(n_tokens).float(), frequencies)  # (T, R / 2)
    return angles.cos() * amount, angles.sin() * amount


def depends_on_length(config: DecoderConfig) -> bool:
    """Whether longer texts turn all positions by other angles."""
    scaling = config.rope_scaling
    if scaling is None or scaling.kind not in ("dynamic", "longrope"):
        return False
    return scaling.kind == "dynamic" or scaling.short_factors != scaling.long_factors


def rotated(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn (..., T, head width) by the angles of its positions, (T, R / 2); what lies beyond R stays."""
    half = cosines.shape[-1]
    cosines, sines = cosines.to(x.dtype), sines.to(x.dtype)
    first, second, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return torch.cat((first * cosines - second * sines, second * cosines + first * sines, rest), -1)


def _plain(base: float, width: int) -> Tensor:
    return 1.0 / base ** (torch.arange(0, width, 2, dtype=torch.int64).float() / width)


def _frequencies(config: DecoderConfig, length: int) -> tuple[Tensor, float]:
    """Angles from one position to the next (R / 2), and what cosines and sines are multiplied by."""
    scaling, base, width = config.rope_scaling, config.rope_base, config.rotary_width
    plain = _plain(base, width)
    if scaling is None:
        return plain, 1.0
    match scaling.kind:
        case "linear":
            return plain / scaling.factor, 1.0
        case "dynamic":
            return _plain(_dynamic_base(config, scaling, length), width), 1.0
        case "llama3":
            return _llama3(plain, scaling), 1.0
        case "yarn":
            return _yarn(plain, base, scaling), scaling.attention_factor or _yarn_amount(scaling.factor)
        case "longrope":
            return _longrope(plain, scaling, length)


def _dynamic_base(config: DecoderConfig, scaling: RopeScaling, length: int) -> float:
    original, width = scaling.original_context or config.n_context, config.rotary_width
    longer = max(length, original)
    stretch = scaling.factor * longer / original - (scaling.factor - 1)
    return float(config.rope_base * stretch ** (width / (width - 2)))


def _llama3(plain: Tensor, scaling: RopeScaling) -> Tensor:
    """Rotations that turn seldom within the original context are slowed, fast ones kept, those between blended."""
    turns = scaling.original_context * plain / _TWO_PI
    blend = (turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor)
    kept = blend.clamp(0, 1)
    return (1 - kept) * plain / scaling.factor + kept * plain


def _yarn(plain: Tensor, base: float, scaling: RopeScaling) -> Tensor:
    width = 2 * plain.numel()

    def index_of(turns: float) -> float:
        """Which frequency turns so many times within the original context."""
        return width * math.log(scaling.original_context / (turns * _TWO_PI)) / (2 * math.log(base))

    low, high = index_of(scaling.beta_fast), index_of(scaling.beta_slow)
    if scaling.is_truncated:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, width - 1)
    ramp = (torch.arange(width // 2).float() - low) / max(high - low, 0.001)
    slowed = ramp.clamp(0, 1)
    return slowed * plain / scaling.factor + (1 - slowed) * plain


def _yarn_amount(factor: float) -> float:
    return 0.1 * math.log(factor) + 1.0 if factor > 1 else 1.0


def _longrope(plain: Tensor, scaling: RopeScaling, length: int) -> tuple[Tensor, float]:
    factors = scaling.long_factors if length > scaling.original_context else scaling.short_factors
    return plain / torch.tensor(factors), scaling.attention_factor or _longrope_amount(scaling)


def _longrope_amount(scaling: RopeScaling) -> float:
    if scaling.factor <= 1:
        return 1.0
    return math.sqrt(1 + math.log(scaling.factor) / math.log(scaling.original_context))
