"""Learns a table: steps of Adam over the networks of a table, which go on bit for bit from the numbers of a state.

Shape letters: M networks, N rows, C columns, D numbers of a row.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_STATE
from studio.core.seed import generator

from ..model.layout import Flags, Floats, Layout
from ..model.network import N_NETWORKS, TableVae

BATCH: Final = 128
N_SAMPLES: Final = 2
RATE: Final = 8e-3
WARM_SHARE, LEAST_RATE = 0.1, 0.02
MOST_HIDDEN: Final = 0.6
"""Of the known cells of a row the encoder is not shown a share between none and this."""
DECAY: Final = 1e-3
MEAN, SQUARE = 0.9, 0.99
_EPSILON: Final = 1e-8


class TableLearner:
    """Networks on their way. Attributes: n_steps: how many were taken; network: as it is now."""

    def __init__(self, layout: Layout, n_latent: int, seed: int) -> None:
        self.network, self.n_steps, self._seed = TableVae(layout, n_latent, seed), 0, seed
        self._weights = [weight for _, weight in sorted(self.network.named_parameters())]
        n = sum(weight.numel() for weight in self._weights)
        self._mean, self._square = torch.zeros(n), torch.zeros(n)

    def step(self, cells: Floats, known: Flags, n_all: int) -> float:
        """One step on rows of a table, with the rate that it has as one of `n_all`; returns the loss, in nats a row."""
        chance = generator(self._seed, "step", self.n_steps)
        torch_chance = torch.Generator().manual_seed(int(chance.integers(2**31)))
        rows = chance.integers(0, len(cells), (N_NETWORKS, min(BATCH, len(cells))))
        batch, there = torch.from_numpy(cells[rows]), torch.from_numpy(known[rows]).float()
        hidden = torch.rand(*there.shape[:2], 1, generator=torch_chance) * MOST_HIDDEN
        seen = there * (torch.rand(there.shape, generator=torch_chance) >= hidden)
        noise = torch.randn(N_SAMPLES, *there.shape[:2], self.network.n_latent, generator=torch_chance)
        log_weights, _, _ = self.network.weighed(batch, there, seen, noise)
        loss = -(torch.logsumexp(log_weights, 0) - math.log(N_SAMPLES)).mean(1).sum()
        slopes = torch.autograd.grad(loss, self._weights)
        self._move(torch.cat([slope.reshape(-1) for slope in slopes]), rate_at(self.n_steps, n_all))
        self.n_steps += 1
        return float(loss.detach()) / N_NETWORKS

    @torch.no_grad()
    def _move(self, slope: Tensor, rate: float) -> None:
        """A step of Adam with decoupled decay (Loshchilov and Hutter, 2019)."""
        n = self.n_steps + 1
        self._mean.mul_(MEAN).add_(slope, alpha=1 - MEAN)
        self._square.mul_(SQUARE).addcmul_(slope, slope, value=1 - SQUARE)
        size = (self._square / (1 - SQUARE**n)).sqrt_().add_(_EPSILON)
        move = self._mean / (1 - MEAN**n) / size
        at = 0
        for weight in self._weights:
            part = move[at : at + weight.numel()].view_as(weight)
            weight.mul_(1 - rate * DECAY).sub_(part, alpha=rate)
            at += weight.numel()

    def arrays(self) -> dict[str, Floats]:
        """All numbers that it goes on from: weights and what Adam keeps, flat."""
        flat = torch.cat([weight.detach().reshape(-1) for weight in self._weights])
        return {
            "weights": flat.numpy(),
            "mean": self._mean.clone().numpy(),
            "square": self._square.clone().numpy(),
        }

    @torch.no_grad()
    def resume(self, arrays: Mapping[str, Floats], n_steps: int) -> None:
        """Go on from what `arrays` gave after so many steps; raises UserError where that is of another table."""
        flat = {name: np.asarray(arrays[name]) for name in ("weights", "mean", "square") if name in arrays}
        n = len(self._mean)
        is_sound = len(flat) == 3 and all(
            one.shape == (n,) and one.dtype == np.float32 and np.isfinite(one).all() for one in flat.values()
        )
        if not is_sound or (flat["square"] < 0).any():
            raise UserError(UNFIT_STATE)
        weights, self._mean, self._square = (torch.from_numpy(flat[name].copy()) for name in flat)
        at = 0
        for weight in self._weights:
            weight.copy_(weights[at : at + weight.numel()].view_as(weight))
            at += weight.numel()
        self.n_steps = n_steps


def rate_at(step: int, n_all: int) -> float:
    """How fast a step of so many learns: rising at first, then falling along a cosine."""
    share = step / max(n_all, 1)
    if share < WARM_SHARE:
        return RATE * (0.1 + 0.9 * share / WARM_SHARE)
    along = min((share - WARM_SHARE) / (1 - WARM_SHARE), 1.0)
    return RATE * (LEAST_RATE + (1 - LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * along)))
