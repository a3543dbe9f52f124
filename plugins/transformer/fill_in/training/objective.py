"""What an encoder learns: to tell what was masked, for any share of masks, and bounds on bits that follow from it.

A text whose tokens are masked in an order of chance is told back in any order: with n of T masks, n of chance, the mean
cross-entropy at the masks times T is on average at least what the whole text costs (masked diffusion: MDLM, Sahoo 2024,
arXiv 2406.07524; LLaDA, Nie 2025, arXiv 2502.09992; for whole numbers of masks, Hoogeboom 2022, arXiv 2110.02037).

Shape letters: B passages, T tokens, M masks of all passages.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.seed import generator

from ..model.encoder import Encoder

LENGTHS: Final = (32, 64, 128)
"""Tokens of a passage: a person's text may be one line."""
FIRST_SHARE: Final = 0.3
N_EASY: Final = 600
"""Steps in which the largest share of masks grows to 1: a network learns first what neighbours say of each other."""


@dataclass(frozen=True, eq=False)
class MaskedPassages:
    """Draws passages of one length and masks by number: the same seed and number give the same ones.

    Attributes:
        stream: all texts in one row of tokens. n_tokens: of all passages together. mask: the token of a mask.
    """

    stream: npt.NDArray[np.int32]
    n_tokens: int
    mask: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Tokens int64 (B, T) and which of them are masked, bool (B, T)."""
        random = generator(self.seed, "masks", step, micro)
        length = int(random.choice(LENGTHS))
        first = random.integers(0, len(self.stream) - length + 1, self.n_tokens // length)
        tokens = self.stream[first[:, None] + np.arange(length)]
        most = min(1.0, FIRST_SHARE + (1 - FIRST_SHARE) * step / N_EASY)
        masked = masks_of(random, len(first), length, most)
        return torch.from_numpy(tokens).long().to(self.device), torch.from_numpy(masked).to(self.device)


def masks_of(random: np.random.Generator, n_passages: int, length: int, most: float = 1.0) -> npt.NDArray[np.bool_]:
    """Which tokens are masked, bool (B, T): every number from 1 to `most` of T is as likely, and all lie apart."""
    shares = most * (np.arange(n_passages) + random.random()) / n_passages
    n_masks = np.floor(shares * length).astype(np.int64) + 1
    ranks = random.random((n_passages, length)).argsort(1).argsort(1)
    return ranks < np.minimum(n_masks, length)[:, None]


def mean_at_masks(network: Encoder, tokens: Tensor, masked: Tensor, mask: int) -> Tensor:
    """The mean cross-entropy in nats at the masks of each passage, (B,); the head reads nothing but masks."""
    x = network.hidden(tokens.masked_fill(masked, mask))[masked]  # (M, D)
    losses = F.cross_entropy(network.logits(x).float(), tokens[masked], reduction="none")
    per_passage = losses.new_zeros(len(tokens)).index_add(0, masked.nonzero()[:, 0], losses)
    return per_passage / masked.sum(1)


@dataclass(frozen=True)
class MaskedObjective:
    """The bound for a token, in nats; what a Training calls."""

    passages: MaskedPassages

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Encoder)
        tokens, masked = self.passages.draw(step, micro)
        return mean_at_masks(model, tokens, masked, self.passages.mask).mean(), {}


@torch.no_grad()
def begin_with_waves(positions: nn.Embedding) -> None:
    """Let the places (T, D) begin as waves (Vaswani 2017, section 3.5), by which neighbours are found sooner."""
    n_places, width = positions.weight.shape
    angles = torch.arange(n_places)[:, None] * 10_000.0 ** (-torch.arange(0, width, 2) / width)
    scale = float(positions.weight.std()) * 2**0.5
    positions.weight[:, 0::2] = scale * angles.sin()
    positions.weight[:, 1::2] = scale * angles.cos()
