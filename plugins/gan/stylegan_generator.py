"""A generator of other people as the engine uses it: StyleGAN2 and StyleGAN3 behind the same few methods.

Shape letters: B batch, L rows of w, K classes, H W pixels.
"""

from typing import Final

import torch
from torch import Tensor

from studio.api.engine import Device, ModelSource

from .stylegan_file import Network, read_stylegan
from .stylegan_layers import MEAN_SAMPLES, mean_place
from .stylegan_memory import CHUNK_BYTES, activation_bytes, check_memory
from .stylegan_three import StyleGan3
from .stylegan_two import Noise, StyleGan2

N_COLOURS: Final = 3


class StyleGanGenerator:
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
        self.size_px = network.size_px
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
        pattern, size_px = Noise(noise, noise_seed), until_px or self.size_px
        return torch.cat([self._drawn(part, pattern, size_px) for part in parts])

    def _drawn(self, ws: Tensor, noise: Noise, until_px: int) -> Tensor:
        network = self.network
        pictures = network.draw(ws) if isinstance(network, StyleGan3) else network.draw(ws, noise, until_px)
        return pictures.expand(-1, N_COLOURS, -1, -1)


def open_stylegan(source: ModelSource, device: Device) -> StyleGanGenerator:
    """The generator in a model's file.

    Raises UserError where it is broken, of another kind, or needs more memory than is free.
    """
    network = read_stylegan(source.path, lambda about: check_memory(about, device))
    return StyleGanGenerator(network.to(device.torch_device))
