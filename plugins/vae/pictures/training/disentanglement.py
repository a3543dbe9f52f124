"""How orderly the places of digits are: whether one number of a place says one thing of the picture.

Mutual information gap: Chen et al. 2018 (arXiv 1802.04942); active units: Burda et al. 2016 (arXiv 1509.00519).
Shapes: N pictures, Z latent numbers, F factors.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

N_BINS: Final = 10
N_LEVELS: Final = 5
ACTIVE_VARIANCE: Final = 0.01


def digit_factors(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """What is known of digits (N, 28, 28), 255 ink, without any network, (N, 4): which, slant, width and ink.

    Slant and width are moments of the ink; all but the first are levels that hold as many pictures each.
    """
    ink = pictures.astype(np.float64) / 255
    mass = ink.sum((1, 2))  # (N,)
    at = np.arange(ink.shape[1])
    x = (ink.sum(1) * at).sum(1) / mass
    y = (ink.sum(2) * at).sum(1) / mass
    dx, dy = at[None] - x[:, None], at[None] - y[:, None]  # (N, 28) each
    xx, yy = (ink.sum(1) * dx**2).sum(1) / mass, (ink.sum(2) * dy**2).sum(1) / mass
    xy = np.einsum("nyx,ny,nx->n", ink, dy, dx) / mass
    measured = (-xy / yy, np.sqrt(xx), mass)
    return np.stack([labels.astype(np.int64), *(levels(values, N_LEVELS) for values in measured)], axis=1)


def levels(values: NDArray[np.float64], n_levels: int) -> NDArray[np.int64]:
    """Which of `n_levels` parts with as many values each a value (N,) is in, (N,)."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") * n_levels // len(values)


def mutual_information(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """I(one; other) in nats of classes (N,) each, less the bias of so few pictures (Miller and Madow), at least 0."""
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one, other), 1)
    joint = counts / counts.sum()
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    is_there = joint > 0
    found = float((joint[is_there] * np.log(joint[is_there] / apart[is_there])).sum())
    n_free = is_there.sum() - (counts.sum(1) > 0).sum() - (counts.sum(0) > 0).sum() + 1
    return max(0.0, found - float(n_free) / (2 * len(one)))


def information_gap(means: NDArray[np.float64], factors: NDArray[np.int64]) -> float:
    """How much more the best number of a place says of a factor than the second best, 0 to 1, mean over factors.

    `means` (N, Z) are places, `factors` (N, F) classes; as a share of the factor's entropy.
    """
    binned = [levels(column, N_BINS) for column in means.T]
    gaps = []
    for factor in factors.T:
        said = sorted(mutual_information(column, factor) for column in binned)
        gaps.append((said[-1] - said[-2]) / mutual_information(factor, factor))
    return float(np.mean(gaps))


def n_active(means: NDArray[np.float64]) -> int:
    """How many numbers of places (N, Z) differ from picture to picture: their variance is above 0.01."""
    return int((means.var(axis=0) > ACTIVE_VARIANCE).sum())
