"""Pairs of verses as batches of about equally many tokens; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID

Ids: TypeAlias = npt.NDArray[np.int64]
PADDING: Final = -100
"""What a target says where it is over; counts in no loss."""
_ROUNDED: Final = 4


@dataclass(frozen=True, eq=False)
class PairBatches:
    """Draws batches of pairs by number; in a round through all of them each comes once.

    Attributes:
        pairs: tokens of source and target, each with an end behind it.
        n_tokens: of one side of a batch, padding included.
    """

    pairs: Sequence[tuple[Ids, Ids]]
    n_tokens: int
    seed: int
    device: torch.device
    _lengths: Ids = field(init=False)
    _sizes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        lengths = np.array([max(map(len, pair)) for pair in self.pairs])
        object.__setattr__(self, "_lengths", -(-lengths // _ROUNDED) * _ROUNDED)
        object.__setattr__(self, "_sizes", batch_sizes(np.sort(self._lengths).tolist(), self.n_tokens))

    @property
    def n_batches(self) -> int:
        """Of a round through all pairs."""
        return len(self._sizes)

    def draw(self, number: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """A batch: sources (B, S) with their lengths (B,), targets begun by an end (B, T), and what follows each."""
        turn, place = divmod(number, self.n_batches)
        random = generator(self.seed, "verses", turn)
        order = np.lexsort([random.random(len(self.pairs)), self._lengths])
        chosen = int(random.permutation(self.n_batches)[place])
        first = sum(self._sizes[:chosen])
        return batch_of([self.pairs[one] for one in order[first : first + self._sizes[chosen]]], self.device)


def batch_sizes(lengths: Sequence[int], n_tokens: int) -> list[int]:
    """How many of the pairs with these rising lengths go into each batch, so that it has at most so many tokens."""
    sizes, n = [], 0
    for length in lengths:
        if n and (n + 1) * length > n_tokens:
            sizes.append(n)
            n = 0
        n += 1
    return [*sizes, n]


def batch_of(pairs: Sequence[tuple[Ids, Ids]], device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pairs as `draw` gives them."""
    sources, targets = [source for source, _ in pairs], [target for _, target in pairs]
    following = _padded(targets, PADDING)
    begun = np.concatenate([np.full((len(pairs), 1), END_ID), following[:, :-1]], 1)
    begun[begun == PADDING] = END_ID
    arrays = (_padded(sources, END_ID), np.array([len(one) for one in sources]), begun, following)
    source, lengths, target, after = (torch.from_numpy(array).to(device) for array in arrays)
    return source, lengths, target, after


def _padded(rows: Sequence[Ids], value: int) -> Ids:
    result = np.full((len(rows), max(map(len, rows))), value, np.int64)
    for place, row in enumerate(rows):
        result[place, : len(row)] = row
    return result
