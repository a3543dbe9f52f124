"""Adam on one tensor (Kingma and Ba 2015, arXiv 1412.6980), for places that are looked for while a person watches.

torch.optim would import a compiler at its first step, which takes seconds.
"""

from typing import Final

import torch
from torch import Tensor

MEAN_DECAY: Final = 0.9
SQUARE_DECAY: Final = 0.99
TINY: Final = 1e-8


class Descent:
    """Attributes: value: where it is."""

    def __init__(self, value: Tensor) -> None:
        self.value = value
        self._mean, self._square = torch.zeros_like(value), torch.zeros_like(value)
        self._n = 0

    def follow(self, gradient: Tensor, rate: float) -> None:
        """Go one step down; in steady slopes each number changes by `rate`."""
        self._n += 1
        self._mean = MEAN_DECAY * self._mean + (1 - MEAN_DECAY) * gradient
        self._square = SQUARE_DECAY * self._square + (1 - SQUARE_DECAY) * gradient.square()
        mean = self._mean / (1 - MEAN_DECAY**self._n)
        square = self._square / (1 - SQUARE_DECAY**self._n)
        self.value = self.value - rate * mean / (square.sqrt() + TINY)
