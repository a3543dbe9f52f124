"""Fits the learnt prior after the training: the flow is held to the molecules’ latents, which no longer change."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.recipe import Measuring
from studio.nn.adam import AdamW

from ..model.molecules_vae import MoleculesVAE

_AT_ONCE = 500
_CLIP = 5.0


@dataclass(frozen=True)
class PriorSettings:
    """How the prior is fitted: molecules it is fitted to, steps, and latents in each.

    Attributes:
        spread: of the latents around their means, as a share of what the posterior says: what is written at a mean is
            surer than what is written at its rim.
    """

    n_molecules: int = 200_000
    n_steps: int = 4000
    n_latents: int = 768
    learning_rate: float = 1e-3
    spread: float = 0.4


@torch.no_grad()
def posteriors(model: MoleculesVAE, rows: NDArray[np.uint8]) -> Measuring[tuple[Tensor, Tensor]]:
    """Means and standard deviations (N, Z) of the latents of rows (N, L)."""
    means, deviations = [], []
    for part in torch.from_numpy(rows).split(_AT_ONCE):
        used = int((part != 0).sum(1).max()) + 1
        mean, log_variance = model.posterior(part[:, :used].long())
        means.append(mean)
        deviations.append((0.5 * log_variance).exp())
        yield
    return torch.cat(means), torch.cat(deviations)


def fit_prior(model: MoleculesVAE, rows: NDArray[np.uint8], settings: PriorSettings, seed: int) -> Measuring[None]:
    """Settle the latents of rows (N, L) around 0, then let the flow of `model` learn how they are spread.

    What it learns from is drawn around the means of the posteriors.
    """
    means, deviations = yield from posteriors(model, rows)
    model.settle_prior(means, torch.ones(len(means)))
    random = torch.Generator().manual_seed(seed)
    flow = model.flow.requires_grad_(True)
    optimiser = AdamW(flow.parameters(), settings.learning_rate)
    for step in range(settings.n_steps):
        optimiser.rate = settings.learning_rate * _share(step, settings.n_steps)
        chosen = torch.randint(len(means), (settings.n_latents,), generator=random)
        noise = settings.spread * torch.randn(settings.n_latents, means.shape[1], generator=random)
        drawn = means[chosen] + deviations[chosen] * noise
        loss = flow.nats(model.gathered(drawn)).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), _CLIP)
        optimiser.step()
        yield
    flow.requires_grad_(False)


def _share(step: int, n_steps: int) -> float:
    """The learning rate as a share of its largest: a short rise, then half a cosine."""
    return min(1.0, (step + 1) / 100) * 0.5 * (1 + float(np.cos(np.pi * step / n_steps)))
