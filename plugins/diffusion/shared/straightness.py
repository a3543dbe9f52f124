"""How straight the way of a run is, from its recorded steps alone; plain numbers.

In z = x / (alpha + sigma), t = sigma / (alpha + sigma) the way from noise (t = 1) to clean x (t = 0) is a straight line
where every step points at where the run ends. Liu et al. 2023 (arXiv 2209.03003): S is the mean over t of
||(z1 - z0) - dz/dt||²; here it is shared out among the steps, and told as a share of ||z1 - z0||².
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def bends(x: Sequence[npt.NDArray[np.float32]], noise_left: Sequence[float]) -> FloatArray:
    """How far each step of a run (N + 1 frames) points beside the straight line from its begin to its end, (N,).

    Args:
        x: what each frame holds, of one shape, the finished one last.
        noise_left: sigma² of each, falling.

    Returns: mean squares of that difference over those of the line's own velocity; 0 for a straight way.
    """
    sigma = np.sqrt(np.asarray(noise_left, np.float64))
    sums = np.sqrt(1 - sigma**2) + sigma
    t, z = sigma / sums, np.stack([np.ravel(one) for one in x]) / sums[:, None]
    line = (z[0] - z[-1]) / (t[0] - t[-1])
    steps = np.diff(z, axis=0) / np.diff(t)[:, None]
    return np.asarray(np.square(steps - line).mean(1) / max(float(np.square(line).mean()), 1e-12))


def straightness(each: FloatArray, noise_left: Sequence[float]) -> float:
    """Liu's S of the whole way, as a share: the mean of the bends (N,) of its steps over t."""
    sigma = np.sqrt(np.asarray(noise_left, np.float64))
    lengths = -np.diff(sigma / (np.sqrt(1 - sigma**2) + sigma))
    return float((each * lengths).sum() / lengths.sum())
