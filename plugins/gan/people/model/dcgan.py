"""The generator and the discriminator of the first GANs of faces: transposed convolutions, nothing that follows labels.

DCGAN: Radford et al. 2016 (arXiv 1511.06434). A critic has layer normalisation in place of batch normalisation, since
its gradient penalty is one of each picture by itself (Gulrajani et al. 2017, arXiv 1704.00028). Shape letters: B batch,
C channels, H W pixels.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from .equalised import normal


@dataclass(frozen=True)
class DcganConfig:
    """Sizes of both.

    Attributes:
        n_z: numbers of a place.
        widths: channels at 4, 8, 16 and 32 px; the generator's, and the other way round the discriminator's.
        is_critic: whether the discriminator is a critic (WGAN-GP).
    """

    n_z: int = 64
    widths: tuple[int, ...] = (96, 64, 40, 20)
    is_critic: bool = False


class DcganGenerator(nn.Module):
    """Places (B, n_z) to pictures (B, 3, 64, 64) in [-1, 1]."""

    def __init__(self, config: DcganConfig) -> None:
        super().__init__()
        w4, last = config.widths[0], config.widths[-1]
        self.first = nn.Sequential(nn.ConvTranspose2d(config.n_z, w4, 4, bias=False), nn.BatchNorm2d(w4), nn.ReLU())
        self.blocks = nn.Sequential(*[_grown(a, b) for a, b in pairwise(config.widths)])
        self.last = nn.ConvTranspose2d(last, 3, 4, stride=2, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x = self.first(z[:, :, None, None])  # (B, C, 4, 4)
        x = self.blocks(x.contiguous(memory_format=torch.channels_last))  # (B, C, 32, 32)
        return torch.tanh(self.last(x).float())


def _grown(n_in: int, n_out: int) -> nn.Sequential:
    grow = nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(grow, nn.BatchNorm2d(n_out), nn.ReLU())


class DcganDiscriminator(nn.Module):
    """A score (B,) for pictures (B, 3, 64, 64) in [-1, 1], higher for what looks real."""

    def __init__(self, config: DcganConfig) -> None:
        super().__init__()
        widths = config.widths[::-1]  # at 32, 16, 8 and 4 px
        normalise = _layer_norm if config.is_critic else nn.BatchNorm2d
        first = nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=2, padding=1), nn.LeakyReLU(0.2))
        rest = [
            nn.Sequential(nn.Conv2d(a, b, 4, stride=2, padding=1, bias=False), normalise(b), nn.LeakyReLU(0.2))
            for a, b in pairwise(widths)
        ]
        self.blocks = nn.Sequential(first, *rest)
        self.score = nn.Conv2d(widths[-1], 1, 4)

    def forward(self, pictures: Tensor) -> Tensor:
        x = self.blocks(pictures.contiguous(memory_format=torch.channels_last))  # (B, C, 4, 4)
        score: Tensor = self.score(x).float()[:, 0, 0, 0]
        return score


def _layer_norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(1, width)


class PlainGan(nn.Module):
    """Both of them."""

    def __init__(self, config: DcganConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = DcganGenerator(config)
        self.discriminator = DcganDiscriminator(config)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.weight = nn.Parameter(normal(*layer.weight.shape, deviation=0.02))
