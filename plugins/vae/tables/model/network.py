"""Small VAEs of tables, several side by side: mixed likelihoods, and an encoder that is told which cells it sees.

The likelihoods are those of HI-VAE (Nazabal et al., 2020): normal for numbers, categorical for words, none for cells
that are not known. What is learnt is the bound of MIWAE (Mattei and Frellsen, 2019), with cells hidden from the encoder
at random, so that it learns to do without any of them.

Shape letters: M networks, N rows, C columns, D numbers of a row, Z latent numbers, S samples.
"""

import math
from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .layout import Layout

N_NETWORKS: Final = 4
WIDTH: Final = 48
_LOG_SPREAD: Final = (-4.0, 2.0)
_LOG_WIDTH: Final = (-6.0, 2.0)
"""Of what the encoder says of a place, the logarithm of its standard deviation."""


class SideBySide(nn.Module):
    """M linear layers, each of its own inputs: (M, N, I) to (M, N, O)."""

    def __init__(self, n: int, n_in: int, n_out: int, gain: float, chance: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n, n_in, n_out, generator=chance) * gain / math.sqrt(max(n_in, 1)))
        self.bias = nn.Parameter(torch.zeros(n, 1, n_out))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class TableVae(nn.Module):
    """M networks for tables of one layout; `seed` says what they begin with."""

    def __init__(self, layout: Layout, n_latent: int, seed: int) -> None:
        super().__init__()
        self.layout, self.n_latent = layout, n_latent
        chance = torch.Generator().manual_seed(seed)
        m, d, c, z, w = N_NETWORKS, layout.width, len(layout.spans), n_latent, WIDTH
        self.read = SideBySide(m, d + c, w, 1.0, chance)
        self.think = SideBySide(m, w, w, 1.0, chance)
        self.place = SideBySide(m, w, 2 * z, 0.3, chance)
        self.direct = SideBySide(m, d + c, 2 * z, 0.0, chance)
        self.draw = SideBySide(m, z, w, 1.0, chance)
        self.curved = SideBySide(m, w, d, 0.3, chance)
        self.straight = SideBySide(m, z, d, 0.5, chance)
        self.spread = SideBySide(m, w, c, 0.1, chance)
        self.register_buffer("owners", torch.from_numpy(layout.owners), persistent=False)
        self.owners: Tensor

    @torch.no_grad()
    def begin_with(self, cells: Tensor) -> None:
        """Begin with the principal axes of rows (N, D), gaps as zeros, so that straight relations are known at once."""
        n_axes = min(self.n_latent, *cells.shape)
        _, sizes, axes = torch.linalg.svd(cells - cells.mean(0), full_matrices=False)
        scales = (sizes[:n_axes] / math.sqrt(len(cells))).clamp(min=_LEAST_SCALE)
        self.straight.weight[:, :n_axes] = axes[:n_axes] * scales[:, None]
        self.straight.weight[:, n_axes:] = 0
        width = self.layout.width
        self.direct.weight[:, :width, :n_axes] = (axes[:n_axes] / scales[:, None]).T

    def encode(self, cells: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Where rows (M, N, D) of which cells (M, N, C) are seen may lie: mean and log deviation, both (M, N, Z)."""
        given = torch.cat([cells * (seen @ self.owners), seen], -1)
        read = functional.silu(self.read(given))
        said = self.direct(given) + self.place(read + functional.silu(self.think(read)))
        mean, log_width = said.split(self.n_latent, -1)
        return mean, log_width.clamp(*_LOG_WIDTH)

    def decode(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """What stands at places (M, S, Z): means of numbers and logits of words (M, S, D), log deviations (M, S, C)."""
        drawn = functional.silu(self.draw(places))
        return self.curved(drawn) + self.straight(places), self.spread(drawn).clamp(*_LOG_SPREAD)

    def log_likelihood(self, said: Tensor, log_spread: Tensor, cells: Tensor, known: Tensor) -> Tensor:
        """Of the known cells (…, C) of rows (…, D), given what is said of them; (…)."""
        total = torch.zeros(said.shape[:-1])
        for _, nats in self._log_likelihoods(said, log_spread, cells, known):
            total = total + nats.sum(-1)
        return total

    def cell_log_likelihoods(self, said: Tensor, log_spread: Tensor, cells: Tensor, known: Tensor) -> Tensor:
        """The same of each cell, 0 where it is not known; (…, C)."""
        found = torch.zeros(log_spread.shape)
        for places, nats in self._log_likelihoods(said, log_spread, cells, known):
            found[..., places] = nats
        return found

    def _log_likelihoods(
        self, said: Tensor, log_spread: Tensor, cells: Tensor, known: Tensor
    ) -> Iterator[tuple[list[int], Tensor]]:
        """All columns of numbers, then each of words, by their places: (…, as many)."""
        spans, numbers = self.layout.spans, list(self.layout.numbers)
        starts = [spans[at].start for at in numbers]
        if numbers:
            spread = log_spread[..., numbers]
            off = (cells[..., starts] - said[..., starts]) * torch.exp(-spread)
            yield numbers, -(0.5 * off * off + spread + _HALF_LOG_2_PI) * known[..., numbers]
        for at, span in enumerate(spans):
            if not span.is_number:
                logs = functional.log_softmax(said[..., span.start : span.stop], -1)
                words = (cells[..., span.start : span.stop] * logs).sum(-1, keepdim=True)
                yield [at], words * known[..., at : at + 1]

    def weighed(self, cells: Tensor, known: Tensor, seen: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Importance samples of rows: log weights (S, M, N), and what the decoder says there, (S, M, N, D) and (…, C).

        `noise` is (S, M, N, Z); the encoder sees `seen`, the weights are those of all that is `known`, both (M, N, C).
        """
        s, m, n, z = noise.shape
        mean, log_width = self.encode(cells, seen)
        places = mean + log_width.exp() * noise
        said, log_spread = self.decode(places.transpose(0, 1).reshape(m, s * n, z))
        said = said.reshape(m, s, n, -1).transpose(0, 1)
        log_spread = log_spread.reshape(m, s, n, -1).transpose(0, 1)
        prior = (0.5 * (noise * noise - places * places) + log_width).sum(-1)
        return self.log_likelihood(said, log_spread, cells, known) + prior, said, log_spread


_LEAST_SCALE: Final = 0.05
_HALF_LOG_2_PI: Final = 0.5 * math.log(2 * math.pi)
