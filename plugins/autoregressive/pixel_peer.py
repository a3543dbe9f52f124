"""The peer that models of pictures are held against: a plain masked PixelCNN of equal size, for as many minutes."""

from dataclasses import replace
from pathlib import Path

import torch

from studio.api.training import Training, TrainSettings, trained_for
from studio.nn.without_weights import without_weights

from .pixel_config import PixelConfig
from .pixel_data import LabelledPictures, PictureBatches
from .pixel_model import MaskedPixelCNN, n_seen_weights
from .pixel_network import PixelNetwork
from .pixel_training import Measuring, NextPixel, bits_per_dimension


def equal_config(network: PixelNetwork) -> PixelConfig:
    """The plain network's sizes, with as many layers and the width at which it has the most numbers, not more."""
    most, config = n_seen_weights(network), network.config
    width = config.width
    while n_seen_weights(_empty(replace(config, width=width + 2))) <= most:
        width += 2
    return replace(config, width=width)


def _empty(config: PixelConfig) -> MaskedPixelCNN:
    with without_weights():
        return MaskedPixelCNN(config)


def peer_bits(
    network: PixelNetwork,
    batches: PictureBatches,
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
