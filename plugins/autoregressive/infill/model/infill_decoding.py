"""What an XLNet says of the next blank, of all open ones, and of whole orders.

Shape letters: T tokens, K tokens that are told, V vocabulary.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from itertools import islice, permutations
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.engine import limited_threads
from studio.core.seed import generator

from ..passage import Passage
from ..state import MAX_ALL, N_RANDOM, OrderBits
from .config import XLNetConfig

GIVEN = 0
"""The rank of what is given."""
Floats = npt.NDArray[np.float32]


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


@torch.inference_mode()
def next_log_probabilities(network: AnyOrder, passage: Passage, told: Sequence[int]) -> Floats:
    """Log-probabilities (V,) of the blank whose turn it is after `told`: of the given and the told tokens alone.

    Every told token keeps its rank, so that this is the very conditional of `log_probabilities`.
    """
    order = passage.order
    ids = _known(passage.ids, order, told)
    asked = torch.tensor([[order[len(told)]]])
    with limited_threads(1):  # two wait for each other longer than a passage takes
        logits = network(torch.tensor([ids]), ranks_of(len(ids), order)[None], asked)
    said: Floats = logits[0, 0].float().log_softmax(-1).numpy()
    return said


def _known(ids: Sequence[int], order: Sequence[int], told: Sequence[int]) -> list[int]:
    """The tokens with what was told in its place, and anything, always the same, in what is open."""
    known = list(ids)
    for turn, place in enumerate(order):
        known[place] = told[turn] if turn < len(told) else 0
    return known


@torch.inference_mode()
def surest_order(
    network: AnyOrder, ids: Sequence[int], places: Sequence[int]
) -> Generator[None, None, tuple[int, ...]]:
    """The order in which each blank is filled when the network is surest of it of all open ones; yields often.

    Sure is what has the least entropy; it is filled with what is likeliest, and so the order is one for a text.
    """
    left, order, told = sorted(places), list[int](), list[int]()
    while left:
        ranks = ranks_of(len(ids), order)
        ranks[left] = len(order) + 1  # any of them could come next
        known = torch.tensor([_known(ids, [*order, *left], told)])
        with limited_threads(1):
            said = network(known, ranks[None], torch.tensor([left]))[0].float().log_softmax(-1)  # (K, V)
        best = int((-(said.exp() * said).sum(-1)).argmin())
        order.append(left.pop(best))
        told.append(int(said[best].argmax()))
        yield
    return tuple(order)


def order_bits(network: AnyOrder, ids: Sequence[int], order: Sequence[int]) -> Generator[None, None, OrderBits]:
    """Bits of the words in some blanks from the left, from the right, in an order, and in any; yields often."""
    places = sorted(order)
    found = {}
    for way, one in (("right", places), ("left", places[::-1]), ("present", order)):
        found[way] = total_bits(network, ids, one)
        yield
    each = []
    for other in some_orders(places):
        each.append(-math.log(2) * total_bits(network, ids, other))
        yield
    mean = np.logaddexp.reduce(each) - math.log(len(each))
    return OrderBits({**found, "mean": -float(mean) / math.log(2)}, len(each), len(places) <= MAX_ALL)


def total_bits(network: AnyOrder, ids: Sequence[int], order: Sequence[int]) -> float:
    """Bits of all words of an order together."""
    with limited_threads(1):
        return math.fsum(bits_of(network, ids, order))


def some_orders(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All orders of a few places, else some of chance, always the same ones."""
    if len(places) <= MAX_ALL:
        return permutations(places)
    draws = (generator(0, "orders", at).permutation(len(places)) for at in range(N_RANDOM))
    return islice((tuple(places[at] for at in draw) for draw in draws), N_RANDOM)
