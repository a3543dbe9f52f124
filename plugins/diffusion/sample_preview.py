"""What a training shows of itself: samples of fixed seeds, drawn with the averaged weights."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor, nn

from studio.api.training import Moment, SlowPreview
from studio.core.thinning import LogThinning
from studio.core.view import Image

from .denoiser import Guidance
from .evaluation import Wanted, in_unit, sampled
from .networks import PixelDiffusion
from .tiling import ByteArray, tiled

SAMPLES: Final = "samples"
PREVIEW_STEPS: Final = 12
WHITE: Final = 255
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
        return Moment({SAMPLES: Image(tiled(as_bytes(self.to_pictures(x0)), self.n_columns, WHITE))})


def as_bytes(pictures: Tensor) -> ByteArray:
    """Pictures (N, 1 or 3, H, W) in [0, 1] as (N, H, W, 3) uint8."""
    laid: ByteArray = (pictures.clamp(0, 1) * 255).round().byte().expand(-1, 3, -1, -1).movedim(1, 3).numpy()
    return laid
