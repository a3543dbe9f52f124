"""What the network is held to: the pieces of each molecule, and places that stay near each other."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.vae import kl_divergence, reparametrise
from ..model.molecules_vae import MoleculesVAE, piece_nats
from .data import MoleculeBatches

MEAN_PIECES = 12.0
BLUR = 0.75 / 0.597
EVERY = 3


@dataclass(frozen=True)
class Rates:
    """What a nat costs: little, so that molecules are redrawn exactly, and more once they are.

    Attributes:
        first, growth, most: at the first step; how much it grows with the square of thousands of steps; at most.
    """

    first: float = 0.003
    growth: float = 0.597 / 2.6**2
    most: float = 0.34

    def at(self, step: int) -> float:
        """The price at a step."""
        return min(self.most, self.first + self.growth * (step / 1000) ** 2)


@dataclass(frozen=True)
class MoleculesObjective:
    """Negative log-likelihood of the pieces, and the price of what a place tells.

    Attributes:
        rates: the price of a nat of divergence from the prior.
    """

    batches: MoleculeBatches
    rates: Rates

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, MoleculesVAE)
        pieces, noise = self.batches.draw(step, micro)
        mean, log_variance = model.posterior(pieces)
        z = reparametrise(mean, log_variance, noise)
        rate = self.rates.at(step)
        nats = piece_nats(model.logits(blurred(z, BLUR * (rate - self.rates.first)), pieces), pieces)  # (B,)
        kl = kl_divergence(mean, log_variance)  # (B,)
        loss = (nats + rate * kl).mean() / MEAN_PIECES
        return loss, {"nats": nats.mean(), "kl": kl.mean()}


def blurred(z: Tensor, most: float) -> Tensor:
    """Places (B, Z), one of EVERY drawn towards the prior by a random share of up to `most`.

    So the writer learns to write a molecule also where none of the known ones lies; what reads is not taught by it.
    Noise is torch's own, which follows from step and micro-batch.
    """
    rows = torch.arange(len(z), device=z.device)[:, None]
    share = most * torch.rand(len(z), 1, device=z.device)  # (B, 1)
    moved = (1 - share.square()).sqrt() * z.detach() + share * torch.randn_like(z)
    return torch.where(rows % EVERY == EVERY - 1, moved, z)


@torch.no_grad()
def share_redrawn(model: MoleculesVAE, pieces: Tensor) -> float:
    """How many of the rows (B, L) are written again piece by piece from the mean of their place."""
    rows = (padded(one, model.config.n_places) for one in (model.decode(model.encode(pieces)), pieces))
    return float(torch.eq(*rows).all(1).float().mean())


def padded(pieces: Tensor, n_places: int) -> Tensor:
    """Rows (B, L) as (B, n_places): what is missing is no piece."""
    return F.pad(pieces, (0, n_places - pieces.shape[1]))
