"""What a picture is before and after it is enlarged: limits, plain enlargements, the mix of two; plain arrays.

Shape letters: H x W pixels of the small picture.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image

from studio.core.error import UserError
from studio.core.picture import read_picture
from studio.core.translation import N_, _

Pixels: TypeAlias = npt.NDArray[np.uint8]
SCALE: Final = 4
MAX_SMALL_PX: Final = 4096 * 4096
"""Larger photos are averaged down while they are read."""
BYTES_A_PX: Final = 160
"""Of the small picture: what both networks make of it, the mix of the two, and room to write it."""
BAND_ROWS: Final = 256
OVERVIEW_PX: Final = 2048
PREVIEW_PX: Final = 2_000_000
FILTERS: Final = {
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}
_WHOLE: Final = 256


@dataclass(frozen=True, eq=False)
class EnlargeSource:
    """A picture to enlarge.

    Attributes:
        small: (H, W, 3) uint8.
        large: what it was reduced from, (4 H, 4 W, 3) uint8; None where nobody knows.
        name: what to call it.
        notes: sentences about what was lost while it was read.
    """

    small: Pixels
    large: Pixels | None = None
    name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nearness:
    """How near an enlargement is to the original: in decibels, and by structural similarity (None where too small)."""

    psnr: float
    ssim: float | None


@dataclass(frozen=True, eq=False)
class EnlargeMeasured:
    """How near each enlargement is to the original, by name; empty where the original is not known."""

    nearness: dict[str, Nearness] = field(default_factory=dict)


def check_size(width: int, height: int) -> None:
    """Raises UserError where a picture is larger than what is enlarged here, or than memory allows."""
    n_pixels = width * height
    needed, free = n_pixels * BYTES_A_PX, psutil.virtual_memory().available
    if n_pixels <= MAX_SMALL_PX and needed <= free:
        return
    about = {"small": n_pixels / 1e6, "large": n_pixels * SCALE**2 / 1e6, "needed": needed / 1e9, "free": free / 1e9}
    raise UserError(
        N_("This picture has {small:,.1f} megapixels; enlarged it would have {large:,.0f}.").format(**about),
        N_("That takes {needed:,.1f} GB of memory, and {free:,.1f} GB are free: shrink it first, or crop it.").format(
            **about
        ),
    )


def read_small(path: Path) -> EnlargeSource:
    """The picture in a file, whole; raises UserError where it is no picture or too large."""
    found = read_picture(path)
    check_size(found.rgb.shape[1], found.rgb.shape[0])
    alpha = (N_("Its transparent parts were filled with white."),) if found.had_alpha else ()
    return EnlargeSource(found.rgb, None, path.name, (*found.warnings, *alpha))


def read_own(source: Path | Pixels) -> EnlargeSource:
    """A person's picture, from a file or as pixels; raises UserError where it is none or too large."""
    if isinstance(source, Path):
        return read_small(source)
    check_size(source.shape[1], source.shape[0])
    return EnlargeSource(source, None, _("From the clipboard"))


def plainly_enlarged(small: Pixels, name: str) -> Pixels:
    """A picture (H, W, 3) four times as large by one of the `FILTERS`."""
    height, width = small.shape[:2]
    return np.asarray(Image.fromarray(small).resize((SCALE * width, SCALE * height), FILTERS[name]))


def plain_preview(small: Pixels, factor: int) -> Pixels:
    """The bicubic enlargement of a picture (H, W, 3), reduced by 1, 2 or 4."""
    height, width = (SCALE // factor * side for side in small.shape[:2])
    return np.array(Image.fromarray(small).resize((width, height), FILTERS["bicubic"]))


def is_grey(small: Pixels) -> bool:
    """Whether a picture (H, W, 3) has no colours."""
    return bool((small == small[..., :1]).all())


def greyed(pixels: Pixels) -> Pixels:
    """The mean of the three colours in each of them."""
    mean = (pixels.astype(np.uint16).sum(2, keepdims=True) + 1) // 3
    return np.repeat(mean.astype(np.uint8), 3, 2)


def mixed(faithful: Pixels, vivid: Pixels, vividness: float) -> Pixels:
    """Two pictures of one shape mixed, rounded; exactly the first at 0 and the second at 1."""
    share = round(vividness * _WHOLE)
    if share in (0, _WHOLE):
        return vivid if share else faithful
    both = np.empty_like(faithful)
    for top in range(0, len(both), BAND_ROWS):  # large pictures would need their own memory twice over
        band = slice(top, top + BAND_ROWS)
        total = faithful[band].astype(np.uint16) * np.uint16(_WHOLE - share)
        total += vivid[band] * np.uint16(share)
        total += np.uint16(_WHOLE // 2)
        total >>= 8
        both[band] = total
    return both


def overview_of(pixels: Pixels) -> Pixels:
    """The picture averaged down by a whole number to at most 2048 pixels a side, or itself."""
    return reduced(pixels, -(-max(pixels.shape[:2]) // OVERVIEW_PX))


@dataclass(frozen=True, eq=False)
class EnlargeSheet:
    """A large picture, or two of which a mix is shown, each also as an overview.

    Attributes:
        size: width and height.
        parts: one or two of (4 H, 4 W, 3) uint8; none where there is an overview only.
        overviews: the same, averaged down.
        vividness: the share of the second.
    """

    size: tuple[int, int]
    parts: tuple[Pixels, ...]
    overviews: tuple[Pixels, ...]
    vividness: float = 0.0

    @cached_property
    def factor(self) -> float:
        """How many pixels wide one of the overview is."""
        return self.size[0] / self.overviews[0].shape[1]

    def cut(self, left: int, top: int, right: int, bottom: int, is_overview: bool = False) -> Pixels:
        """The pixels between these edges, which are those of the overview where that is wanted."""
        parts = [part[top:bottom, left:right] for part in (self.overviews if is_overview else self.parts)]
        return parts[0] if len(parts) == 1 else mixed(parts[0], parts[1], self.vividness)


@dataclass(frozen=True, eq=False)
class PlainSheet(EnlargeSheet):
    """A plain enlargement of which only what is seen is made.

    Attributes:
        small: (H, W, 3) uint8. name: one of the `FILTERS`.
    """

    small: Pixels = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    name: str = "bicubic"

    def cut(self, left: int, top: int, right: int, bottom: int, is_overview: bool = False) -> Pixels:
        """The pixels between these edges, which are those of the overview where that is wanted."""
        if is_overview:
            return self.overviews[0][top:bottom, left:right]
        box = left / SCALE, top / SCALE, right / SCALE, bottom / SCALE
        return np.asarray(Image.fromarray(self.small).resize((right - left, bottom - top), FILTERS[self.name], box))


def plain_sheet(small: Pixels, name: str) -> PlainSheet:
    """A picture (H, W, 3) four times as large by one of the `FILTERS`."""
    height, width = SCALE * small.shape[0], SCALE * small.shape[1]
    factor = -(-max(height, width) // OVERVIEW_PX)
    overview = np.asarray(Image.fromarray(small).resize((-(-width // factor), -(-height // factor)), FILTERS[name]))
    return PlainSheet((width, height), (small,), (overview,), 0.0, small, name)


def sheet_of(*parts: Pixels, vividness: float = 0.0) -> EnlargeSheet:
    """A sheet with its overviews."""
    size = (parts[0].shape[1], parts[0].shape[0])
    return EnlargeSheet(size, parts, tuple(overview_of(part) for part in parts), vividness)


def compared(opened: EnlargeSource, name: str) -> EnlargeSheet:
    """What lies left of the divider: a plain enlargement, or the original where it is known."""
    if name == "original" and opened.large is not None:
        return sheet_of(opened.large)
    return plain_sheet(opened.small, "bicubic" if name == "original" else name)


def preview_factor(small: Pixels) -> int:
    """By how much the frames of a run are reduced that a panel shows: 1, 2 or 4, so that parts fit each other."""
    n_pixels = SCALE**2 * small.shape[0] * small.shape[1]
    return next((factor for factor in (1, 2) if n_pixels <= PREVIEW_PX * factor**2), SCALE)


def reduced(pixels: Pixels, factor: int) -> Pixels:
    """A picture averaged down by a whole number; band by band, since Pillow takes four bytes for each of its pixels."""
    if factor == 1:
        return pixels
    n_rows = BAND_ROWS * factor
    bands = [pixels[top : top + n_rows] for top in range(0, len(pixels), n_rows)]
    return np.concatenate([np.asarray(Image.fromarray(band).reduce(factor)) for band in bands])
