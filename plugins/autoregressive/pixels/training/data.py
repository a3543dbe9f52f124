"""Pictures to learn from as levels with their kinds: digits as they are, and letterforms of 32 pixels.

Shape letters: B pictures at once, N pictures, H W pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import FIELD_SCALE, Split, load_digits, load_glyphs
from studio.core.character import CHARACTERS
from studio.core.seed import generator

GLYPH_PX: Final = 32
GLYPH_LEVELS: Final = 16
_FIELD_PX: Final = 64
_CUT_PX: Final = 48
_MARGIN_PX: Final = (_FIELD_PX - _CUT_PX) // 2
"""Nearly all ink of the fields lies within; the rest would be paper in every picture."""
_AT_ONCE: Final = 512


@dataclass(frozen=True, eq=False)
class LabelledPictures:
    """Pictures of known kinds.

    Attributes:
        values: (N, H, W) uint8 levels. labels: (N,) int64.
        is_full: False for the small set that the program brings along.
    """

    values: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    is_full: bool

    def __len__(self) -> int:
        return len(self.labels)


def digit_pictures(split: Split) -> LabelledPictures:
    """Handwritten digits, 28 px, with all 256 levels."""
    digits = load_digits(split)
    return LabelledPictures(digits.pictures, digits.labels.astype(np.int64), digits.is_full)


def glyph_pictures(split: Split) -> LabelledPictures:
    """All characters of typefaces, 32 px, their ink in 16 levels; the label is the number of the character."""
    glyphs = load_glyphs(split)
    fields = glyphs.fields.reshape(-1, _FIELD_PX, _FIELD_PX)
    parts = [ink_levels(torch.from_numpy(part)) for part in np.split(fields, range(_AT_ONCE, len(fields), _AT_ONCE))]
    labels = np.tile(np.arange(len(CHARACTERS)), len(glyphs.fields))
    return LabelledPictures(np.concatenate(parts), labels, glyphs.is_full)


SETS: Final[Mapping[str, Callable[[Split], LabelledPictures]]] = {"digits": digit_pictures, "glyphs": glyph_pictures}
"""The sets by the names that cards give them."""


def ink_levels(fields: Tensor) -> npt.NDArray[np.uint8]:
    """The middle of quantised distance fields (N, 64, 64) as levels of ink (N, 32, 32); edges are 1 px wide."""
    cut = slice(_MARGIN_PX, _MARGIN_PX + _CUT_PX)
    middle = fields[:, None, cut, cut].float() / FIELD_SCALE
    distances = F.interpolate(middle, size=(GLYPH_PX, GLYPH_PX), mode="area")[:, 0] * (GLYPH_PX / _CUT_PX)
    ink = (distances + 0.5).clamp(0, 1)
    return (ink * (GLYPH_LEVELS - 1)).round().byte().numpy()


def judged_glyphs(values: Tensor) -> Tensor:
    """Levels of ink (N, 32, 32) as the glyph judge looks at letters: soft ink (N, 64, 64) in [0, 1]."""
    ink = values[:, None].float() / (GLYPH_LEVELS - 1)
    large = F.interpolate(ink, size=(_CUT_PX, _CUT_PX), mode="bilinear", align_corners=False)[:, 0]
    return F.pad(large, (_MARGIN_PX,) * 4)


@dataclass(frozen=True, eq=False)
class PixelBatches:
    """Draws pictures by number: the same seed and number give the same ones, whatever came before."""

    pictures: LabelledPictures
    n_pictures: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Levels (B, H, W) and kinds (B,), int64 each."""
        chosen = generator(self.seed, "pictures", step, micro).integers(0, len(self.pictures), self.n_pictures)
        values = torch.from_numpy(self.pictures.values[chosen]).long().to(self.device)
        return values, torch.from_numpy(self.pictures.labels[chosen]).to(self.device)
