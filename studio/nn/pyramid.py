"""How far two pictures are from each other at several sizes: edges count as much as surfaces."""

from torch import Tensor
from torch.nn import functional as F


def pyramid_errors(drawn: Tensor, pictures: Tensor, n_levels: int = 3) -> Tensor:
    """Mean absolute differences of the bands of a Laplacian pyramid (Burt and Adelson 1983), with equal weight.

    Args:
        drawn, pictures: (B, C, H, W) each.
        n_levels: how often the side is halved.
    """
    total = drawn.new_zeros(())
    difference = drawn - pictures  # the pyramid is linear
    for _ in range(n_levels):
        coarse = F.avg_pool2d(difference, 2)
        total = total + (difference - F.interpolate(coarse, scale_factor=2, mode="nearest")).abs().mean()
        difference = coarse
    return total + difference.abs().mean()
