"""The network that makes a picture four times as wide and high, and how it takes a picture of any size in pieces.

Residual blocks without normalisation at the low resolution, one pixel shuffle at the end (Shi et al. 2016, arXiv
1609.05158; EDSR, Lim et al. 2017, arXiv 1707.02921), added to the bicubic enlargement. A second set of weights of the
same shape, learnt against a discriminator (SRGAN, Ledig et al. 2017, arXiv 1609.04802), makes the vivid picture.
Shapes: B pictures of H x W pixels; colours are sRGB values in [0, 1].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..state import SCALE, Pixels

TAPS: Final = 5
SHARPNESS: Final = -0.5  # Keys' a, as Pillow has it; torch's own bicubic has -0.75
TILE_PX: Final = 96  # of the small picture: about a tenth of a second on two cores


@dataclass(frozen=True)
class EnlargeConfig:
    """Sizes: channels of the hidden layers, and how many residual blocks there are."""

    width: int = 48
    n_blocks: int = 8


def keys_kernel(distance: Tensor) -> Tensor:
    """Keys' cubic kernel at distances from the middle, in low-resolution pixels (Keys 1981)."""
    a, x = SHARPNESS, distance.abs()
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))


@cache
def bicubic_weights(device: torch.device) -> Tensor:
    """(16, 1, 5, 5): how the 4 x 4 new pixels of a pixel are mixed from the 5 x 5 around it."""
    places = (torch.arange(SCALE) + 0.5) / SCALE - 0.5  # (4,) of the new pixels' middles
    taps = torch.arange(TAPS) - TAPS // 2
    rows = keys_kernel(taps - places[:, None])  # (4, 5)
    return torch.einsum("ik,jl->ijkl", rows, rows).reshape(SCALE**2, 1, TAPS, TAPS).to(device)


def bicubic(pictures: Tensor) -> Tensor:
    """Pictures (B, C, H, W) four times as large, (B, C, 4 H, 4 W), as Pillow's bicubic enlarges them.

    At the border weights that would lie outside are left out, and the others grow in proportion.
    """
    weights = bicubic_weights(pictures.device)
    planes = pictures.flatten(0, 1)[:, None]  # (B C, 1, H, W)
    shares = F.conv2d(torch.ones_like(planes[:1]), weights, padding=TAPS // 2)
    mixed = F.pixel_shuffle(F.conv2d(planes, weights, padding=TAPS // 2) / shares, SCALE)  # (B C, 1, 4 H, 4 W)
    return mixed[:, 0].unflatten(0, pictures.shape[:2])


class EnlargeResidualBlock(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        change: Tensor = self.second(F.relu(self.first(x), inplace=True))
        return x + change


class Enlarger(nn.Module):
    """Pictures (B, 3, H, W) to pictures (B, 3, 4 H, 4 W)."""

    def __init__(self, config: EnlargeConfig) -> None:
        super().__init__()
        self.config = config
        self.head = nn.Conv2d(3, config.width, 3, padding=1)
        self.blocks = nn.Sequential(*(EnlargeResidualBlock(config.width) for _ in range(config.n_blocks)))
        self.body = nn.Conv2d(config.width, config.width, 3, padding=1)
        self.tail = nn.Conv2d(config.width, 3 * SCALE**2, 3, padding=1)
        self.start()

    def start(self) -> None:
        """Begin as the bicubic enlargement: the last layer is zero, the blocks change little."""
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]  # it has one
        for block in self.blocks:
            assert isinstance(block, EnlargeResidualBlock)
            with torch.no_grad():
                block.second.weight.mul_(0.1)

    @property
    def reach(self) -> int:
        """How many low-resolution pixels away a new pixel still depends on what is there."""
        return 2 * len(self.blocks) + 3

    def forward(self, pictures: Tensor) -> Tensor:
        """Not cut to [0, 1]: who shows the picture does that."""
        features = self.head(pictures - 0.5)
        detail = self.tail(self.body(self.blocks(features)) + features)
        with torch.autocast(pictures.device.type, enabled=False):  # bfloat16 would round away what the eye sees
            return bicubic(pictures) + F.pixel_shuffle(detail.float(), SCALE)


class EnlargePair(nn.Module):
    """The faithful network and the vivid one, which learnt on from it."""

    def __init__(self, config: EnlargeConfig) -> None:
        super().__init__()
        self.config = config
        self.faithful = Enlarger(config)
        self.vivid = Enlarger(config)

    def mixed(self, vividness: float) -> Enlarger:
        """The network between the two: all weights mixed (ESRGAN, Wang et al. 2018, arXiv 1809.00219, section 3.4)."""
        network = Enlarger(self.config)
        pairs = zip(self.faithful.state_dict().items(), self.vivid.state_dict().values(), strict=True)
        network.load_state_dict({name: torch.lerp(one, other, vividness) for (name, one), other in pairs})
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
        return network.eval().requires_grad_(False)


@dataclass(frozen=True)
class EnlargeTile:
    """A part of the small picture: rows `top` to `bottom`, columns `left` to `right`, ends left out."""

    top: int
    bottom: int
    left: int
    right: int


def tiles_of(height: int, width: int, side_px: int = TILE_PX) -> list[EnlargeTile]:
    """The parts that a picture is cut into, row by row, all nearly alike in size."""
    rows, columns = _cuts(height, side_px), _cuts(width, side_px)
    return [
        EnlargeTile(top, bottom, left, right) for top, bottom in pairwise(rows) for left, right in pairwise(columns)
    ]


def _cuts(length: int, side_px: int) -> list[int]:
    n = -(-length // side_px)
    return [round(number * length / n) for number in range(n + 1)]


def with_border(tile: EnlargeTile, reach: int, height: int, width: int) -> EnlargeTile:
    """The part together with all that its new pixels depend on; at the picture's own border there is no more."""
    return EnlargeTile(
        max(0, tile.top - reach),
        min(height, tile.bottom + reach),
        max(0, tile.left - reach),
        min(width, tile.right + reach),
    )


@torch.no_grad()
def enlarged_tile(network: Enlarger, pixels: Pixels, tile: EnlargeTile) -> Pixels:
    """A part of (H, W, 3) uint8, four times as large: (4 h, 4 w, 3) uint8."""
    around = with_border(tile, network.reach, *pixels.shape[:2])
    piece = pixels[around.top : around.bottom, around.left : around.right]
    inputs = torch.from_numpy(piece.transpose(2, 0, 1).astype(np.float32) / 255)[None]
    inputs = inputs.to(network.head.weight.device).contiguous(memory_format=torch.channels_last)
    top, left = SCALE * (tile.top - around.top), SCALE * (tile.left - around.left)
    height, width = SCALE * (tile.bottom - tile.top), SCALE * (tile.right - tile.left)
    drawn = network(inputs)[0, :, top : top + height, left : left + width]
    levels: Pixels = (drawn.clamp(0, 1) * 255).round().byte().movedim(0, 2).contiguous().cpu().numpy()
    return levels


def enlarged(network: Enlarger, pixels: Pixels, side_px: int = TILE_PX) -> Iterator[tuple[EnlargeTile, Pixels]]:
    """Each part of (H, W, 3) uint8 with what it becomes, (4 h, 4 w, 3) uint8."""
    for tile in tiles_of(pixels.shape[0], pixels.shape[1], side_px):
        yield tile, enlarged_tile(network, pixels, tile)


def put(into: Pixels, tile: EnlargeTile, part: Pixels, scale: int = SCALE) -> None:
    """Write an enlarged part where it belongs in a picture that is `scale` times as large as the small one."""
    into[scale * tile.top : scale * tile.bottom, scale * tile.left : scale * tile.right] = part
