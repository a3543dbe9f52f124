"""A generator of other people as the engine uses it, behind the same few methods, with its need of memory.

Shape letters: B batch, L rows of w, K classes, H W pixels.
"""

from typing import Final

import torch
from torch import Tensor

from studio.api.engine import Device, ModelSource, size_text
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.pictures import ShownAsDrawn
from .layers import MEAN_SAMPLES, mean_place
from .reader import Network, StyleGanFile, read_stylegan
from .stylegan2 import StyleGan2, StyleGan2Config, StyleGan2Noise
from .stylegan3 import StyleGan3, StyleGan3Config, bands

CHUNK_BYTES: Final = 1 << 30
"""Several pictures are drawn at once as long as they need no more than this."""
_LIBRARIES_BYTES: Final = 128 << 20
_FLOAT_BYTES: Final = 4
# How many maps of the largest size live at once, as measured: what comes in, and what filters take and give out.
_TWO_MAPS: Final = 4.5
_THREE_MAPS: Final = 3.5
N_COLOURS: Final = 3


def activation_bytes(config: StyleGan2Config | StyleGan3Config) -> int:
    """Bytes that drawing one picture at full size holds at most besides the weights; at least 1."""
    if isinstance(config, StyleGan2Config):
        largest = max(width * px**2 for width, px in zip(config.widths, config.sizes_px, strict=True))
        return int(_TWO_MAPS * largest * _FLOAT_BYTES)
    found = bands(config)
    befores = [found[0], *found]
    maps = []
    for before, after in zip(befores, found[:-1], strict=False):
        up = config.oversampling * max(1.0, after.rate / before.rate)
        maps.append(after.n_channels * ((before.size_px + 2) * up) ** 2)
    return int(_THREE_MAPS * max(maps) * _FLOAT_BYTES)


def needed_bytes(found: StyleGanFile) -> int:
    """Bytes that opening a file and drawing with it takes: weights as float32, and one picture at full size."""
    return found.n_params * _FLOAT_BYTES + activation_bytes(found.config) + _LIBRARIES_BYTES


def check_memory(found: StyleGanFile, device: Device) -> None:
    """Raise UserError with figures where a generator would not fit."""
    needed, free = needed_bytes(found), device.free_bytes
    if needed > free:
        raise UserError(
            N_("This generator needs about {needed} to draw a picture.").format(needed=size_text(needed)),
            N_("{free} of memory are free. Close other models and programs, or use a smaller one.").format(
                free=size_text(free)
            ),
        )


class StyleGanGenerator(ShownAsDrawn):
    """A generator that was read.

    Attributes:
        n_z, n_w: numbers of a place before and after the mapping network.
        n_layers: rows of w. layer_px: the size of the picture in which each row draws.
        size_px: the side of its pictures.
        n_classes: 0 where it knows none.
        has_noise: whether noise decides the fine details. has_drafts: whether a smaller picture costs less.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        config = network.config.mapping
        self.n_z, self.n_w, self.n_classes = config.n_z, config.n_w, config.n_classes
        self.layer_px: tuple[int, ...] = network.layer_px
        self.n_layers = len(self.layer_px)
        self.size_px = self.shown_px = network.size_px
        self.has_noise = isinstance(network, StyleGan2)
        self.has_drafts = isinstance(network, StyleGan2) and network.config.architecture == "skip"
        self._chunk = max(1, CHUNK_BYTES // activation_bytes(network.config))

    @torch.no_grad()
    def mean_w(self, c: Tensor | None = None) -> Tensor:
        """The w (n_w,) that truncation draws towards: the file's, or with a class (K,) or (1, K) that of the class."""
        if c is None or not self.n_classes:
            return self.network.mapping.w_avg
        return mean_place(self.network.mapping, MEAN_SAMPLES, c.view(1, -1))

    def mapping(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Places z (B, n_z) with classes (B, K), one-hot, or none, to w (B, n_w), not truncated."""
        w: Tensor = self.network.mapping(z, c)
        return w

    def synthesis(
        self, ws: Tensor, noise: float = 1.0, noise_seed: int | None = None, until_px: int | None = None
    ) -> Tensor:
        """Pictures (B, 3, H, W), about -1 to 1, of rows of w (B, L, n_w).

        Args:
            noise: strength of the noise beside the learnt one; StyleGAN3 has none.
            noise_seed: of another noise than the one in the file.
            until_px: draw no larger than this where that is less work; None is the full size.
        """
        is_learning = torch.is_grad_enabled() and ws.requires_grad  # then nothing is freed before the end anyway
        parts = (ws,) if is_learning else ws.split(self._chunk)
        pattern, size_px = StyleGan2Noise(noise, noise_seed), until_px or self.size_px
        return torch.cat([self._drawn(part, pattern, size_px) for part in parts])

    def _drawn(self, ws: Tensor, noise: StyleGan2Noise, until_px: int) -> Tensor:
        network = self.network
        pictures = network.draw(ws) if isinstance(network, StyleGan3) else network.draw(ws, noise, until_px)
        return pictures.expand(-1, N_COLOURS, -1, -1)


def open_stylegan(source: ModelSource, device: Device) -> StyleGanGenerator:
    """The generator in a model's file.

    Raises UserError where it is broken, of another kind, or needs more memory than is free.
    """
    network = read_stylegan(source.path, lambda about: check_memory(about, device))
    return StyleGanGenerator(network.to(device.torch_device))
