"""Looks for the place whose picture is most like a given one: the best of many, then gradients on w, then on w+.

w: Karras et al. 2020 (arXiv 1912.04958, projector). w+, a row of its own for each layer: Abdal et al. 2019 (arXiv
1904.03189). Shape letters: N samples, L rows of w, D numbers in each, B batch, H W pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .place_descent import Descent
from .project_likeness import Likeness

Array: TypeAlias = npt.NDArray[np.float32]
Draw: TypeAlias = Callable[[Tensor], Tensor]
"""Places (B, L, D) to pictures (B, 3, H, W), about -1 to 1; differentiable."""
LEAST_SHARE: Final = 0.05
"""No direction counts as narrower than this share of the widest one, or a picture off the known ones cannot be met."""
PULL: Final = 2e-3
RATE: Final = 0.08
PLUS_RATE: Final = 0.04


@dataclass(frozen=True)
class Spread:
    """How the w of random places are spread, as a normal distribution.

    Attributes:
        mean: (D,). axes: (D, D), orthonormal rows. deviations: (D,) along them.
    """

    mean: Tensor
    axes: Tensor
    deviations: Tensor

    def whitened(self, w: Tensor) -> Tensor:
        """Places (..., D) in standard deviations along the axes."""
        return (w - self.mean) @ self.axes.T / self.deviations

    def to(self, device: torch.device) -> "Spread":
        """The same on another device."""
        return Spread(self.mean.to(device), self.axes.to(device), self.deviations.to(device))

    def placed(self, u: Tensor) -> Tensor:
        """The way back."""
        return u * self.deviations @ self.axes + self.mean


def spread_of(ws: Array) -> Spread:
    """The spread of places (N, D), N >= 2."""
    mean = ws.mean(0, dtype=np.float64)
    variances, vectors = np.linalg.eigh(np.cov(ws.astype(np.float64), rowvar=False).reshape(ws.shape[1], -1))
    deviations = np.sqrt(np.maximum(variances, 0))
    floor = max(LEAST_SHARE * float(deviations.max()), 1e-6)
    parts = (mean, vectors.T, np.maximum(deviations, floor))
    return Spread(*(torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in parts))


class Projection:
    """Steps of Adam (Kingma and Ba 2015) on the whitened place, which a pull holds near those that are known.

    Attributes:
        is_plus: whether each layer has a row of its own by now.
    """

    def __init__(self, draw: Draw, likeness: Likeness, spread: Spread, start: Array, n_layers: int) -> None:
        """`start` is one w (D,)."""
        self._draw, self._likeness, self._spread = draw, likeness, spread
        self._n_layers = n_layers
        self.is_plus = False
        self._descent = Descent(spread.whitened(torch.from_numpy(start))[None])  # of (1 or L, D)

    def widen(self) -> None:
        """From now on each layer has a row of its own."""
        self.is_plus = True
        self._descent = Descent(self._descent.value.expand(self._n_layers, -1).clone())

    @property
    def place(self) -> Array:
        """Where the search is, (L, D)."""
        rows = self._spread.placed(self._descent.value).expand(self._n_layers, -1)
        return np.ascontiguousarray(rows.numpy(), np.float32)

    def step(self, pace: float = 1.0) -> float:
        """Take one step, `pace` times as long as usual; returns the distance before it, without the pull."""
        with torch.inference_mode(False), torch.enable_grad():
            u = self._descent.value.detach().clone().requires_grad_()
            rows = self._spread.placed(u).expand(self._n_layers, -1)
            distance = self._likeness.distances(self._draw(rows[None]))[0]
            (gradient,) = torch.autograd.grad(distance + PULL * u.square().mean(), u)
        self._descent.follow(gradient, pace * (PLUS_RATE if self.is_plus else RATE))
        return float(distance.detach())
