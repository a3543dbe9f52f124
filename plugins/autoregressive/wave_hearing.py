"""What goes into the first layer of a WaveNet: the newest samples, those a period back, and waves of the wanted pitch.

The period follows the pitch (pitch-dependent dilation: Wu et al. 2019, Quasi-Periodic WaveNet, arXiv 1907.00797), so
that a tone is heard one turn ago however low it is. Shape letters: B sounds, T samples, W waves, K samples looked at.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .wave_config import MAX_PERIOD, MIN_PERIOD, N_ECHOES, WaveConfig
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


def heard(companded: Tensor, beside: Tensor, config: WaveConfig) -> Tensor:
    """(B, T, K, 2) the samples that are looked at on the scale of the law and as they are; `companded` (B, T).

    `beside` (B, T, W) are the waves, with the period as (B, T, W + 1) behind them where it is heard.
    """
    both = torch.stack([companded, expanded(companded)], -1)  # (B, T, 2)
    taps = [delayed(both, delay) for delay in range(1, config.n_taps + 1)]
    if config.hears_period:
        taps += echoes(both, beside[..., -1])
    return torch.stack(taps, 2)


def echoes(both: Tensor, periods: Tensor) -> list[Tensor]:
    """Samples (B, T, D) a period back, one newer first and one older last, between samples as a line.

    Zeros where `periods` (B, T) has none.
    """
    n_samples = both.shape[1]
    is_there = periods > 0
    back = periods.clamp(MIN_PERIOD, MAX_PERIOD)
    whole = back.floor()
    share = (back - whole)[..., None]  # (B, T, 1)
    here = torch.arange(n_samples, device=both.device)
    places = [here - (whole.long() + shift) for shift in range(-1, N_ECHOES)]  # (B, T) each, the newest first
    found = [_at(both, place, is_there) for place in places]
    return [found[n] * (1 - share) + found[n + 1] * share for n in range(N_ECHOES)]


def _at(both: Tensor, places: Tensor, is_there: Tensor) -> Tensor:
    """(B, T, D) the samples at places (B, T); silence before the first one and where nothing is."""
    index = places.clamp_min(0)[..., None].expand(-1, -1, both.shape[-1])
    return both.gather(1, index) * ((places >= 0) & is_there)[..., None]
