"""Layers whose weights are scaled when they are used, so that all of them learn at the same pace.

Equalised learning rate: Karras et al. 2018 (arXiv 1710.10196). Modulation and demodulation: Karras et al. 2020 (arXiv
1912.04958). Shape letters: B batch, C channels, H W pixels.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.nn.packed_conv import PackedWeight

SLOPE = 0.2


def leaky(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the variance of normal input."""
    return F.leaky_relu(x, SLOPE) * math.sqrt(2 / (1 + SLOPE**2))


def normal(*shape: int, deviation: float = 1.0) -> Tensor:
    """Numbers ~ N(0, deviation²) to begin with."""
    return torch.empty(shape).normal_(0, deviation)


def scaled(weight: Tensor, scale: float) -> Tensor:
    """Weights as they are used; those of a settled layer are used as they are kept."""
    return weight if scale == 1 else weight * scale


def settle(network: nn.Module) -> None:
    """Scale the weights of all layers of a network once for all, which then draws the same in less time.

    Only for a network that learns no more and is not saved.
    """
    for layer in network.modules():
        if isinstance(layer, EqualLinear | EqualConv | StyledConv | ToColours):
            layer.settle()


def as_type(x: Tensor, y: Tensor) -> Tensor:
    """x in the type of y; where it has that, torch is not asked: each call of it may let another thread go first."""
    return x if x.dtype == y.dtype else x.to(y.dtype)


class EqualLinear(nn.Module):
    """A linear layer with weights ~ N(0, 1) that are scaled by 1/sqrt(inputs) when used.

    Args:
        pace: how fast it learns beside others; its output at the start is the same for any.
        start: the bias that it begins with.
    """

    def __init__(self, n_in: int, n_out: int, pace: float = 1.0, start: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(n_out, n_in, deviation=1 / pace))
        self.bias = nn.Parameter(torch.full((n_out,), start / pace))
        self.scale = pace / math.sqrt(n_in)
        self.pace = pace

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, scaled(self.weight, self.scale), scaled(self.bias, self.pace))

    @torch.no_grad()
    def settle(self) -> None:
        """Scale weights and biases once for all."""
        self.weight.mul_(self.scale)
        self.bias.mul_(self.pace)
        self.scale = self.pace = 1.0


class EqualConv(nn.Module):
    """A convolution with weights ~ N(0, 1) that are scaled by 1/sqrt(inputs) when used; size kept, or halved."""

    def __init__(self, n_in: int, n_out: int, kernel_px: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(n_out, n_in, kernel_px, kernel_px))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.scale = 1 / math.sqrt(n_in * kernel_px**2)
        self.stride = stride
        self.padding = kernel_px // 2
        self.packed: PackedWeight | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.packed is not None:
            return self.packed.conv2d(x, self.weight, self.bias, self.stride, self.padding)
        return F.conv2d(x, scaled(self.weight, self.scale), self.bias, self.stride, self.padding)

    @torch.no_grad()
    def settle(self) -> None:
        """Scale the weights once for all, and pack them."""
        self.weight.mul_(self.scale)
        self.scale = 1.0
        self.packed = PackedWeight()


def squared_norms(weight: Tensor) -> Tensor:
    """Of weights (O, C, k, k) the squared norm of what each input gives to each output, (C, O)."""
    return weight.float().square().sum((2, 3)).T


def modulated_conv(
    x: Tensor,
    weight: Tensor,
    style: Tensor,
    is_demodulated: bool = True,
    norms: Tensor | None = None,
    packed: PackedWeight | None = None,
) -> Tensor:
    """Convolve each picture with weights whose inputs its own style scales; size kept.

    The weights are shared: inputs are scaled before and outputs after them, which is the same as a grouped convolution
    with weights of its own for each picture, and several times as fast on a processor.

    Args:
        x: (B, C, H, W).
        weight: (O, C, k, k), as it is used.
        style: (B, C), around 1.
        is_demodulated: divide each output by the norm of its weights, so that its variance is that of the input.
        norms: the `squared_norms` of the weights where they are known already.
        packed: what packs weights that change no more.

    Returns (B, O, H, W).
    """
    inputs = x * as_type(style[:, :, None, None], x)
    convolve = F.conv2d if packed is None else packed.conv2d
    y = convolve(inputs, weight, None, 1, weight.shape[-1] // 2)  # (B, O, H, W)
    if not is_demodulated:
        return y
    style = style if style.dtype == torch.float32 else style.float()
    squared = style.square() @ (squared_norms(weight) if norms is None else norms)  # (B, O)
    return y * as_type(torch.rsqrt(squared + 1e-8)[:, :, None, None], y)


class StyledConv(nn.Module):
    """A modulated convolution with noise, bias and leaky ReLU; the style is an affine map of w."""

    norms: Tensor | None

    def __init__(self, n_in: int, n_out: int, n_w: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(n_out, n_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.strength = nn.Parameter(torch.zeros(1))
        self.style = EqualLinear(n_w, n_in, start=1.0)
        self.scale = 1 / math.sqrt(n_in * 9)
        self.register_buffer("norms", None, persistent=False)
        self.packed: PackedWeight | None = None

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """(B, C, H, W) by w (B, n_w) and noise (B or 1, 1, H, W) to (B, O, H, W)."""
        y = modulated_conv(x, scaled(self.weight, self.scale), self.style(w), norms=self.norms, packed=self.packed)
        return leaky(y + as_type(self.strength, y) * as_type(noise, y) + as_type(self.bias[:, None, None], y))

    @torch.no_grad()
    def settle(self) -> None:
        """Scale the weights once for all, pack them, and keep their norms."""
        self.weight.mul_(self.scale)
        self.scale = 1.0
        self.norms = squared_norms(self.weight)
        self.packed = PackedWeight()


class ToColours(nn.Module):
    """A modulated convolution of one pixel without demodulation: the picture so far, (B, n_out, H, W)."""

    def __init__(self, n_in: int, n_out: int, n_w: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(n_out, n_in, 1, 1))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.style = EqualLinear(n_w, n_in, start=1.0)
        self.scale = 1 / math.sqrt(n_in)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        y = modulated_conv(x, scaled(self.weight, self.scale), self.style(w), is_demodulated=False)
        return y + as_type(self.bias[:, None, None], y)

    @torch.no_grad()
    def settle(self) -> None:
        """Scale the weights once for all."""
        self.weight.mul_(self.scale)
        self.scale = 1.0
