"""What the detective says of one picture: a score, and where in the picture it comes from.

Shape letters: B batch, H W pixels.
"""

from typing import Final, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import Judge, load_judge

from .dcgan_model import PlainDetective
from .detective import Detective

BLUR_PX: Final = 5


class Verdict(Protocol):
    """A detective as the panel asks it."""

    def scores(self, pictures: Tensor) -> Tensor:
        """Higher for what looks real, (B,), of pictures (B, 3, 64, 64), about -1 to 1."""


class PlainVerdict:
    """The detective of a plain GAN."""

    def __init__(self, detective: PlainDetective) -> None:
        self._detective = detective

    def scores(self, pictures: Tensor) -> Tensor:
        return self._detective(pictures)


class SeeingVerdict:
    """The detective of the StyleGAN: its score by pixels and, as heavy, its mean score through the judge's eyes.

    It is told no labels, so that it may judge any picture.
    """

    def __init__(self, detective: Detective, judge: Judge | None = None) -> None:
        self._detective = detective
        self._judge = load_judge("avatars") if judge is None else judge

    def scores(self, pictures: Tensor) -> Tensor:
        by_pixels: Tensor = self._detective(pictures)
        if not self._detective.heads:
            return by_pixels
        seen = self._detective.seen(self._judge.maps(pictures.clamp(-1, 1) / 2 + 0.5))
        return by_pixels + torch.stack([one.mean((1, 2, 3)) for one in seen]).mean(0)


def heat_map(verdict: Verdict, picture: Tensor) -> Tensor:
    """Where the score of a picture (1, 3, H, W) comes from: its gradient's strength, blurred, (H, W) in 0..1."""
    with torch.inference_mode(False), torch.enable_grad():
        inputs = picture.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(verdict.scores(inputs).sum(), inputs)
    strength = gradient.abs().sum(1, keepdim=True)  # (1, 1, H, W)
    for _ in range(2):
        strength = F.avg_pool2d(strength, BLUR_PX, stride=1, padding=BLUR_PX // 2, count_include_pad=False)
    return (strength / strength.amax().clamp_min(1e-12))[0, 0]
