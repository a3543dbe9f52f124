"""The peer that the Transformer-XL is held against: the same network without memory, for as many minutes."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from studio.api.training import Training, TrainSettings, follow_training
from studio.core.frame import Frame

from .xl_config import XLConfig
from .xl_model import TransformerXL
from .xl_training import Encode, Measuring, NextToken, bits_per_character

N_TIMED: Final = 5


def peer_bits(
    config: XLConfig,
    objective: NextToken,
    settings: TrainSettings,
    dropout: float,
    seconds: float,
    checkpoint: Path,
    held_out: tuple[Sequence[str], Encode],
) -> Measuring[float]:
    """Train the peer on the same passages for so long, and return the bits that it needs for held-out texts.

    The first steps are timed, so that its rate falls within the time that it has. Where it was stopped, `checkpoint`
    lets it go on.
    """
    device, seed = objective.passages.device, objective.passages.seed
    alone = replace(objective, n_memory=0)
    step_s = yield from _step_seconds(Training(TransformerXL(config, dropout), alone, settings, device))
    shortened = settings.shortened(max(1, math.floor(seconds / step_s)))
    torch.manual_seed(seed)
    training = Training(TransformerXL(config, dropout), alone, shortened, device)
    yield from _within(seconds, training, follow_training(training, checkpoint, checkpoint.is_file()))
    texts, encode = held_out
    bits = yield from bits_per_character(training.average, texts, encode, 0)
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
