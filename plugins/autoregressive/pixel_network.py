"""What all networks of pixels have in common: a picture and its kind in, what the head gives for each pixel out.

Van den Oord et al. 2016b (arXiv 1606.05328). Shape letters: B pictures, D width, H W pixels.
"""

from abc import ABC, abstractmethod
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .pixel_config import PixelConfig
from .pixel_head import scaled

FIRST_LOG_SCALE: Final = -1.5
KIND_MAP_WIDTH: Final = 8
FIRST_KIND_MAP: Final = 0.3


class PixelNetwork(nn.Module, ABC):
    """Says for each pixel, from those before it in reading order alone, what its value may be."""

    def __init__(self, config: PixelConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, values: Tensor, labels: Tensor) -> Tensor:
        """What the head gives, (B, H, W, n_outputs), for levels (B, H, W) of kinds (B,)."""
        return self.outputs(scaled(values, self.config.n_levels)[:, None], labels)

    @abstractmethod
    def outputs(self, pictures: Tensor, labels: Tensor) -> Tensor:
        """The same for pictures (B, 1, H, W) from -1 to 1, with gradients towards them."""


class KindMaps(nn.Module):
    """What a kind of picture says about each place of it: location-dependent conditioning, section 2.3 of 2016b.

    Some maps are learnt for all kinds, and each kind mixes them in a way of its own.
    """

    def __init__(self, config: PixelConfig, n_out: int) -> None:
        super().__init__()
        n, side = config.n_kind_maps, config.size_px
        self.kinds = nn.Embedding(config.n_classes, n)
        self.places = nn.Parameter(torch.empty(n, KIND_MAP_WIDTH, side, side).normal_(0, FIRST_KIND_MAP))
        self.out = nn.Conv2d(KIND_MAP_WIDTH, n_out, 1, bias=False)

    def forward(self, labels: Tensor, n_rows: int) -> Tensor:
        """Of kinds (B,) for the first rows of their pictures, (B, n_out, n_rows, W)."""
        mixed = torch.einsum("bk,kchw->bchw", self.kinds(labels), self.places[:, :, :n_rows])
        maps: Tensor = self.out(mixed)
        return maps


class Head(nn.Module):
    """Two small layers from what was seen at each place to a distribution."""

    def __init__(self, n_in: int, config: PixelConfig) -> None:
        super().__init__()
        self.inner = nn.Conv2d(n_in, config.head_width, 1)
        self.last = nn.Conv2d(config.head_width, config.n_outputs, 1)
        if config.head.kind == "logistic":
            _spread(self.last, config.head.n_mixtures)

    def forward(self, x: Tensor) -> Tensor:
        """(B, D, H, W) to (B, H, W, n_outputs), float32."""
        y: Tensor = self.last(F.relu(self.inner(F.relu(x))))
        return y.movedim(1, -1).float()


@torch.no_grad()
def _spread(layer: nn.Conv2d, n_mixtures: int) -> None:
    """Let the means begin apart, or all mixtures would stay alike for long."""
    assert layer.bias is not None
    layer.bias[:n_mixtures] = 0
    layer.bias[n_mixtures : 2 * n_mixtures] = torch.linspace(-1, 1, n_mixtures)
    layer.bias[2 * n_mixtures :] = FIRST_LOG_SCALE
