"""A VAE of flat drawings whose second decoder tells layers and their colours instead of pixels.

The first decoder redraws small pictures and is what encoding, refining and repairing work with; the second learns on
its latent space, held fixed. Its layers become a picture of any size (`compose`). Shape letters as in pictures_vae.py;
K layers.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from studio.nn.network_file import NetworkKind, load_network

from .compose import Bytes, compose
from .pictures_vae import PictureDecoder, PicturesConfig, PicturesVAE


@dataclass(frozen=True)
class LayeredConfig(PicturesConfig):
    """Sizes: those of the small pictures, how many layers and paints there are, and the layers' channels at 32 px."""

    n_layers: int = 18
    n_paints: int = 3
    layers_width: int = 48


class LayersDecoder(PictureDecoder):
    """Places to the heights of layers and their colours.

    The colour of a layer is `fixed` (K, 3) + `tint` (K, P) @ the P colours of the paints, which a place decides: hair
    and beard are of one colour, and a shade is the paint that it lies on, but darker.
    """

    fixed: Tensor
    tint: Tensor

    def __init__(self, config: LayeredConfig) -> None:
        super().__init__(config, config.layers_width, config.n_layers)
        self.config = config
        self.paints = nn.Linear(config.condition_width, 3 * config.n_paints)
        self.register_buffer("fixed", torch.zeros(config.n_layers, 3))
        self.register_buffer("tint", torch.zeros(config.n_layers, config.n_paints))

    def layers(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Heights (B, K, H, W) and colours (B, K, 3) in [0, 1] of places (B, Z); the highest layer is seen."""
        condition = self.condition(z)
        paints = torch.sigmoid(self.paints(condition).float()).view(len(z), -1, 3)  # (B, P, 3)
        return self.grown(condition).float().contiguous(), self.fixed + self.tint @ paints


class LayeredVAE(PicturesVAE):
    """Coloured pictures with a decoder of layers beside that of pixels; `ink` (K, K) is how black lines are."""

    ink: Tensor
    config: LayeredConfig

    def __init__(self, config: LayeredConfig) -> None:
        super().__init__(config)
        self.sharp = LayersDecoder(config)
        self.register_buffer("ink", torch.zeros(config.n_layers, config.n_layers))

    def layers(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Heights (B, K, H, W) and colours (B, K, 3) in [0, 1] of places (B, Z).

        Each place gives way to where its small picture is read: between faces the layers would be undecided.
        """
        return self.layers_near(self.encode(self.decode(z))[0])

    def layers_near(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The same of places (B, Z) at which pictures were read."""
        heights, colours = self.sharp.layers(self.inner(z))
        return heights, colours

    @torch.no_grad()
    def redrawn(self, pictures: Tensor, size_px: int) -> Bytes:
        """What is read in small pictures (B, 3, H, W) in [0, 1], drawn large: (B, S, S, 3)."""
        return self.drawn(self.layers_near(self.encode(pictures)[0]), size_px)

    def drawn(self, layers: tuple[Tensor, Tensor], size_px: int) -> Bytes:
        """Pictures (B, S, S, 3) of heights and colours; S is a multiple of the heights' side."""
        ink = self.ink.cpu().numpy()
        pairs = zip(*(part.cpu().numpy() for part in layers), strict=True)
        return np.stack([compose(heights, colours, ink, size_px) for heights, colours in pairs])


def load_layered(path: Path) -> LayeredVAE:
    """The autoencoder in a file that a VAE was written to; raises UserError where it has no decoder of layers."""
    _, network = load_network(path, {"LayeredVAE": NetworkKind(LayeredConfig, LayeredVAE)})
    assert isinstance(network, LayeredVAE)
    return network


def begun_from(vae: PicturesVAE, config: LayeredConfig, fixed: Tensor, tint: Tensor) -> LayersDecoder:
    """A decoder of layers with the weights of a decoder of pixels, which is no wider, but for its last convolution."""
    decoder = LayersDecoder(config)
    decoder.fixed, decoder.tint = fixed, tint
    known = vae.decoder.state_dict()
    with torch.no_grad():
        for name, value in decoder.state_dict().items():
            if name in known and not name.startswith("grow64"):
                _put_in(value, known[name], 2 if ".film." in name else 1)
    return decoder


def _put_in(value: Tensor, known: Tensor, n_groups: int) -> None:
    """Put what is known of a layer's weights first, in each of the groups that its outputs form."""
    wide, narrow = (one.view(n_groups, -1, *one.shape[1:]) for one in (value, known))
    wide[tuple(slice(side) for side in narrow.shape)] = narrow
