"""Batches of real faces, and what the generator is asked for beside them: labels, some mixed of two faces, some unsaid.

Shape letters: B batch, K labels, H W pixels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.training import AVATAR_LABELS
from studio.core.seed import generator

from ..model.style_gan import GROUP_ROWS, UNSAID

GROUPS: Final[tuple[tuple[str, ...], ...]] = (
    ("hair", "rear_hair", "clothes"),
    ("beard", "mouth", "eyes", "brows"),
    ("hair_colour", "skin_colour", "clothes_colour"),
)
"""The labels that each group of layers decides: coarse ones the figure, middle ones features, fine ones colours."""
N_ROWS: Final = 8


@dataclass(frozen=True)
class FaceConditioning:
    """What is asked of the generator.

    Attributes:
        z: (2, B, n_z) ~ N(0, I), places of two faces.
        labels: (2, B, K) of the two faces.
        told: (B, K) what the picture has to show, a class or UNSAID.
        rows: (B, 8) which face each row of w comes from, 0 or 1.
        is_paired: (B,) whether all labels are those of the real picture of the same number.
    """

    z: Tensor
    labels: Tensor
    told: Tensor
    rows: Tensor
    is_paired: Tensor


@dataclass(frozen=True, eq=False)
class FaceBatches:
    """Draws the micro-batches of a training; each follows from the seed and its numbers alone.

    Attributes:
        pictures: (N, 64, 64, 3) uint8. labels: (N, K).
        mixed_share: of items whose groups of layers come from two faces.
        unsaid_share: of items of which about half of the labels are not said.
    """

    pictures: Tensor
    labels: Tensor
    n_items: int
    n_z: int
    seed: int
    device: torch.device
    mixed_share: float = 0.25
    unsaid_share: float = 0.25

    def real(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, 64, 64) in [-1, 1] and their labels (B, K)."""
        chosen = self._chosen(step, micro)
        pictures = self.pictures[chosen].to(self.device).movedim(3, 1).float() / 127.5 - 1
        return pictures.contiguous(memory_format=torch.channels_last), self.labels[chosen].to(self.device)

    def _chosen(self, step: int, micro: int) -> Tensor:
        return torch.from_numpy(generator(self.seed, "real", step, micro).integers(0, len(self.labels), self.n_items))

    def unsaid(self, step: int, micro: int) -> Tensor:
        """Which labels (B, K) of real pictures the discriminator is not told."""
        random = generator(self.seed, "unsaid", step, micro)
        return self._left_out(random, random.random(self.n_items) < self.unsaid_share).to(self.device)

    def _left_out(self, random: np.random.Generator, is_chosen: np.ndarray) -> Tensor:
        share = random.random((self.n_items, 1))
        coins = random.random((self.n_items, self.labels.shape[1])) < share
        return torch.from_numpy(coins & is_chosen[:, None])

    def asked(self, step: int, micro: int) -> FaceConditioning:
        """What the generator is asked for; the first of the two faces is the real picture of the same number."""
        random = generator(self.seed, "asked", step, micro)
        n, lot = self.n_items, random.random(self.n_items)
        other = torch.from_numpy(random.integers(0, len(self.labels), n))
        labels = torch.stack([self.labels[self._chosen(step, micro)], self.labels[other]])  # (2, B, K)
        is_mixed = torch.from_numpy(lot < self.mixed_share)
        groups = torch.from_numpy(random.integers(0, 2, (n, len(GROUPS)))) * is_mixed[:, None]  # (B, groups)
        told = mixed_labels(labels, groups)
        is_unsaid = (lot >= self.mixed_share) & (lot < self.mixed_share + self.unsaid_share)
        left_out = self._left_out(random, is_unsaid)
        told = torch.where(left_out, UNSAID, told)
        # Of a face whose labels are left out the generator is told no more than the discriminator.
        labels = torch.stack([torch.where(left_out, UNSAID, labels[0]), labels[1]])
        z = torch.from_numpy(random.standard_normal((2, n, self.n_z), np.float32))
        is_paired = torch.from_numpy(lot >= self.mixed_share + self.unsaid_share)
        parts = (z, labels, told, mixed_rows(groups), is_paired)
        return FaceConditioning(*(part.to(self.device) for part in parts))


def mixed_labels(labels: Tensor, groups: Tensor) -> Tensor:
    """The labels (B, K) of faces that are mixed of two, (2, B, K); groups (B, 3) say of which face each group is."""
    names = list(AVATAR_LABELS)
    group_of = torch.tensor([next(g for g, group in enumerate(GROUPS) if name in group) for name in names])  # (K,)
    return torch.where(groups[:, group_of] == 1, labels[1], labels[0])


def mixed_rows(groups: Tensor) -> Tensor:
    """Which face each row of w comes from, (B, 8), by group (B, 3)."""
    group_of = torch.tensor([next(g for g, rows in enumerate(GROUP_ROWS) if row in rows) for row in range(N_ROWS)])
    return groups[:, group_of]
