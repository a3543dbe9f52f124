"""The peer that models of pictures are held against: a plain masked PixelCNN of equal size, for as many minutes."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from studio.api.training import Training, TrainSettings, follow_training
from studio.core.frame import Frame

from .pixel_config import PixelConfig
from .pixel_data import LabelledPictures, PictureBatches
from .pixel_model import MaskedPixelCNN, n_seen_weights
from .pixel_network import PixelNetwork
from .pixel_training import Measuring, NextPixel, bits_per_dimension

N_TIMED: Final = 5


def equal_config(network: PixelNetwork) -> PixelConfig:
    """The plain network's sizes, with as many layers and the width at which it has the most numbers, not more."""
    most, config = n_seen_weights(network), network.config
    width = config.width
    while n_seen_weights(_empty(replace(config, width=width + 2))) <= most:
        width += 2
    return replace(config, width=width)


def _empty(config: PixelConfig) -> MaskedPixelCNN:
    with torch.device("meta"):
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
    """Train the peer of a network for so long, with its settings, and return its bits per dimension.

    The first steps are timed, so that its rate falls within the time that it has. Where it was stopped, `checkpoint`
    lets it go on.
    """
    config, device = equal_config(network), batches.device
    torch.manual_seed(batches.seed)
    timed = Training(MaskedPixelCNN(config, dropout), NextPixel(batches), settings, device)
    step_s = yield from _step_seconds(timed)
    shortened = settings.shortened(max(1, math.floor(seconds / step_s)))
    torch.manual_seed(batches.seed)
    training = Training(MaskedPixelCNN(config, dropout), NextPixel(batches), shortened, device)
    yield from _within(seconds, training, follow_training(training, checkpoint, checkpoint.is_file()))
    bits = yield from bits_per_dimension(training.average, held_out, device)
    return bits


def _step_seconds(training: Training) -> Measuring[float]:
    start, run = time.perf_counter(), training.run()
    while training.step < N_TIMED and next(run, None) is not None:
        yield
    return (time.perf_counter() - start) / training.step


def _within(seconds: float, training: Training, frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames of a training until its time is up."""
    for frame in frames:
        yield frame
        if training.seconds >= seconds:
            return
