"""What goes into the first layer of a WaveNet: the newest samples, or what the told waves leave of them, in two forms.

Shape letters: B sounds, T samples, F stretches, W waves, K samples looked at.
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


def both_forms(samples: Tensor) -> Tensor:
    """(B, T, 2) samples (B, T) on the scale of the law and as they are."""
    return torch.stack([companded_tensor(samples), samples], -1)


def heard(both: Tensor, n_taps: int) -> Tensor:
    """(B, T, K, 2) the `n_taps` samples before each, the newest first, of both forms of all of them (B, T, 2)."""
    return torch.stack([delayed(both, delay) for delay in range(1, n_taps + 1)], 2)


def summed_waves(waves: Tensor, strength: Tensor, hop: int) -> Tensor:
    """(B, T) the sum of waves (B, T, W), each as loud as it is told for stretches, (B, F, W).

    Over a stretch of `hop` samples a strength goes from that of the stretch before to its own, or there were clicks.
    """
    n_samples, n_stretches = waves.shape[1], strength.shape[1]
    before = torch.cat([strength[:, :1], strength[:, :-1]], 1)
    whole = F.pad(waves, (0, 0, 0, n_stretches * hop - n_samples)).unflatten(1, (n_stretches, hop))
    sums = whole @ torch.stack([before, strength], -1)  # (B, F, hop, 2)
    share = torch.arange(1, hop + 1, device=waves.device) / hop
    return torch.lerp(sums[..., 0], sums[..., 1], share).flatten(1)[:, :n_samples]
