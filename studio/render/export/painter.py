"""Paints the frames of a clip at one size, with caption and background, for the formats that hold pictures."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.place import asset
from studio.core.recording.clip import Clip
from studio.core.translation import N_, _, translate
from studio.core.view import Field, Image, Tokens
from studio.render.export.option import Background, ExportOptions
from studio.render.field import tint
from studio.render.still import INK, PAPER, coverage_of, loudness_pixels, shown_view
from studio.render.text_picture import text_picture

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

BLACK: Final = (0, 0, 0)
_MIN_BAND_PX: Final = 20
_BAND_SHARE: Final = 1 / 11  # of the side
_TEXT_SHARE: Final = 0.55  # of the band

ByteArray = NDArray[np.uint8]


class FramePainter:
    """Paints frames of one clip; the size is that of the first frame of the range, others are centred in it.

    `align` rounds both sides up to a multiple: video wants even ones.
    """

    def __init__(self, clip: Clip, options: ExportOptions, align: int = 1) -> None:
        self._clip = clip
        self._options = options
        self._side_px = options.side_px
        self._band_px = max(_MIN_BAND_PX, round(self._side_px * _BAND_SHARE)) if options.has_caption else 0
        first = picture_of(clip.frame(options.span(clip)[0]), self._side_px, options.background)
        self.width_px = _rounded_up(first.shape[1], align)
        self.height_px = _rounded_up(self._side_px + self._band_px, align)

    @property
    def n_channels(self) -> int:
        """4 where the background is transparent, else 3."""
        return 4 if self._options.background == "transparent" else 3

    def paint(self, frame: Frame) -> ByteArray:
        """Return uint8 (height_px, width_px, n_channels), contiguous."""
        picture = picture_of(frame, self._side_px, self._options.background)
        if picture.shape == (self.height_px, self.width_px, self.n_channels):
            return np.ascontiguousarray(picture)
        canvas = self.blank(self.width_px, self.height_px)
        inside = picture[:, : self.width_px]
        left = (self.width_px - inside.shape[1]) // 2
        canvas[: inside.shape[0], left : left + inside.shape[1]] = inside
        if self._band_px:
            self._write_caption(canvas, frame_caption(frame, self._clip))
        return canvas

    def blank(self, width_px: int, height_px: int) -> ByteArray:
        """An empty picture of the background, uint8 (height_px, width_px, n_channels)."""
        canvas = np.zeros((height_px, width_px, self.n_channels), np.uint8)
        if self._options.background == "paper":
            canvas[:] = PAPER
        return canvas

    def _write_caption(self, canvas: ByteArray, text: str) -> None:
        """Blend a line of text into the band below the picture."""
        from PIL import Image as PilImage
        from PIL.ImageDraw import Draw

        font = _font(round(self._band_px * _TEXT_SHARE))
        pad_px = self._band_px // 4
        line = PilImage.new("L", (self.width_px, self._band_px))
        shown = _shortened(text, font, self.width_px - 2 * pad_px)
        Draw(line).text((pad_px, self._band_px // 2), shown, fill=255, font=font, anchor="lm")
        band = canvas[self._side_px : self._side_px + self._band_px]
        band[:] = _laid_over(np.asarray(line), self._options.background)


def frame_caption(frame: Frame, clip: Clip) -> str:
    """A line of text about a frame of a clip."""
    if frame.label:
        return translate(frame.label)
    if clip.n_frames == 1:
        return _("{model}, seed {seed}").format(model=clip.info.model_id, seed=clip.info.seed)
    return _("Step {n} of {total}").format(n=frame.step + 1, total=frame.n_steps)


def picture_of(frame: Frame, side_px: int, background: Background) -> ByteArray:
    """Return what a frame shows, side_px high: uint8 (side_px, W, 3), or (side_px, W, 4) where transparent.

    Raises UserError where the frame shows nothing that a picture can hold.
    """
    match shown_view(frame):
        case Image(pixels=pixels):
            picture = _in_colour(_resized(pixels, side_px))
            return _with_alpha(picture) if background == "transparent" else picture
        case Field(meaning="loudness") as field:
            picture = _resized(loudness_pixels(field), side_px)
            return _with_alpha(picture) if background == "transparent" else picture
        case Field(values=values, meaning="distance"):
            return _laid_over(coverage_of(values, side_px), background)
        case Tokens() as tokens:
            picture = text_picture(tokens, side_px, "black" if background == "black" else "paper")
            return _with_alpha(picture) if background == "transparent" else picture
        case _:
            raise UserError(N_("What is on screen cannot be saved as a picture."))


def _laid_over(coverage: ByteArray, background: Background) -> ByteArray:
    """Ink (H, W) on the background: (H, W, 3 or 4)."""
    if background == "paper":
        return tint(coverage, INK, PAPER)
    if background == "black":
        return tint(coverage, PAPER, BLACK)
    return np.dstack([np.full((*coverage.shape, 3), INK, np.uint8), coverage])


def _with_alpha(picture: ByteArray) -> ByteArray:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def _in_colour(picture: ByteArray) -> ByteArray:
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


def _resized(pixels: ByteArray, side_px: int) -> ByteArray:
    """Scale (H, W) or (H, W, 3) to `side_px` rows, keeping the proportions; Pillow is twice as fast as our own."""
    from PIL.Image import Resampling, fromarray

    height, width = pixels.shape[:2]
    if height == side_px:
        return pixels
    size = (max(1, round(width * side_px / height)), side_px)
    method = Resampling.BICUBIC if height < side_px else Resampling.LANCZOS
    return np.asarray(fromarray(np.ascontiguousarray(pixels)).resize(size, method))


def _rounded_up(n: int, align: int) -> int:
    return -(-n // align) * align


@cache
def _font(size_px: int) -> "FreeTypeFont":
    from PIL.ImageFont import Layout, truetype

    # The basic layout: the other one depends on a library that some machines lack.
    return truetype(asset("fonts/Inter-Regular.ttf"), size_px, layout_engine=Layout.BASIC)


def _shortened(text: str, font: "FreeTypeFont", width_px: int) -> str:
    text = " ".join(text[:500].split())
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(text + "…") > width_px:
        text = text[:-1]
    return text.rstrip() + "…"
