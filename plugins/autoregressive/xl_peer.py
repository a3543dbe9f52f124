"""The peer that the Transformer-XL is held against: the same network without memory, for as many minutes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from studio.api.training import Training, TrainSettings, trained_for

from .xl_config import XLConfig
from .xl_model import TransformerXL
from .xl_training import Encode, Measuring, NextToken, bits_per_character


def peer_bits(
    config: XLConfig,
    objective: NextToken,
    settings: TrainSettings,
    dropout: float,
    seconds: float,
    checkpoint: Path,
    held_out: tuple[Sequence[str], Encode],
) -> Measuring[float]:
    """Train the peer on the same passages for so long, and return the bits that it needs for held-out texts."""
    device, seed = objective.passages.device, objective.passages.seed

    def begin(settings: TrainSettings) -> Training:
        torch.manual_seed(seed)
        return Training(TransformerXL(config, dropout), replace(objective, n_memory=0), settings, device)

    training = yield from trained_for(seconds, begin, settings, checkpoint)
    texts, encode = held_out
    bits = yield from bits_per_character(training.average, texts, encode, 0)
    return bits
