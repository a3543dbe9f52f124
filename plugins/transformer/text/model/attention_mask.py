"""Which tokens may look at which: in a plain text, and where many ways on from one text are read side by side.

Shape letters: T new tokens, S all tokens, those in the cache included.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class TreeAttention:
    """New tokens that do not follow each other but each go on from some of those in the cache: a tree in one pass.

    Attributes:
        positions: of all tokens, int64 (S,): how many come before each on its own way.
        visible: which of them each new one may look at, bool (T, S); it sees itself.
    """

    positions: Tensor
    visible: Tensor

    @property
    def new_positions(self) -> Tensor:
        """Of the new tokens, (T,)."""
        return self.positions[-len(self.visible) :]

    def to(self, device: torch.device) -> "TreeAttention":
        """The same in the memory of a device."""
        return TreeAttention(self.positions.to(device), self.visible.to(device))

    def mask(self, window: int, words: Collection[int]) -> Tensor:
        """What is added to the scores, (T, S); words are numbers of tokens in the cache."""
        hidden = ~self.visible
        if window:
            hidden |= self.positions[None] <= self.new_positions[:, None] - window
        return _added(_without_words(hidden, words, len(self.positions) - len(self.visible)))


def causal_mask(n_old: int, n_new: int, window: int, words: Collection[int], device: torch.device) -> Tensor:
    """What is added to the scores, (T, S), where a token sees those before it: at most `window`, 0 for all."""
    query = torch.arange(n_old, n_old + n_new, device=device)[:, None]
    key = torch.arange(n_old + n_new, device=device)[None]
    hidden = key > query
    if window:
        hidden |= key <= query - window
    return _added(_without_words(hidden, words, n_old))


def alibi(n_heads: int, queries: Tensor, keys: Tensor) -> Tensor:
    """What is added to the scores, (N, T, S), for positions (T,) and (S,): less the farther back (arXiv 2108.12409)."""
    return alibi_slopes(n_heads).to(keys.device)[:, None, None] * (keys[None] - queries[:, None])


def alibi_slopes(n_heads: int) -> Tensor:
    """By how much a head lowers a score for each token between, (N,); those of twice as many fill up odd numbers."""
    power = 1 << (n_heads.bit_length() - 1)
    slopes = [2 ** (-8 * place / power) for place in range(1, power + 1)]
    slopes += [2 ** (-4 * place / power) for place in range(1, 2 * power, 2)]
    return torch.tensor(slopes[:n_heads])


def _without_words(hidden: Tensor, words: Collection[int], n_old: int) -> Tensor:
    """Nobody looks at these words but they themselves."""
    n_new, n_all = hidden.shape
    places = [word for word in words if word < n_all]
    if places:
        itself = torch.eye(n_new, dtype=torch.bool, device=hidden.device)
        hidden[:, places] = True
        hidden[:, n_old:] &= ~itself
    return hidden


def _added(hidden: Tensor) -> Tensor:
    """Nothing, or minus infinity where a token must not look."""
    return torch.zeros(hidden.shape, device=hidden.device).masked_fill(hidden, -math.inf)
