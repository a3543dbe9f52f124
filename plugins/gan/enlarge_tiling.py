"""Enlarges a picture of any size piece by piece, so that the pieces are what the whole would be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch

from .enlarge_model import Enlarger
from .enlarge_picture import SCALE, Pixels

TILE_PX: Final = 96  # of the small picture: about a tenth of a second on two cores


@dataclass(frozen=True)
class Tile:
    """A part of the small picture: rows `top` to `bottom`, columns `left` to `right`, ends left out."""

    top: int
    bottom: int
    left: int
    right: int


def tiles_of(height: int, width: int, side_px: int = TILE_PX) -> list[Tile]:
    """The parts that a picture is cut into, row by row, all nearly alike in size."""
    rows, columns = _cuts(height, side_px), _cuts(width, side_px)
    return [
        Tile(top, bottom, left, right)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    ]


def _cuts(length: int, side_px: int) -> list[int]:
    n = -(-length // side_px)
    return [round(number * length / n) for number in range(n + 1)]


def with_border(tile: Tile, reach: int, height: int, width: int) -> Tile:
    """The part together with all that its new pixels depend on; at the picture's own border there is no more."""
    return Tile(
        max(0, tile.top - reach),
        min(height, tile.bottom + reach),
        max(0, tile.left - reach),
        min(width, tile.right + reach),
    )


@torch.no_grad()
def enlarged_tile(network: Enlarger, pixels: Pixels, tile: Tile) -> Pixels:
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


def enlarged(network: Enlarger, pixels: Pixels, side_px: int = TILE_PX) -> Iterator[tuple[Tile, Pixels]]:
    """Each part of (H, W, 3) uint8 with what it becomes, (4 h, 4 w, 3) uint8."""
    for tile in tiles_of(pixels.shape[0], pixels.shape[1], side_px):
        yield tile, enlarged_tile(network, pixels, tile)


def put(into: Pixels, tile: Tile, part: Pixels) -> None:
    """Write an enlarged part where it belongs in the large picture (4 H, 4 W, 3)."""
    into[SCALE * tile.top : SCALE * tile.bottom, SCALE * tile.left : SCALE * tile.right] = part
