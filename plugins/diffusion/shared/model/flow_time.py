"""Flow matching in the terms of this family: where x = (1 - s) x0 + s eps lies, scaled so that its variance is kept.

Flows move on straight lines between a clean x0 (share s = 0) and noise eps (s = 1), and their networks say the velocity
v = eps - x0 (Lipman 2022, arXiv 2210.02747; Liu 2022, arXiv 2209.03003). Divided by the root of (1 - s)² + s² the same
x is alpha x0 + sigma eps with alpha² + sigma² = 1, so that every sampler walks it. A step of Euler's is
that of a flow.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LEAST_SIGNAL = 1e-6
"""alpha where nothing of the picture is left: small enough to be nothing, large enough to divide by."""


def share_of(time: float, n_times: int) -> float:
    """Return the share s of noise, 1 / n_times..1, at a time -1..n_times - 1 of the training; -1 is clean."""
    return (time + 1) / n_times


def time_of(shares: Array, n_times: int) -> Array:
    """Return the times at which the noise has these shares."""
    return shares * n_times - 1


def level_of(share: float) -> tuple[float, float]:
    """Return alpha and sigma at a share s of noise."""
    length = length_of(share)
    return max((1 - share) / length, LEAST_SIGNAL), share / length


def length_of(share: float) -> float:
    """Return what x with variance 1 is multiplied by to be the flow's x at a share s of noise."""
    return math.hypot(1 - share, share)


def shifted(shares: Array, shift: float) -> Array:
    """Return shares moved towards noise, as large pictures need it (Esser 2024, arXiv 2403.03206, equation 23)."""
    return shift * shares / (1 + (shift - 1) * shares)


def flow_times(n_times: int, n_steps: int, shift: float, is_even: bool) -> Array:
    """Return the times (n,) at which a model of other people is asked.

    Where `is_even` its shares fall evenly and are shifted once, as for Flux; else, as for Stable Diffusion 3, they
    fall to the last share of the training, and are shifted in the training and in the run.
    """
    least = 1 / n_steps if is_even else float(shifted(np.array(1 / n_times), shift))
    return time_of(shifted(np.linspace(1.0, least, n_steps), shift), n_times)
