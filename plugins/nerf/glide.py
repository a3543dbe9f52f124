"""A speed that follows the hand and dies away, the same for every frame rate."""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Glide:
    """Speeds that near wanted ones like 1 - e^(-t/τ); solved exactly, so that the length of a step does not matter.

    Args:
        size: how many speeds.
        still: a way so short that it is not seen; what would go on for less stands.
    """

    def __init__(self, size: int, still: float) -> None:
        self.speed: Array = np.zeros(size)
        self.still = still

    def push(self, way: npt.ArrayLike, tau_s: float) -> None:
        """Give an impulse that carries so far until it has died away."""
        self.speed = self.speed + np.asarray(way, np.float64) / tau_s

    def stop(self) -> None:
        """Stand at once."""
        self.speed = np.zeros_like(self.speed)

    @property
    def is_moving(self) -> bool:
        """Whether there is any speed left."""
        return bool(self.speed.any())

    def advance(self, dt_s: float, wanted: npt.ArrayLike, tau_s: float) -> Array:
        """Let time pass and return the way gone meanwhile.

        Args:
            wanted: the speeds that are held, 0 where nobody pushes.
            tau_s: after that time, 1/e of the difference is left.
        """
        target = np.asarray(wanted, np.float64)
        left = math.exp(-dt_s / tau_s)
        way = target * dt_s + (self.speed - target) * tau_s * (1 - left)
        self.speed = target + (self.speed - target) * left
        if not target.any() and np.abs(self.speed).max() * tau_s < self.still:
            self.stop()
        return np.asarray(way)
