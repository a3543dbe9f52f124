"""A prior that is learnt: coupling layers that bend N(0, I) into where the places of real molecules lie.

Real NVP: Dinh et al. 2017 (arXiv 1605.08803); fitted after the VAE, on its frozen latents: Dai and Wipf 2019
(arXiv 1903.05789). Shape letters: B batch, Z latent numbers, an even number.
"""

from collections.abc import Sequence
from typing import Final, cast

import numpy as np
import torch
from torch import Tensor, nn

MOST_SCALE: Final = 0.6
"""What a coupling stretches or shrinks a number by, at most, as a logarithm."""


class Coupling(nn.Module):
    """Stretches and moves one half of the numbers by what the other half says."""

    def __init__(self, n_latent: int, width: int) -> None:
        super().__init__()
        half = n_latent // 2
        self.tell = nn.Sequential(
            nn.Linear(half, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * half)
        )
        for parameter in self.tell[-1].parameters():
            nn.init.zeros_(parameter)

    def _scale_and_shift(self, told: Tensor) -> tuple[Tensor, Tensor]:
        scale, shift = self.tell(told).chunk(2, 1)
        return MOST_SCALE * torch.tanh(scale), shift

    def forward(self, told: Tensor, moved: Tensor) -> Tensor:
        """From prior to latent: `moved` (B, Z / 2) by `told` (B, Z / 2)."""
        scale, shift = self._scale_and_shift(told)
        return moved * scale.exp() + shift

    def back(self, told: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        """From latent to prior, and the logarithm (B,) of how much volume that takes in."""
        scale, shift = self._scale_and_shift(told)
        return (moved - shift) * (-scale).exp(), -scale.sum(1)


class Flow(nn.Module):
    """Couplings in a row; before each the numbers are shuffled in a way that never changes."""

    def __init__(self, n_latent: int, n_blocks: int, width: int) -> None:
        super().__init__()
        if n_latent % 2:
            raise ValueError("latents of a flow fall into two halves")
        couplings = nn.ModuleList(Coupling(n_latent, width) for _ in range(n_blocks))
        self.couplings = cast(Sequence[Coupling], couplings)
        random = np.random.default_rng(0)
        self._shuffles = [random.permutation(n_latent) for _ in range(n_blocks)]

    def forward(self, z: Tensor) -> Tensor:
        """Latents (B, Z) of places (B, Z)."""
        for shuffle, coupling in zip(self._shuffles, self.couplings, strict=True):
            told, moved = z[:, shuffle].chunk(2, 1)
            z = torch.cat([told, coupling(told, moved)], 1)
        return z

    def back(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Places (B, Z) of latents, and the log-determinants (B,) of the way there."""
        total = latents.new_zeros(len(latents))
        for shuffle, coupling in zip(reversed(self._shuffles), reversed(self.couplings), strict=True):
            told, moved = latents.chunk(2, 1)
            moved, volume = coupling.back(told, moved)
            latents = torch.cat([told, moved], 1)[:, np.argsort(shuffle)]
            total = total + volume
        return latents, total

    def nats(self, latents: Tensor) -> Tensor:
        """Negative log-density (B,) of latents."""
        z, volume = self.back(latents)
        normal: Tensor = 0.5 * (z.square() + 1.8378770664093453).sum(1)  # ln 2 pi
        return normal - volume
