"""Pictures to maps of 8 x 8 cells and back: what stands before and behind the tokens.

The encoder sees little around a cell and compares nothing across the picture, so that a thing has the same tokens
whatever else is there. Shape letters: B pictures, C channels, H W pixels, G cells of a side.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .quantiser import Quantiser

CELL_PX: Final = 8
_FOLD: Final = 4
_CELLS: Final = CELL_PX // _FOLD
_DETAIL_GAIN: Final = 8.0


@dataclass(frozen=True)
class CoderConfig:
    """Sizes: pictures of size_px x size_px in three colours, n_codes tokens of code_width numbers.

    Attributes:
        encoder_width, width: channels on the way in and out. n_blocks: of the decoder at the cells' size.
        fine_width, finest_width: channels at half the pictures' size, and at their own.
    """

    size_px: int = 64
    n_codes: int = 2048
    code_width: int = 24
    encoder_width: int = 64
    width: int = 80
    n_blocks: int = 2
    fine_width: int = 32
    finest_width: int = 12

    def __post_init__(self) -> None:
        if self.size_px % CELL_PX or not 0 < self.size_px <= 128 or min(self.n_codes, self.code_width) < 2:
            raise ValueError("pictures of up to 16 x 16 cells are needed")
        if self.code_width % _CELLS**2:
            raise ValueError("a code stands for four places of a cell alike")

    @property
    def side(self) -> int:
        """Cells of a picture's side."""
        return self.size_px // CELL_PX


class CellNorm(nn.Module):
    """Layer normalisation over the channels of each place by itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.norm(x.movedim(1, 3)).movedim(3, 1)
        return found


class CellBlock(nn.Module):
    """Two convolutions beside the straight way; begins as if it were not there."""

    def __init__(self, width: int, size: int = 3) -> None:
        super().__init__()
        self.norm = CellNorm(width)
        self.conv1 = nn.Conv2d(width, width, size, padding=size // 2)
        self.conv2 = nn.Conv2d(width, width, size, padding=size // 2)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv2(F.silu(self.conv1(self.norm(x))))
        return out


class PictureCoder(nn.Module):
    """Encoder, codes and decoder."""

    def __init__(self, config: CoderConfig) -> None:
        super().__init__()
        self.config = config
        inner, width, fine, finest = config.encoder_width, config.width, config.fine_width, config.finest_width
        self.enter = nn.Conv2d(6 * _FOLD**2, inner, 3, padding=1)
        self.inner = CellBlock(inner)
        self.inner_norm = CellNorm(inner)
        self.leave = nn.Conv2d(inner, config.code_width // _CELLS**2, 3, padding=1)
        self.even = nn.BatchNorm2d(config.code_width // _CELLS**2, affine=False)
        self.quantiser = Quantiser(config.n_codes, config.code_width)
        self.begin = nn.Conv2d(config.code_width // _CELLS**2, width, 3, padding=1)
        self.blocks = nn.Sequential(*[CellBlock(width) for _ in range(config.n_blocks)])
        self.norm = CellNorm(width)
        self.grow = nn.Conv2d(width, 4 * fine, 3, padding=1)
        self.fine = nn.Conv2d(fine, fine, 3, padding=1)
        self.grow_again = nn.Conv2d(fine, 4 * finest, 3, padding=1)
        self.end = nn.Conv2d(finest, 3, 3, padding=1)

    def encode(self, pictures: Tensor) -> Tensor:
        """Maps (B, C, G, G) float32 of pictures (B, 3, H, W) in [0, 1]; faint lines have channels of their own."""
        around = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        x = torch.cat([2 * pictures - 1, torch.tanh(_DETAIL_GAIN * (pictures - around))], 1)
        x = self.inner(self.enter(F.pixel_unshuffle(x, _FOLD)))
        return F.pixel_unshuffle(self.even(self.leave(F.silu(self.inner_norm(x))).float()), _CELLS)

    def draw(self, maps: Tensor) -> Tensor:
        """Pictures (B, 3, H, W), about in [0, 1] but not clipped, of maps (B, C, G, G)."""
        x = self.norm(self.blocks(self.begin(F.pixel_shuffle(maps, _CELLS))))
        x = F.silu(F.pixel_shuffle(self.grow(F.silu(x)), 2))
        x = x + F.silu(self.fine(x))
        x = F.silu(F.pixel_shuffle(self.grow_again(x), 2))
        return 0.5 + 0.5 * self.end(x).float()
