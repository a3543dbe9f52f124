"""The noise of a run: of each item and step its own, whatever is drawn before, beside it, or on which device."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from studio.core.seed import MAX_SEED, standard_normal

NOISE = "noise"


def item_seeds(seed: int, n_items: int) -> tuple[int, ...]:
    """Return the seeds of a batch: the seed and the numbers after it, which go on at 0 behind the largest."""
    return tuple((seed + item) % (MAX_SEED + 1) for item in range(n_items))


def noise_of(seeds: Sequence[int], k: int, shape: tuple[int, ...], device: torch.device | str = "cpu") -> Tensor:
    """Return the noise that enters x_k, (B, *shape) ~ N(0, I): that of the start for k = 0, of step k - 1 otherwise."""
    items = [standard_normal(shape, seed, NOISE, k) for seed in seeds]
    return torch.from_numpy(np.stack(items)).to(device)
