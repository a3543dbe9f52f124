"""Measures models of pictures for their cards: what judges read in samples, and the usual surprise of pictures."""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from torch import Tensor

from .pixel_network import PixelNetwork
from .pixel_sampling import Wish, sampler_of
from .pixel_training import Measuring

N_AT_ONCE: Final = 4
USUAL_SHARE: Final = 0.9


def sampled(network: PixelNetwork, labels: list[int], seed: int, guidance: float = 0.0) -> Measuring[Tensor]:
    """Pictures (N, H, W) of kinds, each from a seed of its own, at temperature 1; yields after each row."""
    parts = []
    for first in range(0, len(labels), N_AT_ONCE):
        some = labels[first : first + N_AT_ONCE]
        seeds = range(seed + first, seed + first + len(some))
        sampler = sampler_of(network, Wish(some, seeds, guidance=guidance))
        for _ in range(network.config.size_px):
            sampler.advance(network.config.size_px)
            yield
        parts.append(sampler.finish())
    return torch.from_numpy(np.concatenate(parts))


def agreement(
    network: PixelNetwork,
    read: Callable[[Tensor], Tensor],
    groups: Tensor,
    n_samples: int,
    seed: int,
    guidance: float = 0.0,
) -> Measuring[float]:
    """The share of samples in which a judge sees what was asked for.

    Args:
        read: the kind (N,) that a judge sees in levels (N, H, W).
        groups: (n_classes,) the group of each kind; those that look alike share one.
    """
    labels = [number % network.config.n_classes for number in range(n_samples)]
    pictures = yield from sampled(network, labels, seed, guidance)
    return float((groups[read(pictures)] == groups[torch.tensor(labels)]).float().mean())


def usual_range(bits: list[float]) -> dict[str, float]:
    """Between which nine of ten pictures lie."""
    low, high = np.quantile(bits, [(1 - USUAL_SHARE) / 2, (1 + USUAL_SHARE) / 2])
    return {"low": float(low), "high": float(high)}
