"""What an XLNet says of the next blank, of all open ones, and of whole orders.

Shape letters: T tokens, K blanks, V vocabulary.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from itertools import islice, permutations

import numpy as np
import numpy.typing as npt
import torch

from studio.api.engine import limited_threads
from studio.core.seed import generator

from .order_comparison import MAX_ALL, N_RANDOM, OrderBits
from .order_passage import Passage
from .xlnet_order import AnyOrder, bits_of, ranks_of

Floats = npt.NDArray[np.float32]


@torch.inference_mode()
def said_next(network: AnyOrder, passage: Passage, told: Sequence[int]) -> Floats:
    """Log-probabilities (V,) of the blank whose turn it is after `told`: of the given and the told tokens alone.

    Every told token keeps its rank, so that this is the very conditional of `xlnet_order.log_probabilities`.
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
