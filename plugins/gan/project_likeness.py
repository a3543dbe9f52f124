"""How unlike a drawn picture is to a person's own: by what the judge of faces sees, and by edges at several sizes.

Perceptual distance on normalised maps: Zhang et al. 2018 (arXiv 1801.03924). Shape letters: B batch, C channels, H W
pixels.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import Judge
from studio.nn.pyramid import pyramid_errors

MOST_PX: Final = 128
"""Larger pictures are averaged down: what is finer decides no projection, and would cost a hundred times as much."""
PERCEPTUAL: Final = 0.15
"""How heavy the judge's distance is beside that of the pyramid."""


class Likeness:
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
