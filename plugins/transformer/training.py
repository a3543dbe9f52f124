"""How a decoder learns: each token of a passage is to be told from those before it.

Shape letters: B passages, T tokens, V vocabulary.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.seed import generator

from .model import Decoder

Ids: TypeAlias = npt.NDArray[np.int32]
Encode: TypeAlias = Callable[[str], Sequence[int]]
Measuring: TypeAlias = Generator[None, None, Any]
BITS: Final = "bits per character"
_N_AT_ONCE: Final = 8


def stream_of(texts: Sequence[str], encode: Encode, end_id: int) -> Ids:
    """All texts in one row of tokens, each between two ends."""
    parts = [np.array([end_id, *encode(text)], np.int32) for text in texts]
    return np.concatenate([*parts, np.array([end_id], np.int32)])


@dataclass(frozen=True, eq=False)
class Passages:
    """Draws passages out of a row of tokens by number: the same seed and number give the same ones.

    Attributes:
        n_items: passages at once. n_tokens: of each.
    """

    stream: Ids
    n_items: int
    n_tokens: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Tokens and the ones behind them, int64 (B, T) each."""
        random = generator(self.seed, "passages", step, micro)
        first = random.integers(0, len(self.stream) - self.n_tokens, self.n_items)
        rows = torch.from_numpy(self.stream[first[:, None] + np.arange(self.n_tokens + 1)]).long().to(self.device)
        return rows[:, :-1], rows[:, 1:]


@dataclass(frozen=True)
class NextToken:
    """The cross-entropy of the next token, in nats; what a Training calls."""

    passages: Passages

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        tokens, following = self.passages.draw(step, micro)
        logits = model(tokens).float()
        return F.cross_entropy(logits.flatten(0, 1), following.flatten()), {}


@torch.no_grad()
def bits_per_character(
    model: nn.Module, texts: Sequence[str], encode: Encode, end_id: int, stride: int
) -> Measuring:
    """Bits that a decoder needs for each character of whole texts, their ends included; yields between passes.

    Windows of its context advance by `stride`, and in each only the tokens count that the one before did not reach.
    """
    assert isinstance(model, Decoder)
    nats, n_context = 0.0, model.config.n_context
    for text in texts:
        ids = torch.from_numpy(stream_of([text], encode, end_id)).long()
        for rows, first_new in _windows(ids, n_context, stride):
            device = model.tokens.weight.device
            logits = model(rows[:, :-1].to(device)).float()
            losses = F.cross_entropy(logits.transpose(1, 2), rows[:, 1:].to(device), reduction="none")
            nats += float(losses[:, first_new:].double().sum())
            yield
    return nats / math.log(2) / sum(map(len, texts))


def _windows(ids: Tensor, n_context: int, stride: int) -> Generator[tuple[Tensor, int], None, None]:
    """Windows (B, up to n_context + 1), and from which of their predictions on they are new."""
    firsts = range(stride, len(ids) - 1 - n_context + 1, stride)
    yield ids[None, : n_context + 1], 0
    for place in range(0, len(firsts), _N_AT_ONCE):
        chosen = torch.tensor(firsts[place : place + _N_AT_ONCE])
        yield ids[chosen[:, None] + torch.arange(n_context + 1)], n_context - stride
    reached = (firsts[-1] if firsts else 0) + n_context
    if reached < len(ids) - 1:
        first = max(0, len(ids) - 1 - n_context)
        yield ids[None, first:], reached - first
