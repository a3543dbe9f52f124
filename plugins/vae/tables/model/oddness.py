"""Where networks place each row of a table, how badly they explain it, and which cells they do not explain.

Shape letters: M networks, N rows, C columns, D numbers of a row, Z latent numbers, S draws.
"""

from collections.abc import Generator
from typing import Final

import torch
from torch import Tensor

from studio.api.engine import limited_threads

from .imputation import AT_ONCE
from .layout import Flags, Floats
from .network import N_NETWORKS, TableVae

N_DRAWS: Final = 8
ROWS_AT_ONCE: Final = AT_ONCE // (N_DRAWS * N_NETWORKS)
_SEED: Final = 1
"""Of the draws, which are the same for every row of every table: equal rows have equal scores."""
Nats = tuple[Floats, Floats]


def explaining(network: TableVae, cells: Floats, known: Flags) -> Generator[Nats, None, None]:
    """Yield, some rows at a time, the nats of cells (N, C), 0 where nothing is known, and of places (N,).

    The first are negative log likelihoods, the second how far the place is from all others (KL divergence); all of a
    row together are its negative ELBO, averaged over draws and networks. `cells` is (N, D), `known` (N, C).
    """
    chance = torch.Generator().manual_seed(_SEED)
    noise = torch.randn(N_DRAWS, N_NETWORKS, 1, network.n_latent, generator=chance)
    for first in range(0, len(cells), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        with limited_threads(1):
            found = _explained(network, torch.from_numpy(cells[rows]), torch.from_numpy(known[rows]), noise)
        yield found


def placing(network: TableVae, cells: Floats, known: Flags) -> Generator[Floats, None, None]:
    """Yield, some rows at a time, the means of their places in all networks side by side, (N, M Z)."""
    for first in range(0, len(cells), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        with limited_threads(1):
            found = _placed(network, torch.from_numpy(cells[rows]), torch.from_numpy(known[rows]))
        yield found


@torch.no_grad()
def _placed(network: TableVae, cells: Tensor, known: Tensor) -> Floats:
    mean, _ = network.encode(cells.expand(N_NETWORKS, -1, -1), known.float().expand(N_NETWORKS, -1, -1))
    return mean.transpose(0, 1).flatten(1).numpy()


def n_parts(n_rows: int) -> int:
    """In how many parts so many rows come."""
    return -(-n_rows // ROWS_AT_ONCE)


@torch.no_grad()
def _explained(network: TableVae, cells: Tensor, known: Tensor, noise: Tensor) -> Nats:
    seen = known.float().expand(N_NETWORKS, -1, -1)
    many = cells.expand(N_NETWORKS, -1, -1)
    mean, log_width = network.encode(many, seen)
    divergence = (0.5 * (mean * mean + (2 * log_width).exp() - 1) - log_width).sum(-1)  # (M, N)
    nats = torch.zeros(known.shape)
    for draw in noise:
        said, log_spread = network.decode(mean + log_width.exp() * draw)
        nats = nats - network.cell_log_likelihoods(said, log_spread, many, seen).mean(0) / len(noise)
    return nats.numpy(), divergence.mean(0).numpy()
