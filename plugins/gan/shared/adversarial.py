"""The losses of generator and discriminator, and the penalties that keep them in balance.

Scores are the discriminator's numbers before any squashing, higher for what looks real; a batch of them of any shape.
Non-saturating loss: Goodfellow et al. 2014 (arXiv 1406.2661). Least squares: Mao et al. 2017 (arXiv 1611.04076).
WGAN-GP: Gulrajani et al. 2017 (arXiv 1704.00028). Hinge: Lim and Ye 2017 (arXiv 1705.02894). R1: Mescheder et al. 2018
(arXiv 1801.04406).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def non_saturating_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Cross-entropy of telling real from fake: mean softplus(-real) + mean softplus(fake)."""
    return F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()


def non_saturating_generator(fake: Tensor) -> Tensor:
    """Minus the log of the chance that the discriminator takes fakes for real: mean softplus(-fake)."""
    return F.softplus(-fake.float()).mean()


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Squared distance of real scores from 1 and of fake ones from 0, half of each mean."""
    return 0.5 * ((real.float() - 1).square().mean() + fake.float().square().mean())


def least_squares_generator(fake: Tensor) -> Tensor:
    """Squared distance of fake scores from 1."""
    return 0.5 * (fake.float() - 1).square().mean()


def wasserstein_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Minus the estimate of the Wasserstein distance: mean fake - mean real."""
    return fake.float().mean() - real.float().mean()


def wasserstein_generator(fake: Tensor) -> Tensor:
    """Minus the mean score of fakes."""
    return -fake.float().mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """What is missing from real scores to 1 and from fake ones to -1."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def squared_slope(scores: Tensor, inputs: Tensor) -> Tensor:
    """Squared norm of the gradient of each score by its own input, (B,), differentiable; inputs (B, ...)."""
    (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    exact = gradient.to(torch.promote_types(gradient.dtype, torch.float32))  # half precision would lose small ones
    return exact.square().flatten(1).sum(1)


def r1_penalty(scores: Tensor, real: Tensor) -> Tensor:
    """Half the mean squared gradient at real pictures (B, ...) that require gradients; times gamma it is R1."""
    return 0.5 * squared_slope(scores, real).mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """Mean squared distance from 1 of the critic's slope between real and fake, (B, ...) each; mix (B,) in [0, 1]."""
    share = mix.view(-1, *[1] * (real.dim() - 1))
    between = (share * real + (1 - share) * fake).detach().requires_grad_()  # (B, ...)
    slope = (squared_slope(critic(between), between) + 1e-12).sqrt()  # (B,)
    return (slope - 1).square().mean()


@contextmanager
def frozen(*networks: nn.Module) -> Iterator[None]:
    """Gradients flow through these networks to what was put in, but their weights get none."""
    learning = [weight for network in networks for weight in network.parameters() if weight.requires_grad]
    for weight in learning:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in learning:
            weight.requires_grad_(True)
