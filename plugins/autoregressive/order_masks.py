"""Who may look at whom: the masks of both streams for an order (Yang et al. 2019, arXiv 1906.08237). No torch.

Shape letter: T tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Masks:
    """Row i, column j says whether place i may look at the token at place j.

    Attributes:
        content: (T, T) for the content stream, which knows its own token.
        query: (T, T) for the query stream, which tells its own token and may not know it.
    """

    content: Mask
    query: Mask


def masks(n_tokens: int, order: Sequence[int]) -> Masks:
    """Both masks of a text in which the places of `order` come one after the other and all others are given."""
    ranks = np.zeros(n_tokens, np.int64)
    ranks[list(order)] = np.arange(1, len(order) + 1)
    return Masks(ranks[None] <= ranks[:, None], ranks[None] < ranks[:, None])
