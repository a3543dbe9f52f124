"""The losses of the playground with their gradients by the scores; see `adversarial` for the papers.

Scores (B, 1) are the detective's numbers before any squashing, higher for what looks real.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from .playground_network import AnyFloat, Network

PENALTY: Final = 0.1
"""Weight of the gradient penalty in two dimensions, as Gulrajani et al. 2017 (arXiv 1704.00028) chose it there."""
Loss: TypeAlias = tuple[float, AnyFloat]
"""A loss and its gradient by the scores (B, 1)."""


def softplus(x: AnyFloat) -> AnyFloat:
    """log(1 + e^x) without overflow."""
    return np.logaddexp(0, x)


def sigmoid(x: AnyFloat) -> AnyFloat:
    """1 / (1 + e^-x) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def told_real(scores: AnyFloat) -> Loss:
    """What the detective loses on real points: mean softplus(-score)."""
    return float(softplus(-scores).mean()), -sigmoid(-scores) / len(scores)


def told_fake(scores: AnyFloat) -> Loss:
    """What the detective loses on forged points: mean softplus(score)."""
    return float(softplus(scores).mean()), sigmoid(scores) / len(scores)


def taken_for_real(scores: AnyFloat) -> Loss:
    """What the forger loses (non-saturating): mean softplus(-score)."""
    return told_real(scores)


def not_found_out(scores: AnyFloat) -> Loss:
    """What the forger loses in the first GAN (minimax): -mean softplus(score); fades where the detective wins."""
    value, slope = told_fake(scores)
    return -value, -slope


def high(scores: AnyFloat) -> Loss:
    """Minus the mean score."""
    return -float(scores.mean()), np.full_like(scores, -1 / len(scores))


def low(scores: AnyFloat) -> Loss:
    """The mean score."""
    return float(scores.mean()), np.full_like(scores, 1 / len(scores))


REAL: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": told_real,
    "minimax": told_real,
    "wasserstein": high,
}
FAKE: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": told_fake,
    "minimax": told_fake,
    "wasserstein": low,
}
FORGER: Final[dict[str, Callable[[AnyFloat], Loss]]] = {
    "non_saturating": taken_for_real,
    "minimax": not_found_out,
    "wasserstein": high,
}


def gradient_penalty(critic: Network, points: AnyFloat) -> tuple[float, AnyFloat]:
    """Mean squared distance of the critic's slope at points (B, 2) from 1, and its gradient by the weights (n,)."""
    _, trace = critic.forward(points)
    slope = critic.input_slope(trace, np.ones_like(points[:, :1]))  # (B, 2)
    length = np.sqrt((slope * slope).sum(1, keepdims=True) + 1e-12)  # (B, 1)
    way = 2 * (length - 1) / length * slope / len(points)  # the penalty's gradient by the slope
    return float(((length - 1) ** 2).mean()), critic.directional_backward(trace, way)
