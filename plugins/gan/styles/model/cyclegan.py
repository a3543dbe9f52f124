"""The networks of `gan/emoji-styles`, a CycleGAN (arXiv 1703.10593): two translators, two discriminators.

Residual blocks with instance norm as in the paper, but at a quarter of the picture's sides between pixel unshuffle and
shuffle (Shi et al. 2016, arXiv 1609.05158), which costs a hundredth. Pictures are (B, 3, 64, 64) in [-1, 1].
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FOLD: Final = 2
LEAK: Final = 0.2
DETAIL_GAIN: Final = 4.0


@dataclass(frozen=True)
class StylesConfig:
    """Sizes.

    Attributes:
        size_px: side of a picture, a multiple of 8.
        fine_width: a translator's channels at half the sides.
        width, n_blocks: its channels at a quarter of the sides, and the residual blocks there.
        detective_widths: channels of a discriminator at a half, a quarter and an eighth of the sides.
    """

    size_px: int = 64
    fine_width: int = 32
    width: int = 64
    n_blocks: int = 4
    discriminator_widths: tuple[int, ...] = (32, 64, 96)


class Translator(nn.Module):
    """Redraws a picture in the other style: what it adds to the picture, from features at two sizes."""

    def __init__(self, config: StylesConfig) -> None:
        super().__init__()
        fine, width, folded = config.fine_width, config.width, 3 * FOLD**2
        self.enter = nn.Conv2d(folded, fine, 3, padding=1)
        self.down = nn.Conv2d(fine, width, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(*[StylesResidualBlock(width) for _ in range(config.n_blocks)])
        self.up = nn.Conv2d(width, fine * FOLD**2, 3, padding=1)
        self.join = nn.Conv2d(2 * fine, fine, 3, padding=1)
        self.leave = nn.Conv2d(fine, folded, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Translated pictures (B, 3, H, W), not clipped to [-1, 1]: learning needs the slope beyond."""
        folded = F.pixel_unshuffle(pictures, FOLD)  # (B, 12, H/2, W/2)
        fine = F.relu(self.enter(folded))
        coarse = self.blocks(F.relu(self.down(fine)))  # (B, C, H/4, W/4)
        raised = F.relu(smoothed(F.pixel_shuffle(self.up(coarse), FOLD)))  # (B, fine, H/2, W/2)
        joined = F.relu(self.join(torch.cat([fine, raised], 1)))
        drawn: Tensor = pictures + smoothed(F.pixel_shuffle(self.leave(joined), FOLD)).float()
        return drawn


def smoothed(x: Tensor) -> Tensor:
    """Maps (B, C, H, W) weighted 1 2 1 along both sides, so that patterns go which shuffling leaves: every other pixel.

    Karras et al. 2019 (arXiv 1812.04948) smooth after enlarging for the same reason.
    """
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(F.avg_pool2d(padded, 2, stride=1), 2, stride=1)


class StylesResidualBlock(nn.Module):
    """Two convolutions with instance norm, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.first_norm = nn.InstanceNorm2d(width, affine=True)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second_norm = nn.InstanceNorm2d(width, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        inner = F.relu(self.first_norm(self.first(x)))
        added: Tensor = x + self.second_norm(self.second(inner))
        return added


class StylesPatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al. 2017): how real each part of a picture looks, (B, 1, H/8, W/8), high for real.

    It sees finer contrast amplified in channels of its own: the styles differ by faint gradients.
    """

    def __init__(self, config: StylesConfig) -> None:
        super().__init__()
        first, second, third = config.discriminator_widths
        self.enter = nn.Conv2d(2 * 3 * FOLD**2, first, 3, padding=1)
        self.middle = nn.Conv2d(first, second, 4, stride=2, padding=1)
        self.middle_norm = nn.InstanceNorm2d(second, affine=True)
        self.deep = nn.Conv2d(second, third, 4, stride=2, padding=1)
        self.deep_norm = nn.InstanceNorm2d(third, affine=True)
        self.leave = nn.Conv2d(third, 1, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        around = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        seen = torch.cat([pictures, torch.tanh(DETAIL_GAIN * (pictures - around))], 1)  # (B, 6, H, W)
        x = F.leaky_relu(self.enter(F.pixel_unshuffle(seen, FOLD)), LEAK)
        x = F.leaky_relu(self.middle_norm(self.middle(x)), LEAK)
        x = F.leaky_relu(self.deep_norm(self.deep(x)), LEAK)
        scores: Tensor = self.leave(x)
        return scores


class StylesNetwork(nn.Module):
    """Translators there and back, and a discriminator for each style."""

    def __init__(self, config: StylesConfig) -> None:
        super().__init__()
        self.config = config
        self.to_glossy = Translator(config)
        self.to_flat = Translator(config)
        self.discriminator = nn.ModuleDict(
            {"flat": StylesPatchDiscriminator(config), "glossy": StylesPatchDiscriminator(config)}
        )

    def translated(self, pictures: Tensor, is_back: bool) -> Tensor:
        """Flat pictures (B, 3, H, W) as glossy ones in [-1, 1], or glossy ones as flat ones."""
        drawn: Tensor = (self.to_flat if is_back else self.to_glossy)(pictures)
        return drawn.clamp(-1, 1)

    def score(self, pictures: Tensor, is_glossy: bool) -> Tensor:
        """The mean score (B,) that the discriminator of a style gives to pictures."""
        scores: Tensor = self.discriminator["glossy" if is_glossy else "flat"](pictures)
        return scores.float().mean((1, 2, 3))
