"""A VAE of molecules: a transformer reads the pieces of a SMILES into a place, another writes them again from it.

Kingma and Welling 2014 (arXiv 1312.6114); of molecules: Gómez-Bombarelli et al. 2018 (arXiv 1610.02415); transformer:
Vaswani et al. 2017. A place z is N(0, I); the latent that is written from is where the prior's flow leads from there.
Shape letters: B batch, L pieces, W width, Z latent numbers, V kinds of pieces.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.vae import SettledPrior
from .flow import Flow
from .pieces import END

_NEVER = -1e9


N_BEAMS: Final = 6


@dataclass(frozen=True)
class MoleculesConfig:
    """Sizes of the network: kinds of pieces, most pieces with the END, latent numbers, layers, couplings."""

    n_pieces: int = 256
    n_places: int = 26
    n_latent: int = 64
    width: int = 192
    n_heads: int = 6
    n_reading: int = 2
    n_writing: int = 3
    narrow: int = 48
    n_blocks: int = 10
    flow_width: int = 192


class Layer(nn.Module):
    """Attention and a layer for each piece, both on normalised input and added to it."""

    def __init__(self, config: MoleculesConfig) -> None:
        super().__init__()
        width = config.width
        if width % config.n_heads:
            raise ValueError("heads share the width evenly")
        self.n_heads = config.n_heads
        self.norm = nn.LayerNorm(width)
        self.attend = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, mask: Tensor | None, known: list[Tensor] | None = None) -> Tensor:
        """Rows (B, L, W) to the same; `mask` as of scaled_dot_product_attention, None where a piece sees those before.

        `known` keeps keys and values (B, H, l, W / H) of the pieces before, and takes those of `x` in.
        """
        parts = self.attend(self.norm(x)).unflatten(-1, (3, self.n_heads, -1))  # (B, L, 3, H, W / H)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        if known is not None:
            if known:
                key, value = torch.cat([known[0], key], 2), torch.cat([known[1], value], 2)
            known[:] = [key, value]
        causal = mask is None and known is None
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal)
        x = x + self.mix(seen.transpose(1, 2).flatten(2))
        out: Tensor = x + self.think(x)
        return out


class MoleculesVAE(SettledPrior):
    """Pieces of molecules to places and back.

    Attention to the pieces before is all that writes; what a place says is added to each piece anew.
    """

    def __init__(self, config: MoleculesConfig) -> None:
        super().__init__()
        self.config = config
        n_places, width, narrow = config.n_places, config.width, config.narrow
        self.piece = nn.Embedding(config.n_pieces, width)
        self.reading_place = nn.Parameter(torch.empty(n_places, width))
        nn.init.normal_(self.reading_place, std=0.02)
        self.reading = nn.ModuleList(Layer(config) for _ in range(config.n_reading))
        self.narrow = nn.Linear(width, narrow)
        self.collect = nn.Sequential(
            nn.LayerNorm(n_places * narrow), nn.Linear(n_places * narrow, 2 * width), nn.GELU(approximate="tanh")
        )
        self.head = nn.Linear(2 * width, 2 * config.n_latent)
        self.hint = nn.Sequential(nn.Linear(config.n_latent, width), nn.GELU(approximate="tanh"))
        self.hints = nn.Linear(width, n_places * width)
        self.writing = nn.ModuleList(Layer(config) for _ in range(config.n_writing))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.piece.weight, std=0.05)
        self.register_prior(config.n_latent)
        self.flow = Flow(config.n_latent, config.n_blocks, config.flow_width)

    def encode(self, pieces: Tensor) -> Tensor:
        """Places (B, Z) of pieces (B, L), END behind the last."""
        return self.flow.back(self.gathered(self.posterior(pieces)[0]))[0]

    def posterior(self, pieces: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latents, (B, Z) each, of pieces (B, L), END behind the last."""
        is_there = (pieces != END).cumprod(1).bool()  # (B, L)
        is_there = F.pad(is_there, (1, 0), value=True)[:, :-1]  # the first END is seen, too
        x = self.piece(pieces) + self.reading_place[: pieces.shape[1]]  # (B, L, W)
        for layer in self.reading:
            x = layer(x, is_there[:, None, None])
        x = self.narrow(x) * is_there[..., None]  # (B, L, N)
        x = F.pad(x, (0, 0, 0, self.config.n_places - pieces.shape[1])).flatten(1)
        mean, log_variance = self.head(self.collect(x)).float().chunk(2, dim=1)
        return mean, log_variance

    def latent(self, z: Tensor) -> Tensor:
        """The latents (B, Z) of places (B, Z)."""
        return self.inner(self.flow(z))

    def _hints(self, latent: Tensor, n_places: int) -> Tensor:
        """What a latent (B, Z) says of each piece, (B, L, W)."""
        hidden = self.hint(latent)
        rows = n_places * self.config.width
        hints = F.linear(hidden, self.hints.weight[:rows], self.hints.bias[:rows])
        return hints.unflatten(1, (n_places, -1))

    def logits(self, latent: Tensor, pieces: Tensor) -> Tensor:
        """Logits (B, L, V) of each piece of (B, L), by the latent (B, Z) and the pieces before it."""
        before = F.pad(pieces, (1, -1), value=END)
        x = self.piece(before) + self._hints(latent, pieces.shape[1])
        for layer in self.writing:
            x = layer(x, None)
        return F.linear(self.norm(x), self.piece.weight)

    def decode(self, z: Tensor, n_beams: int = N_BEAMS) -> Tensor:
        """Write molecules, pieces (B, L), at places (B, Z): the likeliest of the rows that `n_beams` ways led to."""
        hints = self._hints(self.latent(z), self.config.n_places).repeat_interleave(n_beams, 0)  # (B K, L, W)
        beams = Beams(len(z), n_beams, z.device)
        known: list[list[Tensor]] = [[] for _ in self.writing]
        for place in range(self.config.n_places):
            x = (self.piece(beams.pieces) + hints[:, place])[:, None]
            for layer, past in zip(self.writing, known, strict=True):
                x = layer(x, None, past)
            chosen = beams.go_on(F.linear(self.norm(x[:, 0]), self.piece.weight).float().log_softmax(1))
            for past in known:
                past[:] = [one[chosen] for one in past]
            if beams.have_ended:
                break
        return beams.best()


def piece_nats(logits: Tensor, pieces: Tensor) -> Tensor:
    """Negative log-likelihood (B,) of pieces (B, L) up to the first END, by logits (B, L, V)."""
    nats = F.cross_entropy(logits.float().transpose(1, 2), pieces, reduction="none")  # (B, L)
    is_there = F.pad((pieces != END).cumprod(1), (1, 0), value=1)[:, :-1]  # (B, L)
    total: Tensor = (nats * is_there).sum(1)
    return total


class Beams:
    """What was written so far.

    Attributes:
        pieces: (B K,) the last piece of each beam, END at first and behind the end.
    """

    def __init__(self, n: int, n_beams: int, device: torch.device) -> None:
        self.pieces = torch.full((n * n_beams,), END, device=device)
        self._rows = torch.zeros(n * n_beams, 0, dtype=torch.long, device=device)  # (B K, L)
        self._ended = torch.zeros(n * n_beams, dtype=torch.bool, device=device)
        self._nats = torch.full((n, n_beams), _NEVER, device=device)
        self._nats[:, 0] = 0  # at first there is one beam
        self._first = torch.arange(n, device=device)[:, None] * n_beams

    def go_on(self, logs: Tensor) -> Tensor:
        """Write the next pieces by their log-probabilities (B K, V); returns which beam each goes on from, (B K,)."""
        n, n_beams = self._nats.shape
        done = torch.full_like(logs, _NEVER)
        done[:, END] = 0
        logs = torch.where(self._ended[:, None], done, logs)
        self._nats, best = (self._nats.view(-1, 1) + logs).view(n, -1).topk(n_beams, 1)
        chosen = (best // logs.shape[1] + self._first).flatten()
        self.pieces = (best % logs.shape[1]).flatten()
        self._rows = torch.cat([self._rows[chosen], self.pieces[:, None]], 1)
        self._ended = self._ended[chosen] | (self.pieces == END)
        return chosen

    @property
    def have_ended(self) -> bool:
        """Whether nothing is left to be written."""
        return bool(self._ended.all())

    def best(self) -> Tensor:
        """The likeliest row of each, (B, L), END behind the last piece."""
        return self._rows.view(*self._nats.shape, -1)[:, 0]
