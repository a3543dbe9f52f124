"""What StyleGAN2 and StyleGAN3 have in common: mapping network, styled convolution, filters that change the size.

Karras et al. 2019 (arXiv 1812.04948), 2020 (arXiv 1912.04958; upfirdn). Filters that avoid aliasing: Karras et al. 2021
(arXiv 2106.12423), appendix C: a sinc under a Kaiser window (Kaiser 1974), and its version for the plane with a jinc
for the sinc. Parameters carry the names that the authors' files use. They are not set to anything, since they come from
a file; so a network of any size is made at once. Shape letters: B batch, C channels in, O channels out, K classes, H W
pixels, T taps.
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


def upfirdn(x: Tensor, taps: Tensor, up: int = 1, down: int = 1, pad: tuple[int, int] = (0, 0)) -> Tensor:
    """Put `up` - 1 zeros behind each pixel, pad, convolve with a filter, and keep every `down`-th pixel.

    Args:
        x: (B, C, H, W).
        taps: (T,) used along both axes one after the other, or (T, T).
        pad: zeros before and after, along both axes; negative ones cut off.

    Returns (B, C, H', W') with H' = (H up + sum of pad - T + 1) / down, rounded up.
    """
    if taps.dim() == 2:
        return _filtered(x, taps, (up, up), (down, down), (pad, pad))
    x = _filtered(x, taps[None, :], (1, up), (1, down), ((0, 0), pad))
    return _filtered(x, taps[:, None], (up, 1), (down, 1), (pad, (0, 0)))


def _filtered(
    x: Tensor, taps: Tensor, up: tuple[int, int], down: tuple[int, int], pad: tuple[tuple[int, int], tuple[int, int]]
) -> Tensor:
    """The same with numbers for each axis (down the picture, along it), and taps (T, T'); one channel at a time."""
    n_channels = x.shape[1]
    kernel = taps.to(x.dtype).expand(n_channels, 1, *taps.shape)
    if up == (1, 1):
        return F.conv2d(_padded(x, pad), kernel.flip((2, 3)), stride=down, groups=n_channels)
    # All places that the filter reaches: longer by T - 1 before; behind, the last pixel's zeros are missing.
    full = F.conv_transpose2d(x, kernel, stride=up, groups=n_channels)
    rest = tuple(
        (before - (n - 1), behind - (n - 1) + factor - 1)
        for (before, behind), n, factor in zip(pad, taps.shape, up, strict=True)
    )
    return _padded(full, rest)[:, :, :: down[0], :: down[1]]


def _padded(x: Tensor, pad: tuple[tuple[int, int], ...]) -> Tensor:
    (top, bottom), (left, right) = pad
    if max(top, bottom, left, right) > 0:
        return F.pad(x, (left, right, top, bottom))
    return x[:, :, -top : x.shape[2] + bottom, -left : x.shape[3] + right]  # cut off without a copy


def low_pass(n_taps: int, cutoff: float, width: float, rate: float, *, is_radial: bool = False) -> Tensor:
    """Taps of a low-pass filter that sum to 1, (T,), or (T, T) where it is the same in all directions.

    Args:
        cutoff: the frequency that is halved. width: of the transition around it. rate: samples to a unit; all in
            the same unit, 2 cutoff < rate.
    """
    beta = _kaiser_beta(n_taps, width / (rate / 2))
    window = torch.kaiser_window(n_taps, periodic=False, beta=beta, dtype=torch.float64)
    place = (torch.arange(n_taps, dtype=torch.float64) - (n_taps - 1) / 2) / rate
    if not is_radial:
        taps = torch.sinc(2 * cutoff * place) * window
    else:
        radius = torch.hypot(place[:, None], place[None, :])
        # J1(2 pi f r) / r, whose limit in the middle of an odd number of taps is pi f.
        jinc = torch.special.bessel_j1(2 * math.pi * cutoff * radius) / radius
        taps = torch.where(radius == 0, math.pi * cutoff, jinc) * torch.outer(window, window)
    return (taps / taps.sum()).float()


def _kaiser_beta(n_taps: int, width: float) -> float:
    """The shape of Kaiser's window by the attenuation in dB that so many taps reach; `width` is relative to half the
    sampling rate.
    """
    attenuation = 2.285 * (n_taps - 1) * math.pi * width + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    return 0.0
