"""Changes that the detective sees real and forged pictures through, so that it cannot learn the real ones by heart.

Adaptive augmentation: Karras et al. 2020 (arXiv 2006.06676). Each change is drawn for each picture by itself, is
differentiable, and shows the same of real and forged ones. Shape letters: B batch, H W pixels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.core.seed import generator

MAX_SHIFT_PX: Final = 6
MAX_SHARE: Final = 0.8
TARGET: Final = 0.6
"""The mean sign of real scores above which there is too little augmentation."""
RATE: Final = 1e-4
"""How far a step moves the share."""


@dataclass(frozen=True)
class Changes:
    """What happens to each picture: shifts (B, 2) in pixels, and which (B,) are flipped."""

    shifts: Tensor
    flips: Tensor


def drawn_changes(n: int, share: float, seed: int, *keys: int | str) -> Changes:
    """Changes of n pictures, each with the chance `share`."""
    random = generator(seed, "augmentation", *keys)
    shifts = random.integers(-MAX_SHIFT_PX, MAX_SHIFT_PX + 1, (n, 2)) * (random.random((n, 1)) < share)
    flips = (random.random(n) < share) & (random.random(n) < 0.5)
    return Changes(torch.from_numpy(shifts), torch.from_numpy(np.asarray(flips)))


def changed(pictures: Tensor, changes: Changes) -> Tensor:
    """Pictures (B, 3, H, W) in about [-1, 1], shifted over white and flipped."""
    if not bool(changes.flips.any() or changes.shifts.any()):
        return pictures
    height, width = pictures.shape[2:]
    padded = F.pad(pictures, [MAX_SHIFT_PX] * 4, value=1.0)
    parts = []
    for picture, (down, across), is_flipped in zip(
        padded, changes.shifts.tolist(), changes.flips.tolist(), strict=True
    ):
        top, left = MAX_SHIFT_PX + int(down), MAX_SHIFT_PX + int(across)
        part = picture[:, top : top + height, left : left + width]
        parts.append(part.flip(2) if is_flipped else part)
    return torch.stack(parts).contiguous(memory_format=torch.channels_last)


def next_share(share: float, real_scores: Tensor) -> float:
    """The share of changes after a step: more where nearly all real scores are above zero, else less."""
    is_sure = float(real_scores.sign().mean()) > TARGET
    return min(MAX_SHARE, max(0.0, share + (RATE if is_sure else -RATE)))
