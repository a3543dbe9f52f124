"""The distribution of a value out of what a head gives: a softmax, or logistic distributions cut into levels.

Levels stand evenly from -1 to 1; the lowest and the highest one take the tails, so that all together make 1
(Salimans 2017, arXiv 1701.05517). Shape letters: K mixtures, V levels.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from .head_config import Headed

LOWEST_LOG_SCALE: Final = -7.0


def scaled(values: Tensor, n_levels: int) -> Tensor:
    """Levels 0 to n_levels - 1 as numbers from -1 to 1; shapes alike."""
    return values.float() * (2 / (n_levels - 1)) - 1


def log_probabilities(outputs: Tensor, config: Headed) -> Tensor:
    """Natural logarithms of the probability of each level, (..., V), of what a head gives, (..., n_outputs)."""
    if config.head.kind == "softmax":
        return outputs.log_softmax(-1)
    levels = torch.arange(config.n_levels, device=outputs.device).expand(*outputs.shape[:-1], -1)  # (..., V)
    return log_mixture(outputs[..., None, :], levels, config.n_levels)


def nats(outputs: Tensor, values: Tensor, config: Headed) -> Tensor:
    """Surprise -log p of each value, (...), by what a head gives for it, (..., n_outputs)."""
    if config.head.kind == "softmax":
        flat = F.cross_entropy(outputs.flatten(0, -2), values.flatten(), reduction="none")
        return flat.view(values.shape)
    return -log_mixture(outputs, values, config.n_levels)


def log_mixture(outputs: Tensor, values: Tensor, n_levels: int) -> Tensor:
    """Logarithm of what a discretised logistic mixture gives to values (...); outputs (..., 3K) broadcast.

    A level's share is s(a) - s(b) = s(a) s(-b) (1 - exp(b - a)) with the logistic function s at its upper end a and
    its lower end b: a form that stays exact where both are nearly 0 or 1.
    """
    weights, means, log_scales = outputs.chunk(3, -1)  # (..., K) each
    inverse = torch.exp(-log_scales.clamp_min(LOWEST_LOG_SCALE))
    half = 1 / (n_levels - 1)
    centred = (values.to(outputs.dtype)[..., None] * (2 * half) - 1) - means  # (..., K)
    upper = F.logsigmoid((centred + half) * inverse)
    lower = F.logsigmoid(-(centred - half) * inverse)
    inner = upper + lower + torch.log(-torch.expm1(-2 * half * inverse))
    is_lowest, is_highest = (values == 0)[..., None], (values == n_levels - 1)[..., None]
    shares = torch.where(is_lowest, upper, torch.where(is_highest, lower, inner))
    return torch.logsumexp(weights.log_softmax(-1) + shares, -1)
