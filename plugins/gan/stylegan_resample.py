"""Enlarging, filtering and thinning out of pictures, and the low-pass filters for it.

upfirdn: Karras et al. 2020 (arXiv 1912.04958). Filters that avoid aliasing: Karras et al. 2021 (arXiv 2106.12423),
appendix C: a sinc under a Kaiser window (Kaiser 1974), and its version for the plane with a jinc for the sinc. Shape
letters: B batch, C channels, H W pixels, T taps.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


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
