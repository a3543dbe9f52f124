"""What a training shows of itself: samples of fixed seeds, drawn with the averaged weights."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from studio.api.training import Moment, SlowPreview
from studio.core.thinning import LogThinning
from studio.core.view import Image

from .denoiser import Guidance
from .evaluation import Wanted, in_unit, sampled
from .networks import PixelDiffusion

SAMPLES: Final = "samples"
PREVIEW_STEPS: Final = 12
SELDOM: Final = LogThinning(dense=1, growth=1.5, first=50)
"""Samples cost as much as many steps of the training."""


@dataclass(frozen=True)
class SamplePreview:
    """Draws the same samples again and again.

    Attributes:
        wanted: their seeds and what they are asked for.
        n_columns: of the sheet.
        guidance: how strongly.
        to_pictures: pictures (N, C, H, W) in [0, 1] of clean x.
        is_pixels: whether clean x are pictures.
    """

    wanted: Wanted
    n_columns: int
    guidance: Guidance
    to_pictures: Callable[[Tensor], Tensor] = in_unit
    is_pixels: bool = True

    @property
    def slow(self) -> SlowPreview:
        """As what follows a training takes it."""
        return SlowPreview(self.draw, SELDOM)

    def draw(self, average: nn.Module, _: int) -> Generator[Any, None, Moment]:
        """The sheet of samples by averaged weights."""
        assert isinstance(average, PixelDiffusion)
        x0 = yield from sampled(average, self.wanted, PREVIEW_STEPS, self.guidance, self.is_pixels)
        return Moment({SAMPLES: Image(sheet(self.to_pictures(x0), self.n_columns))})


def sheet(pictures: Tensor, n_columns: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Pictures (N, 1 or 3, H, W) in [0, 1] in rows of n_columns, (rows H, columns W, 3) uint8; gaps are white."""
    n, _, height, width = pictures.shape
    n_rows = -(-n // n_columns)
    tiles = np.full((n_rows * n_columns, height, width, 3), 255, np.uint8)
    tiles[:n] = (pictures.clamp(0, 1) * 255).round().byte().expand(-1, 3, -1, -1).movedim(1, 3).numpy()
    rows = tiles.reshape(n_rows, n_columns, height, width, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(n_rows * height, n_columns * width, 3))
