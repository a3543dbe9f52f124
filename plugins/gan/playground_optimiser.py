"""How a gradient becomes a step in the playground: Adam (Kingma and Ba 2015) and plain descent, on flat arrays."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .playground_network import AnyFloat

BETAS: Final = (0.5, 0.9)
"""A rival's gradient turns often, so little of it is kept (Radford et al. 2016)."""
EPSILON: Final = 1e-8


@dataclass(frozen=True, eq=False)
class Moments:
    """What Adam keeps: running means of gradient and squared gradient (n,), and how many steps they hold."""

    mean: AnyFloat
    square: AnyFloat
    n_steps: int = 0


def adam(weights: AnyFloat, gradient: AnyFloat, moments: Moments, rate: float) -> tuple[AnyFloat, Moments]:
    """The weights (n,) after a step down the gradient, and the moments with it; nothing is changed in place."""
    keep, keep_square = BETAS
    n_steps = moments.n_steps + 1
    mean = keep * moments.mean + (1 - keep) * gradient
    square = keep_square * moments.square + (1 - keep_square) * gradient * gradient
    unbiased = np.sqrt(square / (1 - keep_square**n_steps)) + EPSILON
    return weights - rate / (1 - keep**n_steps) * mean / unbiased, Moments(mean, square, n_steps)


def sgd(weights: AnyFloat, gradient: AnyFloat, moments: Moments, rate: float) -> tuple[AnyFloat, Moments]:
    """The weights (n,) a step straight down the gradient; the moments stay as they are."""
    return weights - rate * gradient, moments
