"""Pictures as networks give them, about -1 to 1, as a person sees them: alone, and in rows while one is learnt."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.view import Image, View
from studio.nn.exported import Part

N_COLUMNS: Final = 8


def mosaic(pictures: Tensor, n_columns: int = N_COLUMNS) -> Mapping[str, View]:
    """Pictures (N, 3, H, W), about -1 to 1, as one picture of rows; N is a multiple of n_columns."""
    return {"picture": Image(in_rows(byte_pictures(pictures), n_columns))}


def in_rows(pixels: np.ndarray, n_columns: int = N_COLUMNS) -> np.ndarray:
    """Pictures (N, H, W, 3) uint8 as one picture of rows; N is a multiple of n_columns."""
    n, height, width, _ = pixels.shape
    rows = pixels.reshape(n // n_columns, n_columns, height, width, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(-1, n_columns * width, 3))


class ShownAsDrawn:
    """A generator whose pictures are shown as its network draws them."""

    shown_px: int
    """Width and height of what a person sees."""

    def shown(self, pictures: Tensor, size_px: int) -> np.ndarray:
        """What a person sees of pictures (B, 3, H, W), about -1 to 1: (B, S, S, 3) uint8, of the size that is drawn."""
        return byte_pictures(pictures)

    def small(self, pictures: Tensor) -> Tensor:
        """What a person sees, at the size that the network draws: (B, 3, H, W), about -1 to 1."""
        return pictures

    def exportable(self) -> tuple[Part, ...]:
        """What draws one picture, where ONNX Runtime may (`Engine.exportable`)."""
        return ()


def byte_pictures(pictures: Tensor) -> np.ndarray:
    """Pictures (N, 3, H, W), about -1 to 1, as (N, H, W, 3) uint8."""
    values = ((pictures.detach().float() + 1) * 127.5).clamp(0, 255).round().to(torch.uint8)
    return np.ascontiguousarray(values.movedim(1, 3).cpu().numpy())
