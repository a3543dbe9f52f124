"""The generator of StyleGAN2, as NVIDIA's StyleGAN2-ADA and StyleGAN3 repositories and rosinality's save it.

Karras et al. 2020 (arXiv 1912.04958, 2006.06676). Parameters carry the names of NVIDIA's files. Shape letters: B batch,
C channels in, O channels out, L rows of w, H W pixels.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import GAIN, Affine, MappingConfig, StyleMapping, blank, leaky, styled, upfirdn

START_PX = 4


@dataclass(frozen=True)
class StyleGan2Config:
    """Sizes of the generator.

    Attributes:
        mapping: those of the mapping network.
        widths: channels at 4 px, 8 px, and so on.
        n_colours: 3.
        architecture: "skip" adds up a picture from all sizes, "orig" takes the last one's, "resnet" adds up channels.
        clamp: activations are cut to this size.
        has_noise: whether the layers add noise.
    """

    mapping: MappingConfig
    widths: tuple[int, ...]
    n_colours: int = 3
    architecture: str = "skip"
    clamp: float = math.inf
    has_noise: bool = True

    @property
    def sizes_px(self) -> tuple[int, ...]:
        """The sizes of the pictures on the way: 4, 8 and so on."""
        return tuple(START_PX << i for i in range(len(self.widths)))


@dataclass(frozen=True)
class StyleGan2Noise:
    """How noise is added: its strength beside the learnt one, and the seed of another pattern than the fixed one."""

    strength: float = 1.0
    seed: int | None = None

    def of(self, fixed: Tensor, index: int) -> Tensor:
        """The pattern (H, W) of the layer `index`."""
        if self.seed is None:
            return fixed
        generator = torch.Generator().manual_seed((self.seed * 64 + index) % (1 << 63))
        return torch.randn(fixed.shape, generator=generator).to(fixed)


class StyleGan2Layer(nn.Module):
    """A styled convolution of 3x3 pixels that doubles the size where `is_up`, then noise, bias and leaky ReLU."""

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(self, n_in: int, n_out: int, config: StyleGan2Config, size_px: int, *, is_up: bool) -> None:
        super().__init__()
        self.affine = Affine(config.mapping.n_w, n_in)
        self.weight = blank(n_out, n_in, 3, 3)
        self.bias = blank(n_out)
        self.register_buffer("resample_filter", resample_filter())
        self.has_noise = config.has_noise
        if config.has_noise:
            self.noise_strength = blank()
            self.register_buffer("noise_const", torch.empty(size_px, size_px))
        self.clamp = config.clamp
        self.is_up = is_up

    def forward(self, x: Tensor, w: Tensor, noise: StyleGan2Noise, index: int, gain: float = 1.0) -> Tensor:
        """(B, C, H, W) by w (B, n_w) to (B, O, H', W'); `index` counts the layers."""
        x = styled(x, self.weight, self.affine(w), self._doubled if self.is_up else _same)
        if self.has_noise and noise.strength:
            x.add_(noise.of(self.noise_const, index) * (self.noise_strength * noise.strength))
        return leaky(x.add_(self.bias[:, None, None]), GAIN * gain, self.clamp * gain)

    def _doubled(self, x: Tensor, weight: Tensor) -> Tensor:
        y = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)  # (B, O, 2 H + 1, 2 W + 1)
        n_spare = self.resample_filter.shape[-1] - 2
        return upfirdn(y, self.resample_filter * 4, pad=((n_spare + 1) // 2, n_spare // 2))


def _same(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=weight.shape[-1] // 2)


class ToRgb(nn.Module):
    """A styled convolution of one pixel to colours, without demodulation."""

    def __init__(self, n_in: int, config: StyleGan2Config) -> None:
        super().__init__()
        self.affine = Affine(config.mapping.n_w, n_in)
        self.weight = blank(config.n_colours, n_in, 1, 1)
        self.bias = blank(config.n_colours)
        self.scale = 1 / math.sqrt(n_in)
        self.clamp = config.clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        style = self.affine(w) * self.scale  # (B, C)
        y = F.conv2d(x * style[:, :, None, None], self.weight, self.bias)
        return y if self.clamp == math.inf else y.clamp(-self.clamp, self.clamp)


class Shortcut(nn.Module):
    """The way around a block of the architecture "resnet": one pixel, no bias, then twice the size."""

    resample_filter: Tensor

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = blank(n_out, n_in, 1, 1)
        self.register_buffer("resample_filter", resample_filter())
        self.scale = 1 / math.sqrt(n_in)

    def forward(self, x: Tensor) -> Tensor:
        return doubled(F.conv2d(x, self.weight * self.scale), self.resample_filter)


def resample_filter() -> Tensor:
    """The filter [1, 3, 3, 1] along both axes, (4, 4), with the sum 1."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    return torch.outer(taps, taps)


def doubled(picture: Tensor, taps: Tensor) -> Tensor:
    """A picture (B, C, H, W) of twice the size."""
    n_taps = taps.shape[-1]
    return upfirdn(picture, taps * 4, up=2, pad=((n_taps + 1) // 2, (n_taps - 2) // 2))


class StyleGan2Block(nn.Module):
    """The layers of one size."""

    resample_filter: Tensor

    def __init__(self, config: StyleGan2Config, number: int) -> None:
        super().__init__()
        n_out, self.size_px = config.widths[number], config.sizes_px[number]
        self.is_first = number == 0
        self.is_resnet = config.architecture == "resnet" and not self.is_first
        self.register_buffer("resample_filter", resample_filter())
        if self.is_first:
            self.const = blank(n_out, START_PX, START_PX)
        else:
            n_in = config.widths[number - 1]
            self.conv0 = StyleGan2Layer(n_in, n_out, config, self.size_px, is_up=True)
            if self.is_resnet:
                self.skip = Shortcut(n_in, n_out)
        self.conv1 = StyleGan2Layer(n_out, n_out, config, self.size_px, is_up=False)
        self.has_rgb = config.architecture == "skip" or number == len(config.widths) - 1
        if self.has_rgb:
            self.torgb = ToRgb(n_out, config)

    @property
    def n_rows(self) -> int:
        """How many rows of w its convolutions use; its colours use the one behind."""
        return 1 if self.is_first else 2

    def forward(self, x: Tensor, rows: Tensor, noise: StyleGan2Noise, index: int) -> Tensor:
        """(B, C, H, W) by rows of w (B, n_rows, n_w) to (B, O, 2 H, 2 W); the first block's x counts the pictures."""
        if self.is_first:
            start = self.const.expand(len(x), -1, -1, -1)
            first: Tensor = self.conv1(start, rows[:, 0], noise, index)
            return first
        gain = math.sqrt(0.5) if self.is_resnet else 1.0
        y: Tensor = self.conv1(self.conv0(x, rows[:, 0], noise, index), rows[:, 1], noise, index + 1, gain)
        return y + self.skip(x) * gain if self.is_resnet else y

    def coloured(self, x: Tensor, w: Tensor, picture: Tensor | None) -> Tensor | None:
        """The picture so far, twice as large and with this size's colours where it has some."""
        before = None if picture is None else doubled(picture, self.resample_filter)
        if not self.has_rgb:
            return before
        colours: Tensor = self.torgb(x, w)
        return colours if before is None else before + colours


class StyleGan2Synthesis(nn.Module):
    """Rows of w (B, L, n_w) to pictures (B, n_colours, H, W), about -1 to 1."""

    def __init__(self, config: StyleGan2Config) -> None:
        super().__init__()
        self.config = config
        for number, size_px in enumerate(config.sizes_px):
            self.add_module(f"b{size_px}", StyleGan2Block(config, number))

    def blocks(self) -> Iterator[StyleGan2Block]:
        """The blocks from the smallest size on."""
        for size_px in self.config.sizes_px:
            block = self.get_submodule(f"b{size_px}")
            assert isinstance(block, StyleGan2Block)
            yield block

    def forward(self, ws: Tensor, noise: StyleGan2Noise, until_px: int) -> Tensor:
        """`until_px`: stop at this size or the next larger one, where the picture is added up on the way."""
        x, picture, row = ws, None, 0
        for block in self.blocks():
            x = block(x, ws[:, row : row + block.n_rows], noise, row)
            row += block.n_rows
            picture = block.coloured(x, ws[:, row], picture)
            if self.config.architecture == "skip" and block.size_px >= until_px:
                break
        assert picture is not None  # the last block has colours
        return picture

    @property
    def layer_px(self) -> tuple[int, ...]:
        """The size at which each row of w is used; the last one colours the finished picture."""
        sizes = [block.size_px for block in self.blocks() for _ in range(block.n_rows)]
        return (*sizes, sizes[-1])


class StyleGan2(nn.Module):
    """Mapping network and synthesis."""

    def __init__(self, config: StyleGan2Config) -> None:
        super().__init__()
        self.config = config
        self.mapping = StyleMapping(config.mapping)
        self.synthesis = StyleGan2Synthesis(config)

    @property
    def size_px(self) -> int:
        """The side of its pictures."""
        return self.config.sizes_px[-1]

    @property
    def layer_px(self) -> tuple[int, ...]:
        """The size at which each row of w is used."""
        return self.synthesis.layer_px

    def draw(self, ws: Tensor, noise: StyleGan2Noise, until_px: int) -> Tensor:
        """Pictures (B, n_colours, H, W) of rows of w (B, L, n_w), of `until_px` or larger."""
        picture: Tensor = self.synthesis(ws, noise, until_px)
        return picture
