"""What the network is held to: the pieces of each molecule, and places that stay near each other."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.vae import kl_divergence, reparametrise
from ..model.molecules_vae import MoleculesVAE, piece_nats
from .data import MoleculeBatches

MEAN_PIECES = 12.0
MOST_BLUR = 0.9


@dataclass(frozen=True)
class MoleculesObjective:
    """Negative log-likelihood of the pieces, and the price of what a place tells.

    Attributes:
        first_rate, rate: of a nat of divergence from the prior, at the first step and from `n_rising` on: little, so
            that molecules are redrawn exactly, and more once they are.
    """

    batches: MoleculeBatches
    first_rate: float
    rate: float
    n_rising: int

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, MoleculesVAE)
        pieces, noise = self.batches.draw(step, micro)
        mean, log_variance = model.encode(pieces)
        z = reparametrise(mean, log_variance, noise)
        nats = piece_nats(model.logits(blurred(z), pieces), pieces)  # (B,)
        kl = kl_divergence(mean, log_variance)  # (B,)
        risen = min(1.0, step / max(1, self.n_rising)) ** 2
        rate = self.first_rate + (self.rate - self.first_rate) * risen
        loss = (nats + rate * kl).mean() / MEAN_PIECES
        return loss, {"nats": nats.mean(), "kl": kl.mean()}


def blurred(z: Tensor) -> Tensor:
    """Places (B, Z), every second one drawn towards the prior by a random share of up to MOST_BLUR.

    So the writer learns to write a molecule also where none of the known ones lies. Noise is torch's own, which follows
    from step and micro-batch.
    """
    share = MOST_BLUR * torch.rand(len(z), 1, device=z.device)  # (B, 1)
    share[::2] = 0
    return (1 - share.square()).sqrt() * z + share * torch.randn_like(z)


@torch.no_grad()
def share_redrawn(model: MoleculesVAE, pieces: Tensor) -> float:
    """How many of the rows (B, L) are written again piece by piece from the mean of their place."""
    written = model.decode(model.encode(pieces)[0])
    width = max(written.shape[1], pieces.shape[1])
    same = F.pad(written, (0, width - written.shape[1])) == F.pad(pieces, (0, width - pieces.shape[1]))
    return float(same.all(1).float().mean())
