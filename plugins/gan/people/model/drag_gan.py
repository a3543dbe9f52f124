"""Pulls what lies at a point of a picture to another point, by the features that the picture is made of.

DragGAN: Pan et al. 2023 (arXiv 2305.10973): motion supervision and point tracking. Places are shares of the picture, x
then y, 0 to 1. Shape letters: N points, K offsets, B batch, C channels, H W pixels of the features.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

PIXEL: Final = 1 / 64
NEAR: Final = 3 * PIXEL
"""So far around a handle its surroundings are pulled along."""
REACH: Final = 4 * PIXEL
"""So far from where it was a handle is looked for after a step."""
STRIDE: Final = 1 * PIXEL
"""So far a step asks the surroundings to move."""
STILL: Final = 8.0
"""How heavy it weighs that what may not move stays."""
REST: Final = 1.0
"""The same where nobody said what may move: what lies off the ways is meant to stay."""
ASIDE: Final = 10 * PIXEL
"""So far beside its way a pull is felt (standard deviation)."""


def sampled(features: Tensor, places: Tensor) -> Tensor:
    """Features (1, C, H, W) at places (..., 2), between pixels blended: (..., C)."""
    grid = (places.reshape(1, -1, 1, 2) * 2 - 1).to(features.dtype)
    found = F.grid_sample(features, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return found[0, :, :, 0].T.reshape(*places.shape[:-1], -1)


def disk(radius: float, spacing: float) -> Tensor:
    """The offsets (K, 2) of a square grid that lie within a radius; nought is the first one."""
    n = int(radius / spacing + 1e-6)
    steps = torch.arange(-n, n + 1) * spacing
    offsets = torch.cartesian_prod(steps, steps)
    lengths = offsets.norm(dim=1)
    inside = lengths <= radius + 1e-6
    return offsets[inside][lengths[inside].argsort(stable=True)]


def strides(handles: Tensor, targets: Tensor) -> Tensor:
    """The way (N, 2) that each handle (N, 2) goes next: towards its target, no further than it and than STRIDE."""
    way = targets - handles
    length = way.norm(dim=1, keepdim=True)
    return way * (STRIDE / length.clamp_min(STRIDE))


def motion_loss(features: Tensor, handles: Tensor, targets: Tensor) -> Tensor:
    """How much has to change until the surroundings of the handles (N, 2) lie one stride nearer to their targets.

    The features (1, C, H, W) there are held against those here, which count as given; so the slope moves things
    towards the targets and not the surroundings of the targets towards the handles.
    """
    around = handles[:, None] + disk(NEAR, PIXEL).to(handles)  # (N, K, 2)
    here = sampled(features.detach(), around)
    there = sampled(features, around + strides(handles, targets)[:, None])
    return (there - here).abs().mean()


def still_loss(features: Tensor, before: Tensor, movable: Tensor) -> Tensor:
    """How far features (1, C, H, W) have gone from those before, where a mask (H, W) of 0..1 says they may not."""
    return ((features - before) * (1 - movable)).abs().mean()


def near_ways(handles: Tensor, targets: Tensor, size: tuple[int, int]) -> Tensor:
    """How near each pixel of features lies to a way from a handle (N, 2) to its target, (H, W): 1 on it, 0 far off.

    Without a mask of the person's this says what may move: a pulled mouth then leaves the hair as it is.
    """
    rows, columns = ((torch.arange(n, device=handles.device) + 0.5) / n for n in size)
    places = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), -1)[None]  # (1, H, W, 2)
    ways = (targets - handles)[:, None, None]  # (N, 1, 1, 2)
    out = places - handles[:, None, None]
    share = (out * ways).sum(-1, keepdim=True) / ways.square().sum(-1, keepdim=True).clamp_min(1e-12)
    distances = (out - share.clamp(0, 1) * ways).norm(dim=-1)  # (N, H, W)
    return torch.exp(-(distances / ASIDE).square() / 2).amax(0)


def tracked(features: Tensor, handles: Tensor, looks: Tensor) -> Tensor:
    """Where the handles (N, 2) are now: near where they were, where features (1, C, H, W) look most like (N, C)."""
    candidates = (handles[:, None] + disk(REACH, PIXEL / 2).to(handles)).clamp(0, 1)  # (N, K, 2)
    distances = (sampled(features, candidates) - looks[:, None]).abs().sum(-1)  # (N, K); of equals the nearest
    best = distances.argmin(1)
    return candidates[torch.arange(len(handles)), best]
