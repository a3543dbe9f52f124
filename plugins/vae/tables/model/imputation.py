"""What networks say of the cells that they are not told: self-normalised importance sampling (MIWAE).

Shape letters: M networks, N rows, C columns, D numbers of a row, S samples a network, R drawn rows.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import limited_threads

from .layout import Flags, Floats
from .network import N_NETWORKS, TableVae

N_DRAWN: Final = 200
"""Rows drawn from all networks' samples by their weights, from which ranges are read."""
AT_ONCE: Final = 20_000
"""Samples of rows that are decoded between two pauses."""


@dataclass(frozen=True, eq=False)
class Filled:
    """What stands in each cell, by all networks together.

    Attributes:
        means: (N, D) expected numbers, and chances of words.
        drawn: (R, N, K) numbers drawn for each of the K columns of numbers, sorted along R.
    """

    means: Floats
    drawn: Floats

    def quantile(self, share: float) -> Floats:
        """(N, K) below which so large a share of what was drawn lies."""
        place = share * (len(self.drawn) - 1)
        low = int(place)
        high = min(low + 1, len(self.drawn) - 1)
        return self.drawn[low] + np.float32(place - low) * (self.drawn[high] - self.drawn[low])


def filling(network: TableVae, cells: Floats, known: Flags, n_samples: int, seed: int) -> Generator[None, None, Filled]:
    """Fill rows (N, D) of which cells (N, C) are known, by `n_samples` of each network; yields between parts."""
    n_at_once = max(1, AT_ONCE // (n_samples * N_NETWORKS))
    means, drawn = [np.zeros((0, network.layout.width), np.float32)], []
    chance = torch.Generator().manual_seed(seed)
    for first in range(0, len(cells), n_at_once):
        rows = slice(first, first + n_at_once)
        with limited_threads(1):
            part = _filled(network, torch.from_numpy(cells[rows]), torch.from_numpy(known[rows]), n_samples, chance)
        means.append(part.means)
        drawn.append(part.drawn)
        yield
    if not drawn:
        drawn.append(np.zeros((N_DRAWN, 0, len(network.layout.numbers)), np.float32))
    return Filled(np.concatenate(means), np.concatenate(drawn, 1))


@torch.no_grad()
def _filled(network: TableVae, cells: Tensor, known: Tensor, n_samples: int, chance: torch.Generator) -> Filled:
    n = len(cells)
    seen = known.float().expand(N_NETWORKS, -1, -1)
    many = (cells * (known.float() @ network.owners)).expand(N_NETWORKS, -1, -1)
    noise = torch.randn(n_samples, N_NETWORKS, n, network.n_latent, generator=chance)
    log_weights, said, log_spread = network.weighed(many, seen, seen, noise)
    weights = torch.softmax(log_weights, 0) / N_NETWORKS  # each network counts the same
    expected = said.clone()
    for span in network.layout.spans:
        if not span.is_number:
            expected[..., span.start : span.stop] = torch.softmax(said[..., span.start : span.stop], -1)
    means = (weights[..., None] * expected).sum((0, 1))
    return Filled(means.numpy(), _drawn(network, weights, said, log_spread, chance))


def _drawn(network: TableVae, weights: Tensor, said: Tensor, log_spread: Tensor, chance: torch.Generator) -> Floats:
    """Numbers drawn from samples by their weights, with the spread that the decoder says, sorted; (R, N, K)."""
    numbers = list(network.layout.numbers)
    starts = [network.layout.spans[at].start for at in numbers]
    n = weights.shape[2]
    flat = weights.permute(2, 0, 1).reshape(n, -1)
    chosen = torch.multinomial(flat, N_DRAWN, replacement=True, generator=chance)[..., None]  # (N, R, 1)
    centres = said[..., starts].permute(2, 0, 1, 3).reshape(n, -1, len(numbers))
    spreads = log_spread[..., numbers].permute(2, 0, 1, 3).reshape(n, -1, len(numbers))
    where = chosen.expand(-1, -1, len(numbers))
    noise = torch.randn(n, N_DRAWN, len(numbers), generator=chance)
    drawn = torch.gather(centres, 1, where) + torch.gather(spreads, 1, where).exp() * noise
    return np.sort(drawn.transpose(0, 1).numpy(), 0)
