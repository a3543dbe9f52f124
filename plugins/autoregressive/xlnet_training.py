"""How an XLNet learns: parts of a passage are left out, and come back one after the other in an order of chance.

Shape letters: B passages, T tokens, K tokens that are told.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.seed import generator

from .xl_training import Passages
from .xlnet_model import XLNet
from .xlnet_order import GIVEN

LONGEST_GAP: Final = 12
"""Tokens of one gap at most, some nine words."""


@dataclass(frozen=True)
class Gaps:
    """Passages with gaps: tokens (B, T), ranks (B, T) and the places that are told, (B, K)."""

    tokens: Tensor
    ranks: Tensor
    places: Tensor


@dataclass(frozen=True)
class NextInOrder:
    """The cross-entropy of what was left out, in nats, each told from what is there when its turn comes.

    Attributes:
        n_told: tokens of a passage that are left out, in gaps of up to 12 tokens.
    """

    passages: Passages
    n_told: int

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, XLNet)
        gaps = self.gaps(step, micro)
        logits = model(gaps.tokens, gaps.ranks, gaps.places)  # (B, K, V)
        wanted = gaps.tokens.gather(1, gaps.places)
        return F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten()), {}

    def gaps(self, step: int, micro: int) -> Gaps:
        """The passages of a micro-batch: of the seed and the numbers alone."""
        tokens = self.passages.draw(step, micro)[:, :-1]
        random = generator(self.passages.seed, "gaps", step, micro)
        rows = [order_of(random, tokens.shape[1], self.n_told) for _ in range(len(tokens))]
        places = torch.from_numpy(np.stack(rows)).to(tokens.device)
        ranks = torch.full_like(tokens, GIVEN)
        ranks.scatter_(1, places, torch.arange(1, self.n_told + 1, device=tokens.device).expand_as(places))
        return Gaps(tokens, ranks, places)


def order_of(random: np.random.Generator, n_tokens: int, n_told: int) -> npt.NDArray[np.int64]:
    """Places (K,) in gaps of chance, one time in two in the order of the text, else in any order."""
    is_out = np.zeros(n_tokens, np.bool_)
    while (n_left := n_told - int(is_out.sum())) > 0:
        first = int(random.integers(n_tokens))
        inside = np.flatnonzero(~is_out[first : first + int(random.integers(1, LONGEST_GAP + 1))])[:n_left]
        is_out[first + inside] = True
    places: npt.NDArray[Any] = np.flatnonzero(is_out)
    return places if random.random() < 0.5 else random.permutation(places)
