"""How a Transformer-XL learns, segment after segment, how many bits it needs, and the same network without memory.

Shape letters: B passages or texts, T tokens, V vocabulary.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.api.training import Training, TrainSettings, trained_for
from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID

from ..model.transformer_xl import TransformerXL, XLConfig, remembered

Ids: TypeAlias = npt.NDArray[np.int32]
Encode: TypeAlias = Callable[[str], Sequence[int]]
BITS: Final = "bits per character"
NOTHING: Final = -100


def stream_of(texts: Sequence[str], encode: Encode) -> Ids:
    """All texts in one row of tokens, each between two ends."""
    parts = [np.array([END_ID, *encode(text)], np.int32) for text in texts]
    return np.concatenate([*parts, np.array([END_ID], np.int32)])


@dataclass(frozen=True, eq=False)
class XLPassages:
    """Draws passages out of a row of tokens by number: the same seed and number give the same ones.

    Attributes:
        n_items: passages at once. n_tokens: of each, several segments.
    """

    stream: Ids
    n_items: int
    n_tokens: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> Tensor:
        """Tokens, int64 (B, T + 1): one more than are read."""
        random = generator(self.seed, "passages", step, micro)
        first = random.integers(0, len(self.stream) - self.n_tokens, self.n_items)
        rows = self.stream[first[:, None] + np.arange(self.n_tokens + 1)]
        return torch.from_numpy(rows).long().to(self.device)


@dataclass(frozen=True)
class XLNextToken:
    """The cross-entropy of the next token over passages, in nats; what a Training calls.

    A passage is read segment after segment, each with up to `n_memory` tokens of those before. Its first segment
    remembers nothing, so that all lengths of memory are learnt, and a step needs nothing of the step before.
    """

    passages: XLPassages
    n_memory: int

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, TransformerXL)
        rows = self.passages.draw(step, micro)
        losses = [
            F.cross_entropy(logits.float().flatten(0, 1), following.flatten())
            for logits, following in segments(model, rows, self.n_memory)
        ]
        return torch.stack(losses).mean(), {}


def segments(model: TransformerXL, rows: Tensor, n_memory: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Logits (B, T, V) of each segment of rows (B, ..), and the tokens (B, T) that do follow."""
    memory: Tensor | None = None
    n_segment = model.config.n_segment
    for first in range(0, rows.shape[1] - 1, n_segment):
        following = rows[:, first + 1 : first + 1 + n_segment]
        logits, read = model(rows[:, first : first + following.shape[1]], memory)
        yield logits, following
        memory = remembered(memory, read, n_memory)


@torch.no_grad()
def bits_per_character(model: nn.Module, texts: Sequence[str], encode: Encode, n_memory: int) -> Measuring[float]:
    """Bits for each character of whole texts, their ends included, with so much memory; yields between segments."""
    assert isinstance(model, TransformerXL)
    nats, place = 0.0, 0
    rows = _padded([stream_of([text], encode) for text in texts]).to(model.u.device)
    for logits, _ in segments(model, rows.clamp_min(END_ID), n_memory):
        following = rows[:, place + 1 : place + 1 + logits.shape[1]]
        losses = F.cross_entropy(logits.float().transpose(1, 2), following, ignore_index=NOTHING, reduction="none")
        nats += float(losses.double().sum())
        place += logits.shape[1]
        yield
    return nats / math.log(2) / sum(map(len, texts))


def _padded(streams: Sequence[Ids]) -> Tensor:
    """Rows of tokens, int64 (B, T); what follows a shorter one is no token."""
    rows = torch.full((len(streams), max(map(len, streams))), NOTHING)
    for row, stream in zip(rows, streams, strict=True):
        row[: len(stream)] = torch.from_numpy(stream).long()
    return rows


def peer_bits(
    config: XLConfig,
    objective: XLNextToken,
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
