"""pix2pix: a U-Net that paints an icon into an outline, and a discriminator that looks at patches of both.

Isola et al. 2017 (arXiv 1611.07004). What a person draws comes in five channels: the ink, where colours were dabbed,
and those colours. Shape letters: B batch, C channels, H W pixels.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIZE_PX: Final = 64
N_DRAWN: Final = 5
"""Channels of a drawing: ink, mask of the dabs, red, green and blue of the dabs (0 where there are none)."""
_FOLD: Final = 2
_MAX_SCALES: Final = 5


@dataclass(frozen=True)
class DrawConfig:
    """The sizes of the generator and of its discriminator.

    Attributes:
        widths: channels at 32, 16, 8 ... pixels.
        fine_width: channels at 64 pixels.
        n_groups: into which channels are normalised together.
        n_middle: blocks at the lowest resolution.
        detective_widths: of the discriminator's layers, each of which halves the sides.
    """

    widths: tuple[int, ...] = (32, 56, 80, 96)
    fine_width: int = 16
    n_groups: int = 8
    n_middle: int = 2
    discriminator_widths: tuple[int, ...] = (32, 64, 96)


class DrawNetwork(nn.Module):
    """The generator, and the discriminator that it learnt from."""

    def __init__(self, config: DrawConfig) -> None:
        super().__init__()
        if not 2 <= len(config.widths) <= _MAX_SCALES or not 2 <= len(config.discriminator_widths) <= _MAX_SCALES:
            raise ValueError("too few or too many scales")
        if not 1 <= config.n_middle <= 8 or not config.n_groups:
            raise ValueError("an impossible size")
        self.config = config
        self.generator = OutlineGenerator(config)
        self.discriminator = OutlinePatchDiscriminator(config)


class OutlineGenerator(nn.Module):
    """Paints icons into drawings: a U-Net whose widest part works at half the side, so that it follows a hand."""

    def __init__(self, config: DrawConfig) -> None:
        super().__init__()
        widths, groups = config.widths, config.n_groups
        self.enter = nn.Conv2d(N_DRAWN * _FOLD**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList(OutlineResidualBlock(width, groups) for width in widths[:-1])
        self.halve = nn.ModuleList(nn.Conv2d(wide, low, 3, stride=2, padding=1) for wide, low in pairwise(widths))
        self.middle = nn.ModuleList(OutlineResidualBlock(widths[-1], groups) for _ in range(config.n_middle))
        self.narrow = nn.ModuleList(nn.Conv2d(low, wide, 1) for wide, low in pairwise(widths))
        self.join = nn.ModuleList(nn.Conv2d(2 * width, width, 1) for width in widths[:-1])
        self.up = nn.ModuleList(OutlineResidualBlock(width, groups) for width in widths[:-1])
        fine = config.fine_width
        self.leave = nn.Conv2d(widths[0], fine * _FOLD**2, 1)
        self.fine = nn.Conv2d(fine + N_DRAWN, fine, 3, padding=1)
        self.paint = nn.Conv2d(fine, 3, 3, padding=1)

    def forward(self, drawing: Tensor) -> Tensor:
        """Icons (B, 3, H, W) in [0, 1] of drawings (B, 5, H, W) in [0, 1]; the sides are multiples of 16."""
        x = self.enter(F.pixel_unshuffle(drawing, _FOLD))
        kept = []
        for block, halve in zip(self.down, self.halve, strict=True):
            x = block(x)
            kept.append(x)
            x = halve(x)
        for block in self.middle:
            x = block(x)
        for scale in reversed(range(len(kept))):
            x = F.interpolate(self.narrow[scale](x), scale_factor=2, mode="nearest")
            x = self.up[scale](self.join[scale](torch.cat([kept[scale], x], 1)))
        x = F.pixel_shuffle(self.leave(x), _FOLD)  # (B, fine, H, W)
        x = F.silu(self.fine(torch.cat([x, drawing], 1)))
        return torch.sigmoid(self.paint(x).float())


class OutlineResidualBlock(nn.Module):
    """Two normalised convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, width: int, n_groups: int) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.GroupNorm(n_groups, width), nn.GroupNorm(n_groups, width)
        self.conv_1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv_2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape again."""
        y = self.conv_1(F.silu(self.norm_1(x)))
        y = self.conv_2(F.silu(self.norm_2(y)))
        shown: Tensor = x + y
        return shown


class OutlinePatchDiscriminator(nn.Module):
    """Scores overlapping patches of an icon together with the drawing that it was painted into."""

    def __init__(self, config: DrawConfig) -> None:
        super().__init__()
        widths = (N_DRAWN + 3, *config.discriminator_widths)
        self.layers = nn.ModuleList(
            nn.Conv2d(before, width, 4, stride=2, padding=1) for before, width in pairwise(widths)
        )
        self.score = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, drawing: Tensor, icon: Tensor) -> Tensor:
        """Scores (B, h, w), higher for what looks real, of icons (B, 3, H, W) in [0, 1]; h = H / 2^layers."""
        x = torch.cat([drawing, 2 * icon - 1], 1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        scores: Tensor = self.score(x)[:, 0]
        return scores
