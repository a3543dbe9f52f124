"""The networks of `gan/avatars-layers`: the small StyleGAN2, whose faces an autoencoder of faces draws in flat layers.

The generator paints 64 pixels; the encoder reads what they show, and the decoder of layers draws that at any size. The
discriminator sees what the encoder read, a place for each picture, as in Projected GAN (Sauer et al. 2021, arXiv
2111.01007). Shape letters: B batch, K labels, Z numbers of a place in the autoencoder, S pixels along a side.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.drawing import drawing_parts
from studio.core.view import ByteArray
from studio.nn.exported import Part
from studio.nn.layered.layered_vae import LayeredVAE

from .equalised import EqualLinear, leaky, normal
from .interface import StylePeopleGenerator
from .style_gan import FaceGenerator, FaceGeneratorConfig, label_projection, spread

LARGEST_PX: Final = 512
SMALL_FROM_PX: Final = 256


@dataclass(frozen=True)
class PlaceDiscriminatorConfig:
    """Sizes: numbers of a place, channels and depth of what judges it, and the classes of each label it is told."""

    n_latent: int = 48
    width: int = 192
    n_hidden: int = 3
    n_kinds: tuple[int, ...] = FaceGeneratorConfig.n_kinds


class PlaceDiscriminator(nn.Module):
    """Scores places (B, Z) at which pictures were read, higher for what looks real; labels (B, K) are told or not."""

    def __init__(self, config: PlaceDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.n_latent + 1, *[config.width] * config.n_hidden]
        self.layers = nn.ModuleList([EqualLinear(a, b) for a, b in pairwise(widths)])
        self.score = EqualLinear(config.width, 1)
        self.classes = nn.Parameter(normal(sum(config.n_kinds), config.width))

    def forward(self, places: Tensor, labels: Tensor | None = None) -> Tensor:
        x = torch.cat([places, spread(places[:, :, None, None])[:, :, 0, 0]], 1)  # (B, Z + 1)
        for layer in self.layers:
            x = leaky(layer(x))
        score: Tensor = self.score(x)[:, 0].float()
        if labels is None:
            return score
        return score + label_projection(x, labels, self.classes, self.config.n_kinds)


@dataclass(frozen=True)
class LayeredGanConfig:
    """Sizes of both."""

    generator: FaceGeneratorConfig
    discriminator: PlaceDiscriminatorConfig


class LayeredGan(nn.Module):
    """Both of them; the autoencoder between them does not learn, and is another model's."""

    def __init__(self, config: LayeredGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = FaceGenerator(config.generator)
        self.discriminator = PlaceDiscriminator(config.discriminator)


def places_of(pictures: Tensor, autoencoder: LayeredVAE) -> Tensor:
    """Where an autoencoder reads pictures (B, 3, 64, 64), about -1 to 1: (B, Z)."""
    return autoencoder.encode(_in_unit(pictures))[0]


def _in_unit(pictures: Tensor) -> Tensor:
    """Pictures, about -1 to 1, in [0, 1], as the autoencoder takes them."""
    return pictures.clamp(-1, 1) / 2 + 0.5


class LayeredPeopleGenerator(StylePeopleGenerator):
    """The generator with the autoencoder that draws what it painted."""

    def __init__(self, generator: FaceGenerator, autoencoder: LayeredVAE) -> None:
        super().__init__(generator)
        self.shown_px = LARGEST_PX
        self._autoencoder = autoencoder

    def shown(self, pictures: Tensor, size_px: int) -> ByteArray:
        """What a person sees of pictures (B, 3, 64, 64), about -1 to 1: (B, S, S, 3); S is a multiple of 64."""
        return self._autoencoder.redrawn(_in_unit(pictures), size_px)

    def exportable(self) -> tuple[Part, ...]:
        return (*super().exportable(), *drawing_parts(self._autoencoder))

    def small(self, pictures: Tensor) -> Tensor:
        """What a person sees of pictures, at the size of the pictures that the judge knows: (B, 3, 64, 64), -1 to 1."""
        drawn = torch.from_numpy(self.shown(pictures, SMALL_FROM_PX)).movedim(3, 1).float()
        return F.avg_pool2d(drawn, SMALL_FROM_PX // self.size_px) / 127.5 - 1


class PlaceScorer:
    """The discriminator as the panel asks it: of pictures, about -1 to 1, told no labels, each by itself."""

    def __init__(self, discriminator: PlaceDiscriminator, autoencoder: LayeredVAE) -> None:
        self._discriminator, self._autoencoder = discriminator, autoencoder

    def scores(self, pictures: Tensor) -> Tensor:
        parts = [self._discriminator(places_of(one[None], self._autoencoder)) for one in pictures]
        return torch.cat(parts)
