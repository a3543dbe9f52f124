"""How a network of pixels learns: each value is to be told from those before it.

Shape letters: B pictures, H W pixels.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring

from ...shared.model.head import nats
from ..model.config import PixelNetworkConfig
from ..model.pixelcnn import PixelNetwork
from .data import LabelledPictures, PixelBatches

BITS: Final = "bits per dimension"
_AT_ONCE: Final = 4


@dataclass(frozen=True)
class NextPixel:
    """The surprise of a pixel in bits, averaged over a batch; what a Training calls."""

    batches: PixelBatches

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PixelNetwork)
        values, labels = self.batches.draw(step, micro)
        return bits(model, values, labels).mean(), {}


def bits(network: PixelNetwork, values: Tensor, labels: Tensor) -> Tensor:
    """Surprise in bits of each pixel, (B, H, W), of pictures (B, H, W) of kinds (B,)."""
    config: PixelNetworkConfig = network.config
    return nats(network(values, labels), values, config) / math.log(2)


@torch.no_grad()
def bits_per_dimension(
    network: nn.Module, pictures: LabelledPictures, device: torch.device, most: int | None = None
) -> Measuring[float]:
    """The mean surprise of a pixel in bits over `most` pictures or all; yields between passes."""
    assert isinstance(network, PixelNetwork)
    each = yield from picture_bits(network, pictures, device, most)
    return sum(each) / len(each)


@torch.no_grad()
def picture_bits(
    network: PixelNetwork, pictures: LabelledPictures, device: torch.device, most: int | None = None
) -> Measuring[list[float]]:
    """The mean surprise of a pixel in bits of each picture; yields between passes.

    Where at most so many are wanted, they stand evenly among all: these may be in the order of their kinds.
    """
    found: list[float] = []
    n = min(most or len(pictures), len(pictures))
    chosen = np.arange(n) * len(pictures) // max(n, 1)
    for first in range(0, n, _AT_ONCE):
        some = chosen[first : first + _AT_ONCE]
        values = torch.from_numpy(pictures.values[some]).long().to(device)
        labels = torch.from_numpy(pictures.labels[some]).to(device)
        found += bits(network, values, labels).double().mean((1, 2)).tolist()
        yield
    return found
