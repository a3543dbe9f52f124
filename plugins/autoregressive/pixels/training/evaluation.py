"""Measures models of pictures for their cards: what judges read, the usual surprise, a peer of equal size."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import Training, TrainSettings, trained_for
from studio.nn.without_weights import without_weights

from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import MaskedPixelCNN, PixelNetwork, n_seen_weights
from ..model.sampling import PixelRequest, sampler_of
from .data import LabelledPictures, PixelBatches
from .objective import NextPixel, bits_per_dimension

N_AT_ONCE: Final = 4
USUAL_SHARE: Final = 0.9


def sampled(network: PixelNetwork, labels: list[int], seed: int, guidance: float = 0.0) -> Measuring[Tensor]:
    """Pictures (N, H, W) of kinds, each from a seed of its own, at temperature 1; yields after each row."""
    parts = []
    for first in range(0, len(labels), N_AT_ONCE):
        some = labels[first : first + N_AT_ONCE]
        seeds = range(seed + first, seed + first + len(some))
        sampler = sampler_of(network, PixelRequest(some, seeds, guidance=guidance))
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


def equal_config(network: PixelNetwork) -> PixelNetworkConfig:
    """The plain network's sizes, with as many layers and the width at which it has the most numbers, not more."""
    most, config = n_seen_weights(network), network.config
    width = config.width
    while n_seen_weights(_empty(replace(config, width=width + 2))) <= most:
        width += 2
    return replace(config, width=width)


def _empty(config: PixelNetworkConfig) -> MaskedPixelCNN:
    with without_weights():
        return MaskedPixelCNN(config)


def peer_bits(
    network: PixelNetwork,
    batches: PixelBatches,
    held_out: LabelledPictures,
    settings: TrainSettings,
    dropout: float,
    seconds: float,
    checkpoint: Path,
) -> Measuring[float]:
    """Train the peer of a network for so long, with its settings, and return its bits per dimension."""
    config, device = equal_config(network), batches.device

    def begin(settings: TrainSettings) -> Training:
        torch.manual_seed(batches.seed)
        return Training(MaskedPixelCNN(config, dropout), NextPixel(batches), settings, device)

    training = yield from trained_for(seconds, begin, settings, checkpoint)
    bits = yield from bits_per_dimension(training.average, held_out, device)
    return bits
