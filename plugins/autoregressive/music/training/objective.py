"""How a network of four voices learns: each cell that is not given is to be told from what comes before it.

Shape letters: B pieces, T sixteenths, V = 4 voices, K tokens.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.recipe import Measuring

from ..grid import HOLD_TOKEN, N_VOICES, Flags, VoiceGrid
from ..model.encoding import ChoraleExamples, examples, nothing_before
from .data import ChoraleBatches

BITS: Final = "bits per beat"


@dataclass(frozen=True)
class NextCell:
    """The surprise of a cell in bits, averaged over those that are asked; what a Training calls."""

    batches: ChoraleBatches

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        asked = self.batches.draw(step, micro)
        cells = surprise(model, asked)
        return (cells * asked.is_asked).sum() / asked.is_asked.sum().clamp(min=1), {}


def surprise(model: nn.Module, asked: ChoraleExamples) -> Tensor:
    """Surprise in bits of each cell, (B, T, V)."""
    logits = model(asked.known, asked.before, asked.now).float()
    nats = F.cross_entropy(logits.flatten(0, 2), asked.tokens.flatten(), reduction="none")
    return nats.view(asked.tokens.shape) / math.log(2)


def whole_piece(grid: VoiceGrid, is_given: Flags) -> ChoraleExamples:
    """One whole piece as the network is asked about it."""
    return examples([grid], [is_given], [0], [nothing_before()])


def given_voices(grid: VoiceGrid, voices: Sequence[int]) -> Flags:
    """(T, V): some voices given from beginning to end."""
    is_given = np.zeros((len(grid), N_VOICES), np.bool_)
    is_given[:, list(voices)] = True
    return is_given


@torch.no_grad()
def bits_per_beat(
    model: nn.Module, grids: Sequence[VoiceGrid], voices: Sequence[int], device: torch.device
) -> Measuring[float]:
    """The mean surprise of a beat in what is not given, over whole pieces; yields after each."""
    bits = 0.0
    for grid in grids:
        asked = whole_piece(grid, given_voices(grid, voices)).to(device)
        bits += float((surprise(model, asked) * asked.is_asked).double().sum())
        yield
    return bits * 4 / sum(len(grid) for grid in grids)


@torch.no_grad()
def note_accuracy(
    model: nn.Module, grids: Sequence[VoiceGrid], voices: Sequence[int], device: torch.device
) -> Measuring[float]:
    """The share of cells at which a note begins, of voices not given, whose pitch is the likeliest sound to begin."""
    n_right = n_all = 0
    for grid in grids:
        asked = whole_piece(grid, given_voices(grid, voices)).to(device)
        logits = model(asked.known, asked.before, asked.now)[..., :HOLD_TOKEN]
        counts = asked.is_asked & (asked.tokens != HOLD_TOKEN) & (asked.tokens > 0)
        n_right += int(((logits.argmax(-1) == asked.tokens) & counts).sum())
        n_all += int(counts.sum())
        yield
    return n_right / max(n_all, 1)
