"""Easing: how a segment of a path starts and ends, as one cubic with a speed at either end."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Easing: TypeAlias = Literal["linear", "in", "out", "in_out"]
EASINGS: tuple[Easing, ...] = ("linear", "in", "out", "in_out")
SPEEDS: dict[Easing, tuple[float, float]] = {
    "linear": (1.0, 1.0),
    "in": (0.0, 1.0),
    "out": (1.0, 0.0),
    "in_out": (0.0, 0.0),
}
"""The speed at the start and at the end of a segment, in units of its mean speed; 0 is a stand-still."""


def cubic_progress(u: npt.ArrayLike, start_speed: npt.ArrayLike, end_speed: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return how much of the way is done at a share `u` of the time: the cubic with these end speeds (Hermite).

    linear: u; in: 2u² - u³; out: u + u² - u³; in_out: 3u² - 2u³. Monotone for speeds in [0, 3] (Fritsch and Carlson
    1980).
    """
    u, start_speed, end_speed = (np.asarray(value, np.float64) for value in (u, start_speed, end_speed))
    bend, turn = 3 - 2 * start_speed - end_speed, start_speed + end_speed - 2
    return np.asarray(((turn * u + bend) * u + start_speed) * u)
