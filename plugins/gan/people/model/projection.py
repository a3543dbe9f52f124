"""Looks for the place whose picture is most like a given one: the distance of two pictures, and descent on w and w+.

w: Karras et al. 2020 (arXiv 1912.04958, projector). w+, a row of its own for each layer: Abdal et al. 2019 (arXiv
1904.03189). Perceptual distance on normalised maps: Zhang et al. 2018 (arXiv 1801.03924). Shape letters: N samples,
L rows of w, D numbers in each, B batch, C channels, H W pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import Judge
from studio.nn.adam import AdamW
from studio.nn.pyramid import pyramid_errors

DECAYS: Final = (0.9, 0.99)
MOST_PX: Final = 128
"""Larger pictures are averaged down: what is finer decides no projection, and would cost a hundred times as much."""
PERCEPTUAL: Final = 0.15
"""How heavy the judge's distance is beside that of the pyramid."""
Array: TypeAlias = npt.NDArray[np.float32]
Draw: TypeAlias = Callable[[Tensor], Tensor]
"""Places (B, L, D) to pictures (B, 3, H, W), about -1 to 1; differentiable."""
LEAST_SHARE: Final = 0.05
"""No direction counts as narrower than this share of the widest one, or a picture off the known ones cannot be met."""
PULL_TO_MEAN: Final = 2e-3
PROJECTION_RATE: Final = 0.08
PLUS_RATE: Final = 0.04


class ProjectionDistance:
    """The distance to one picture.

    With a judge, which was trained on faces of 64 pixels, its maps count beside the pyramid; a generator of another
    size, or of other people, is held against the pyramid alone, since the judge has never seen what it draws.
    """

    def __init__(self, target: Tensor, judge: Judge | None = None) -> None:
        """`target` is (1, 3, H, W), about -1 to 1."""
        self._judge = judge
        self._target = _reduced(target)
        self._n_levels = _n_halvings(self._target.shape[-1])
        self._seen = [] if judge is None else _normalised(judge, self._target)

    def distances(self, pictures: Tensor) -> Tensor:
        """The distance of each picture (B, 3, H, W) to the target, (B,); differentiable."""
        reduced = _reduced(pictures)
        found = torch.stack([pyramid_errors(one, self._target, self._n_levels) for one in reduced.split(1)])
        if self._judge is None:
            return found
        for maps, wanted in zip(_normalised(self._judge, reduced), self._seen, strict=True):
            found = found + PERCEPTUAL * (maps - wanted).square().sum(1).mean((1, 2))
        return found

    def error(self, pictures: Tensor) -> float:
        """The mean difference of a colour, 0 to 1, of pictures (B, 3, H, W)."""
        return float((_reduced(pictures) - self._target).abs().mean()) / 2


def _reduced(pictures: Tensor) -> Tensor:
    side = pictures.shape[-1]
    return pictures if side <= MOST_PX else F.interpolate(pictures, size=(MOST_PX, MOST_PX), mode="area")


def _n_halvings(side_px: int) -> int:
    """How often a side can be halved, 3 at most."""
    return next(n for n in (3, 2, 1, 0) if side_px % 2**n == 0)


def _normalised(judge: Judge, pictures: Tensor) -> list[Tensor]:
    """What the judge's blocks see, each place of length 1, (B, C, H', W') each."""
    seen = judge.maps((pictures / 2 + 0.5).clamp(0, 1))
    return [F.normalize(maps, dim=1) for maps in seen]


@dataclass(frozen=True)
class LatentSpread:
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

    def to(self, device: torch.device) -> "LatentSpread":
        """The same on another device."""
        return LatentSpread(self.mean.to(device), self.axes.to(device), self.deviations.to(device))

    def placed(self, u: Tensor) -> Tensor:
        """The way back."""
        return u * self.deviations @ self.axes + self.mean


def spread_of(ws: Array) -> LatentSpread:
    """The spread of places (N, D), N >= 2."""
    mean = ws.mean(0, dtype=np.float64)
    variances, vectors = np.linalg.eigh(np.cov(ws.astype(np.float64), rowvar=False).reshape(ws.shape[1], -1))
    deviations = np.sqrt(np.maximum(variances, 0))
    floor = max(LEAST_SHARE * float(deviations.max()), 1e-6)
    parts = (mean, vectors.T, np.maximum(deviations, floor))
    return LatentSpread(*(torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in parts))


class LatentProjection:
    """Steps of Adam on the whitened place, which a pull holds near those that are known.

    Attributes:
        is_plus: whether each layer has a row of its own by now.
    """

    def __init__(
        self, draw: Draw, likeness: ProjectionDistance, spread: LatentSpread, start: Array, n_layers: int
    ) -> None:
        """`start` is one w (D,)."""
        self._draw, self._likeness, self._spread = draw, likeness, spread
        self._n_layers = n_layers
        self.is_plus = False
        self._begin(spread.whitened(torch.from_numpy(start))[None])

    def widen(self) -> None:
        """From now on each layer has a row of its own."""
        self.is_plus = True
        self._begin(self._place.expand(self._n_layers, -1))

    def _begin(self, place: Tensor) -> None:
        """Descend from a whitened place, (1 or L, D)."""
        with torch.inference_mode(False):
            self._place = place.detach().clone().requires_grad_()
        self._descent = AdamW([self._place], PLUS_RATE if self.is_plus else PROJECTION_RATE, DECAYS)

    @property
    def place(self) -> Array:
        """Where the search is, (L, D)."""
        rows = self._spread.placed(self._place.detach()).expand(self._n_layers, -1)
        return np.ascontiguousarray(rows.numpy(), np.float32)

    def step(self, pace: float = 1.0) -> float:
        """Take one step, `pace` times as long as usual; returns the distance before it, without the pull."""
        with torch.inference_mode(False), torch.enable_grad():
            rows = self._spread.placed(self._place).expand(self._n_layers, -1)
            distance = self._likeness.distances(self._draw(rows[None]))[0]
            pulled = distance + PULL_TO_MEAN * self._place.square().mean()
            (self._place.grad,) = torch.autograd.grad(pulled, self._place)
            self._descent.rate = pace * (PLUS_RATE if self.is_plus else PROJECTION_RATE)
            self._descent.step()
        return float(distance.detach())
