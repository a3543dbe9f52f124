"""What StyleGAN2 and StyleGAN3 have in common: the mapping network and the styled convolution.

Karras et al. 2019 (arXiv 1812.04948), 2020 (arXiv 1912.04958). Parameters carry the names that the authors' files use.
They are not set to anything, since they come from a file; so a network of any size is made at once. Shape letters: B
batch, C channels in, O channels out, K classes, H W pixels.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
GAIN = math.sqrt(2)
MEAN_SAMPLES = 4096
_SMALL = 1e-8


def leaky(x: Tensor, gain: float = GAIN, clamp: float = math.inf) -> Tensor:
    """Leaky ReLU times `gain`, then cut to -clamp..clamp; x is overwritten where no gradient needs it."""
    if x.requires_grad:
        return (F.leaky_relu(x, SLOPE) * gain).clamp(-clamp, clamp)
    return F.leaky_relu(x, SLOPE, inplace=True).mul_(gain).clamp_(-clamp, clamp)


def to_sphere(x: Tensor) -> Tensor:
    """Rows (B, N) scaled to a mean square of 1."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + _SMALL)


def blank(*shape: int) -> nn.Parameter:
    """A parameter that is filled from a file later."""
    return nn.Parameter(torch.empty(shape))


class Affine(nn.Module):
    """A linear layer whose weights are scaled by pace / sqrt(inputs) and biases by `pace` when they are used.

    Equalised learning rate: Karras et al. 2018 (arXiv 1710.10196).
    """

    def __init__(self, n_in: int, n_out: int, pace: float = 1.0) -> None:
        super().__init__()
        self.weight, self.bias = blank(n_out, n_in), blank(n_out)
        self.pace = pace

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * (self.pace / math.sqrt(x.shape[1])), self.bias * self.pace)


@dataclass(frozen=True)
class MappingConfig:
    """Sizes of the mapping network.

    Attributes:
        n_z: numbers of a place.
        widths: of its layers, the last one that of w.
        n_classes: 0 where it knows none; `n_embedded` numbers stand for a class.
        pace: how fast it learnt beside the other layers, which scales its weights.
    """

    n_z: int
    widths: tuple[int, ...]
    n_classes: int = 0
    n_embedded: int = 0
    pace: float = 0.01

    @property
    def n_w(self) -> int:
        """Numbers of a w."""
        return self.widths[-1]


class StyleMapping(nn.Module):
    """Places z (B, n_z), with a class (B, K) where there are some, to w (B, n_w)."""

    w_avg: Tensor

    def __init__(self, config: MappingConfig) -> None:
        super().__init__()
        self.config = config
        if config.n_classes:
            self.embed = Affine(config.n_classes, config.n_embedded)
        n_in = [config.n_z + (config.n_embedded if config.n_classes else 0), *config.widths]
        for i, (before, after) in enumerate(zip(n_in, config.widths, strict=False)):
            self.add_module(f"fc{i}", Affine(before, after, config.pace))
        self.register_buffer("w_avg", torch.zeros(config.n_w))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """No class, where there are some, is a row of zeros."""
        x = to_sphere(z)
        if self.config.n_classes:
            said = z.new_zeros(len(z), self.config.n_classes) if c is None else c
            x = torch.cat([x, to_sphere(self.embed(said))], 1)
        for i in range(len(self.config.widths)):
            x = leaky(self.get_submodule(f"fc{i}")(x))
        return x


def mean_place(mapping: StyleMapping, n_samples: int, c: Tensor | None = None) -> Tensor:
    """The mean w (n_w,) of so many places, always the same ones, with a class (1, K) or none."""
    z = torch.randn(n_samples, mapping.config.n_z, generator=torch.Generator().manual_seed(0)).to(mapping.w_avg)
    mean: Tensor = mapping(z, None if c is None else c.expand(n_samples, -1)).mean(0)
    return mean


def styled(
    x: Tensor,
    weight: Tensor,
    style: Tensor,
    convolve: Callable[[Tensor, Tensor], Tensor],
    gain: Tensor | float = 1.0,
) -> Tensor:
    """`convolve(x, weight)` with weights (O, C, k, k) whose inputs the styles (B, C) scale, to norm 1, times `gain`.

    The weights are shared by all pictures: inputs are scaled before and outputs after, which is the same as weights of
    its own for each picture as long as the convolution is linear.
    """
    y = convolve(x * style[:, :, None, None], weight)
    squared = style.square() @ weight.square().sum((2, 3)).T  # (B, O)
    return y.mul_((torch.rsqrt(squared + _SMALL) * gain)[:, :, None, None])
