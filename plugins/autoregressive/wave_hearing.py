"""What goes into the first layer of a WaveNet: the newest samples, in two forms each.

Shape letters: B sounds, T samples, K samples looked at.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .wave_law import MU


def expanded(companded: Tensor) -> Tensor:
    """Samples as they are, of samples on the scale of the law; shapes alike."""
    return companded.sign() * torch.expm1(companded.abs() * math.log1p(MU)) / MU


def companded_tensor(samples: Tensor) -> Tensor:
    """What `expanded` was given; shapes alike."""
    return samples.sign() * torch.log1p(samples.abs() * MU) / math.log1p(MU)


def delayed(x: Tensor, n: int) -> Tensor:
    """(B, T, D) by `n` samples later, silence before."""
    return F.pad(x, (0, 0, n, 0))[:, : x.shape[1]]


def heard(companded: Tensor, n_taps: int) -> Tensor:
    """(B, T, K, 2) the `n_taps` samples before each, the newest first, on the scale of the law and as they are.

    `companded` (B, T) are on that scale.
    """
    both = torch.stack([companded, expanded(companded)], -1)  # (B, T, 2)
    return torch.stack([delayed(both, delay) for delay in range(1, n_taps + 1)], 2)
