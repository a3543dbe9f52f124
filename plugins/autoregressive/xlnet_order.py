"""In which order the tokens of a text come, and how likely some of them are in it.

Shape letters: T tokens, K tokens that are told, V vocabulary.
"""

import math
from collections.abc import Sequence
from itertools import permutations
from typing import Any, Protocol

import torch
from torch import Tensor

from .xlnet_config import XLNetConfig

GIVEN = 0
"""The rank of what is given."""


class AnyOrder(Protocol):
    """A network that tells tokens in any order: `XLNet`, or `PublishedXLNet` of other people."""

    @property
    def config(self) -> XLNetConfig:
        """Its sizes."""

    def __call__(self, tokens: Tensor, ranks: Tensor, places: Tensor) -> Any:
        """Logits (B, K, V) of the tokens at places (B, K) of texts (B, T), from those of lower rank (B, T)."""


def ranks_of(n_tokens: int, order: Sequence[int]) -> Tensor:
    """Ranks (T,) in which the tokens at the places of `order` come one after the other, and all others are given."""
    ranks = torch.full((n_tokens,), GIVEN)
    ranks[list(order)] = torch.arange(1, len(order) + 1)
    return ranks


@torch.inference_mode()
def log_probabilities(network: AnyOrder, tokens: Sequence[int], order: Sequence[int]) -> Tensor:
    """What is said about each token of an order when its turn comes, (K, V), natural logarithms."""
    ids, ranks = torch.tensor([list(tokens)]), ranks_of(len(tokens), order)[None]
    logits = network(ids, ranks, torch.tensor([list(order)]))
    said: Tensor = logits[0].float().log_softmax(-1)
    return said


def bits_of(network: AnyOrder, tokens: Sequence[int], order: Sequence[int]) -> list[float]:
    """The surprise of each token of an order when its turn comes, in bits, by the chain rule."""
    said = log_probabilities(network, tokens, order)
    chosen = said[torch.arange(len(order)), torch.tensor([tokens[place] for place in order])]
    return (-chosen / math.log(2)).tolist()


def mean_order_bits(network: AnyOrder, tokens: Sequence[int], places: Sequence[int]) -> float:
    """Bits of the tokens at some places whatever their order: of the mean probability over all orders; few places."""
    each = [-sum(bits_of(network, tokens, order)) for order in permutations(places)]
    total = torch.tensor(each, dtype=torch.float64) * math.log(2)
    return -float(torch.logsumexp(total, 0) - math.log(len(each))) / math.log(2)
