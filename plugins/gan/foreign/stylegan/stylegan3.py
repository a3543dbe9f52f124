"""The generator of StyleGAN3, whose details move with what they lie on instead of sticking to pixels.

Karras et al. 2021 (arXiv 2106.12423): configuration T (translation) and R (rotation). Parameters carry the names of
NVIDIA's files. Shape letters: B batch, C channels in, O channels out, L rows of w, H W pixels, T taps.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import GAIN, Affine, MappingConfig, StyleMapping, blank, leaky, low_pass, styled, upfirdn

MAX_CUTOFF_SHARE: Final = 0.5
"""Of the picture's size: the highest frequency that the last layers draw."""


@dataclass(frozen=True)
class StyleGan3Config:
    """Sizes of the generator; what has a value is so in both configurations of the paper.

    Attributes:
        mapping: those of the mapping network.
        size_px: the side of its pictures.
        widths: channels of its layers, the last one that of the colours, which is 3.
        n_critical: how many layers before the colours use all frequencies.
        first_cutoff, first_stopband: frequencies of the first layer, in cycles to a picture.
        last_stopband_rel: that of the last one, relative to its cutoff.
        margin_px: pixels on each side that are cut off in the end.
        kernel_px: 3, or 1 in configuration R, whose filters are radial.
        n_taps: of a filter, for each time that it enlarges. oversampling: while the nonlinearity is applied.
        clamp: activations are cut to this size. output_scale: colours are multiplied by it.
    """

    mapping: MappingConfig
    size_px: int
    widths: tuple[int, ...]
    n_critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2**2.1
    last_stopband_rel: float = 2**0.3
    margin_px: int = 10
    output_scale: float = 0.25
    kernel_px: int = 3
    is_radial: bool = False
    n_taps: int = 6
    oversampling: int = 2
    clamp: float = 256.0

    @property
    def n_layers(self) -> int:
        """Layers before the one that makes colours."""
        return len(self.widths) - 1


@dataclass(frozen=True)
class Band:
    """What one layer gives out: its side in pixels, samples and frequencies in cycles to a picture, its channels."""

    size_px: int
    rate: float
    cutoff: float
    half_width: float
    n_channels: int


def bands(config: StyleGan3Config) -> list[Band]:
    """Those of all layers and of the one that makes colours; cutoffs grow by the same factor from layer to layer."""
    share = np.minimum(np.arange(config.n_layers + 1) / (config.n_layers - config.n_critical), 1)
    last_cutoff = config.size_px * MAX_CUTOFF_SHARE
    cutoffs = config.first_cutoff * (last_cutoff / config.first_cutoff) ** share
    stopbands = config.first_stopband * (last_cutoff * config.last_stopband_rel / config.first_stopband) ** share
    rates = np.exp2(np.ceil(np.log2(np.minimum(2 * stopbands, config.size_px))))
    half_widths = np.maximum(stopbands, rates / 2) - cutoffs
    sizes = rates + 2 * config.margin_px
    sizes[-2:] = config.size_px
    rows = zip(sizes, rates, cutoffs, half_widths, config.widths, strict=True)
    return [Band(int(size), float(rate), float(f), float(half), n) for size, rate, f, half, n in rows]


class FourierInput(nn.Module):
    """Waves over a plane that w turns and moves: (B, n_w) to (B, C, H, W)."""

    transform: Tensor
    freqs: Tensor
    phases: Tensor

    def __init__(self, band: Band, n_w: int) -> None:
        super().__init__()
        n = band.n_channels
        self.band = band
        self.affine = Affine(n_w, 4)
        self.weight = blank(n, n)
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", torch.empty(n, 2))  # within the cutoff, in cycles to a picture
        self.register_buffer("phases", torch.empty(n))

    def forward(self, w: Tensor) -> Tensor:
        matrix = self._matrix(w)  # (B, 3, 3)
        phases = self.phases + (self.freqs @ matrix[:, :2, 2:])[:, :, 0]  # (B, C)
        freqs = self.freqs @ matrix[:, :2, :2]  # (B, C, 2)
        # Waves too fine for the grid are faded out.
        room = self.band.rate / 2 - self.band.cutoff
        amplitudes = (1 - (freqs.norm(dim=2) - self.band.cutoff) / room).clamp(0, 1)  # (B, C)
        n = self.band.size_px  # the picture without its margin goes from -0.5 to 0.5
        places = (torch.arange(n, device=w.device) - (n - 1) / 2) / self.band.rate  # (H,)
        along = freqs[:, :, 0, None, None] * places  # (B, C, 1, W)
        down = freqs[:, :, 1, None, None] * places[:, None]  # (B, C, H, 1)
        waves = torch.sin(2 * math.pi * (along + down + phases[:, :, None, None])) * amplitudes[:, :, None, None]
        return F.conv2d(waves, (self.weight / math.sqrt(len(self.weight)))[:, :, None, None])

    def _matrix(self, w: Tensor) -> Tensor:
        """Turn and move by what w says, then by what a person says, (B, 3, 3)."""
        t = self.affine(w)
        t = t / t[:, :2].norm(dim=1, keepdim=True)
        zero, one = torch.zeros_like(t[:, 0]), torch.ones_like(t[:, 0])
        turned = torch.stack([t[:, 0], -t[:, 1], zero, t[:, 1], t[:, 0], zero, zero, zero, one], 1).view(-1, 3, 3)
        moved = torch.stack([one, zero, -t[:, 2], zero, one, -t[:, 3], zero, zero, one], 1).view(-1, 3, 3)
        return turned @ moved @ self.transform


class StyleGan3Layer(nn.Module):
    """A styled convolution, then leaky ReLU between an enlarging and a reducing filter, so that nothing aliases."""

    magnitude_ema: Tensor
    up_filter: Tensor
    down_filter: Tensor

    def __init__(self, config: StyleGan3Config, index: int, before: Band, after: Band) -> None:
        super().__init__()
        self.is_rgb = index == config.n_layers
        is_critical = index >= config.n_layers - config.n_critical
        kernel_px = 1 if self.is_rgb else config.kernel_px
        rate = max(before.rate, after.rate) * (1 if self.is_rgb else config.oversampling)
        self.up, self.down = round(rate / before.rate), round(rate / after.rate)
        self.clamp = config.clamp
        self.affine = Affine(config.mapping.n_w, before.n_channels)
        self.weight = blank(after.n_channels, before.n_channels, kernel_px, kernel_px)
        self.bias = blank(after.n_channels)
        self.register_buffer("magnitude_ema", torch.ones([]))
        n_up = self._add_filter("up_filter", config, self.up, before, rate, is_radial=False)
        is_radial = config.is_radial and not is_critical
        n_down = self._add_filter("down_filter", config, self.down, after, rate, is_radial=is_radial)
        spare = (after.size_px - 1) * self.down + 1 - (before.size_px + kernel_px - 1) * self.up + n_up + n_down - 2
        self.pad = ((spare + self.up) // 2, spare - (spare + self.up) // 2)

    def _add_filter(
        self, name: str, config: StyleGan3Config, factor: int, band: Band, rate: float, *, is_radial: bool
    ) -> int:
        """Register a filter where the size changes, and return the number of its taps."""
        if factor == 1 or self.is_rgb:
            return 1
        n_taps = config.n_taps * factor
        self.register_buffer(name, low_pass(n_taps, band.cutoff, 2 * band.half_width, rate, is_radial=is_radial))
        return n_taps

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(B, C, H, W) by w (B, n_w) to (B, O, H', W')."""
        x = self._convolved(x, self.affine(w)).add_(self.bias[:, None, None])
        if hasattr(self, "up_filter"):
            x = upfirdn(x, self.up_filter * self.up, self.up, pad=self.pad)
        elif any(self.pad):
            x = F.pad(x, self.pad * 2)
        if self.is_rgb:
            return x.clamp(-self.clamp, self.clamp)
        x = leaky(x, GAIN, self.clamp)
        return upfirdn(x, self.down_filter, down=self.down) if hasattr(self, "down_filter") else x

    def _convolved(self, x: Tensor, style: Tensor) -> Tensor:
        gain = torch.rsqrt(self.magnitude_ema)
        if self.is_rgb:
            return F.conv2d(x * (style * gain / math.sqrt(style.shape[1]))[:, :, None, None], self.weight)
        weight = self.weight * torch.rsqrt(self.weight.square().mean((1, 2, 3), keepdim=True))
        style = style * torch.rsqrt(style.square().mean(1, keepdim=True))
        return styled(x, weight, style, _widened, gain)


def _widened(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=weight.shape[-1] - 1)


class StyleGan3Synthesis(nn.Module):
    """Rows of w (B, L, n_w) to pictures (B, n_colours, H, W), about -1 to 1."""

    def __init__(self, config: StyleGan3Config) -> None:
        super().__init__()
        self.config = config
        self.bands = bands(config)
        self.input = FourierInput(self.bands[0], config.mapping.n_w)
        befores = [self.bands[0], *self.bands]
        for index, (before, after) in enumerate(zip(befores, self.bands, strict=False)):
            self.add_module(
                f"L{index}_{after.size_px}_{after.n_channels}", StyleGan3Layer(config, index, before, after)
            )

    def layers(self) -> Iterator[nn.Module]:
        """The layers from the coarsest on, the one that makes colours last."""
        return (child for name, child in self.named_children() if name != "input")

    def forward(self, ws: Tensor) -> Tensor:
        x = self.input(ws[:, 0])
        for row, layer in enumerate(self.layers(), 1):
            x = layer(x, ws[:, row])
        return x * self.config.output_scale


class StyleGan3(nn.Module):
    """Mapping network and synthesis."""

    def __init__(self, config: StyleGan3Config) -> None:
        super().__init__()
        self.config = config
        self.mapping = StyleMapping(config.mapping)
        self.synthesis = StyleGan3Synthesis(config)

    @property
    def size_px(self) -> int:
        """The side of its pictures."""
        return self.config.size_px

    @property
    def layer_px(self) -> tuple[int, ...]:
        """The size in which each row of w draws, without the margin."""
        rates = [round(band.rate) for band in self.synthesis.bands]
        return (rates[0], *rates)

    def draw(self, ws: Tensor) -> Tensor:
        """Pictures (B, n_colours, H, W) of rows of w (B, L, n_w)."""
        picture: Tensor = self.synthesis(ws)
        return picture
