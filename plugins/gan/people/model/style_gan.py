"""The networks of `gan/avatars-style`: a small StyleGAN2 that follows labels, and its discriminator.

Karras et al. 2020 (arXiv 1912.04958): mapping network, modulated convolutions, noise, skip outputs. Pixel shuffle: Shi
et al. 2016 (arXiv 1609.05158). Projection of labels: Miyato and Koyama 2018 (arXiv 1802.05637). Spread over a batch:
Karras et al. 2018 (arXiv 1710.10196). Looking through a fixed network: Sauer et al. 2021 (arXiv 2111.01007). Shape
letters: B batch, K labels, L layers, C channels, H W pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .equalised import EqualConv, EqualLinear, StyledConv, ToColours, leaky, normal

UNSAID: Final = -1
"""Stands for a label that is not given."""
START_PX: Final = 4
GROUP_ROWS: Final = ((0, 1, 2), (3, 4), (5, 6, 7))
"""The rows of w that decide the figure, the features and the colours: so they are mixed while it learns."""
GROUP = 4


@dataclass(frozen=True)
class FaceGeneratorConfig:
    """Sizes of the generator.

    Attributes:
        n_z, n_w: numbers of a place before and after the mapping network.
        n_layers: of the mapping network.
        n_kinds: how many classes each label has.
        label_width: numbers that stand for one label.
        widths: channels at 4, 8, 16 and 32 px; the 64 px are shuffled out of the last ones.
    """

    n_z: int = 64
    n_w: int = 128
    n_layers: int = 3
    n_kinds: tuple[int, ...] = (4, 5, 6, 5, 5, 5, 5, 5, 5, 10)
    label_width: int = 24
    widths: tuple[int, ...] = (128, 128, 96, 40)


class FaceMapping(nn.Module):
    """Places z (B, n_z) and labels (B, K) to w (B, n_w)."""

    def __init__(self, config: FaceGeneratorConfig) -> None:
        super().__init__()
        self.n_kinds = config.n_kinds
        # A row for each class of each label, and one for each label that is unsaid.
        self.classes = nn.Parameter(normal(sum(config.n_kinds) + len(config.n_kinds), config.label_width))
        widths = [config.n_z + len(config.n_kinds) * config.label_width, *[config.n_w] * config.n_layers]
        self.layers = nn.ModuleList([EqualLinear(a, b) for a, b in pairwise(widths)])

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        said = self.classes[self._rows(labels)].flatten(1)  # (B, K label_width)
        x = torch.cat([normalised(z), said], 1)
        for layer in self.layers:
            x = leaky(layer(x))
        return x  # (B, n_w)

    def _rows(self, labels: Tensor) -> Tensor:
        """The row of each label's class, or its last one where it is unsaid, (B, K)."""
        n_kinds = torch.tensor(self.n_kinds, device=labels.device)  # (K,)
        first = (n_kinds + 1).cumsum(0) - n_kinds - 1  # (K,)
        return first + torch.where(labels == UNSAID, n_kinds, labels)


def normalised(z: Tensor) -> Tensor:
    """Places (B, n_z) at the distance sqrt(n_z) from the middle."""
    return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)


class FaceGenerator(nn.Module):
    """The network that draws: w for each layer to pictures."""

    mean_w: Tensor

    def __init__(self, config: FaceGeneratorConfig) -> None:
        super().__init__()
        self.config = config
        w4, w8, w16, w32 = config.widths
        n_w = config.n_w
        self.mapping = FaceMapping(config)
        self.start = nn.Parameter(normal(1, w4, START_PX, START_PX))
        pairs = ((w4, w4), (w4, w8), (w8, w8), (w8, w16), (w16, w16), (w16, w32), (w32, w32))
        self.convs = nn.ModuleList([StyledConv(a, b, n_w) for a, b in pairs])
        self.colours = nn.ModuleList([ToColours(w16, 3, n_w), ToColours(w32, 12, n_w)])
        self.register_buffer("mean_w", torch.zeros(n_w))
        for px in (4, 8, 16, 32):
            self.register_buffer(f"noise{px}", normal(1, 1, px, px))

    @property
    def layer_px(self) -> tuple[int, ...]:
        """The size at which each row of w is used; the last one colours the finished picture."""
        return (4, 8, 8, 16, 16, 32, 32, 64)

    def forward(self, w: Tensor, noises: list[Tensor] | None = None) -> Tensor:
        """Pictures (B, 3, 64, 64), about -1 to 1, of w (B, 8, n_w); noise of 4, 8, 16 and 32 px or the fixed one."""
        x, picture = self._drawn(w, noises)
        return self._coloured(x, picture, w)

    def seen(self, w: Tensor, noises: list[Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The pictures of `forward`, and the features (B, C, 32, 32) that they are coloured from."""
        x, picture = self._drawn(w, noises)
        return self._coloured(x, picture, w), x

    def _drawn(self, w: Tensor, noises: list[Tensor] | None) -> tuple[Tensor, Tensor]:
        """The features at 32 px (B, C, 32, 32) and the coarse pictures (B, 3, 16, 16)."""
        noises = self.fixed_noise() if noises is None else noises
        x = self.start.expand(len(w), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        x = self.convs[0](x, w[:, 0], noises[0])  # (B, C, 4, 4)
        picture = torch.empty(0)
        for block, noise in enumerate(noises[1:]):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            for row in (2 * block + 1, 2 * block + 2):
                x = self.convs[row](x, w[:, row], noise)  # (B, C, H, W)
            if block == 1:
                picture = self.colours[0](x, w[:, 5])  # (B, 3, 16, 16)
        return x, picture

    def _coloured(self, x: Tensor, picture: Tensor, w: Tensor) -> Tensor:
        fine = F.pixel_shuffle(self.colours[1](x, w[:, 7]), 2).float()  # (B, 3, 64, 64)
        return fine + F.interpolate(picture.float(), scale_factor=4.0, mode="bilinear", align_corners=False)

    def fixed_noise(self) -> list[Tensor]:
        """The noise that belongs to the network, 4 to 32 px, (1, 1, H, W) each."""
        return [getattr(self, f"noise{px}") for px in (4, 8, 16, 32)]

    def rows(self, w: Tensor) -> Tensor:
        """The same w (B, n_w) for every layer, (B, 8, n_w)."""
        return w[:, None].expand(-1, len(self.layer_px), -1)

    def draw(self, z: Tensor, labels: Tensor, noises: list[Tensor] | None = None) -> Tensor:
        """Pictures (B, 3, 64, 64) of places (B, n_z) and labels (B, K), each a class or UNSAID."""
        picture: Tensor = self(self.rows(self.mapping(z, labels)), noises)
        return picture


@dataclass(frozen=True)
class FaceDiscriminatorConfig:
    """Sizes of a discriminator.

    Attributes:
        widths: channels at 32, 16, 8 and 4 px.
        n_kinds: how many classes each label has; empty where it is told none.
        map_widths: channels of the judge's last maps that it looks at; empty where it looks at pixels only.
    """

    widths: tuple[int, ...] = (48, 96, 128, 160)
    n_kinds: tuple[int, ...] = (4, 5, 6, 5, 5, 5, 5, 5, 5, 10)
    map_widths: tuple[int, ...] = (64, 96, 128, 128)


def label_projection(features: Tensor, labels: Tensor, classes: Tensor, n_kinds: tuple[int, ...]) -> Tensor:
    """How well features (B, C) go with labels (B, K), each a class or UNSAID, whose rows are `classes`: (B,)."""
    first = [sum(n_kinds[:k]) for k in range(len(n_kinds))]
    rows = labels.clamp_min(0) + torch.tensor(first, device=labels.device)  # (B, K)
    said = (labels != UNSAID).to(features.dtype)  # (B, K)
    told = torch.einsum("bkc,bk->bc", classes[rows].to(features.dtype), said) / math.sqrt(len(first))
    return (features * told).sum(1).float() / math.sqrt(features.shape[1])


class FaceDiscriminator(nn.Module):
    """Scores pictures (B, 3, 64, 64), about -1 to 1, higher for what looks real: one from pixels, one for each map."""

    def __init__(self, config: FaceDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        w32, w16, w8, w4 = config.widths
        self.convs = nn.ModuleList(
            [EqualConv(12, w32), EqualConv(w32, w16, stride=2), EqualConv(w16, w8, stride=2), EqualConv(w8, w8)]
        )
        self.last = EqualConv(w8 + 1, w4, stride=2)
        self.hidden = EqualLinear(w4 * 16, w4)
        self.score = EqualLinear(w4, 1)
        n_rows = sum(config.n_kinds)
        self.classes = nn.Parameter(normal(n_rows, w4)) if n_rows else None
        self.heads = nn.ModuleList([_head(width) for width in config.map_widths])

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        """The score by pixels, (B,); labels (B, K) are classes or UNSAID."""
        x = F.pixel_unshuffle(pictures, 2)  # (B, 12, 32, 32)
        for conv in self.convs:
            x = leaky(conv(x))  # (B, C, 8, 8) in the end
        x = leaky(self.last(torch.cat([x, spread(x)], 1)))  # (B, C, 4, 4)
        features = leaky(self.hidden(x.flatten(1)))  # (B, C)
        score: Tensor = self.score(features)[:, 0].float()
        if labels is None or self.classes is None:
            return score
        return score + label_projection(features, labels, self.classes, self.config.n_kinds)

    def seen(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """A score for each place on each of the judge's last maps (B, C, H, W): (B, 1, H, W) each."""
        looked_at = maps[len(maps) - len(self.heads) :]
        return [head(map).float() for head, map in zip(self.heads, looked_at, strict=True)]


def _head(width: int) -> nn.Sequential:
    first = nn.Sequential(nn.Conv2d(width, 64, 1), nn.GroupNorm(8, 64), nn.LeakyReLU(0.2))
    return nn.Sequential(*first, nn.Conv2d(64, 1, 3, padding=1))


def spread(x: Tensor) -> Tensor:
    """How far the pictures of a group lie apart, the same number everywhere: (B, C, H, W) to (B, 1, H, W).

    With it a discriminator notices a generator that always draws the same.
    """
    n_group = GROUP if len(x) % GROUP == 0 else len(x)
    groups = x.float().view(n_group, -1, *x.shape[1:])  # (G, B/G, C, H, W)
    variance = (groups - groups.mean(0)).square().mean(0)  # torch's own var is ten times as slow along the first axis
    deviation = (variance + 1e-8).sqrt().mean((1, 2, 3))  # (B/G,)
    return deviation.repeat(n_group).to(x.dtype)[:, None, None, None].expand(-1, 1, *x.shape[2:])


@dataclass(frozen=True)
class StyleGanConfig:
    """Sizes of both."""

    generator: FaceGeneratorConfig
    discriminator: FaceDiscriminatorConfig


class StyleGan(nn.Module):
    """Both of them."""

    def __init__(self, config: StyleGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = FaceGenerator(config.generator)
        self.discriminator = FaceDiscriminator(config.discriminator)
