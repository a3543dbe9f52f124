"""Turns the main view of a frame into the pixels of a picture, the same for window and terminal."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Audio, Field, Image, View
from studio.render.colour_map import coloured_amount
from studio.render.field import CELLS, Placement, layout_word, render_fields, tint
from studio.render.pixel import enlarge_smooth

SIDE_PX: Final = 512
INK: Final = (16, 17, 20)
PAPER: Final = (255, 255, 255)
LOUDNESS: Final = "loudness"
_MARGIN_SHARE: Final = 1 / 16  # of the side
_WIDER_PER_GLYPH: Final = 0.5  # of the side, with every letter of a word

ByteArray = NDArray[np.uint8]


def shown_view(frame: Frame) -> View | None:
    """What stands for a frame where a picture is wanted: the main view, or the spectrogram of a sound."""
    main = frame.main_view
    if not isinstance(main, Audio):
        return main
    return next((view for view in frame.views.values() if isinstance(view, Field) and view.meaning == LOUDNESS), main)


def is_picture(view: View | None) -> bool:
    """Whether a view can be drawn as a picture."""
    return isinstance(view, Image) or (isinstance(view, Field) and view.meaning in ("distance", LOUDNESS))


def loudness_pixels(field: Field) -> ByteArray:
    """Levels (M, L) as colours, (M, L, 3) uint8."""
    return coloured_amount((field.values - np.float32(field.low)) / np.float32(field.high - field.low))


def still_pixels(frame: Frame, side_px: int = SIDE_PX) -> ByteArray:
    """Return uint8 pixels (side_px, W) or (side_px, W, 3) of what a frame shows; larger pictures stay larger."""
    match shown_view(frame):
        case Image(pixels=pixels):
            return _enlarged(pixels, side_px)
        case Field(meaning="loudness") as field:
            return _enlarged(loudness_pixels(field), side_px)
        case Field(values=values, meaning="distance"):
            return tint(coverage_of(values, side_px), INK, PAPER)
        case _:
            raise UserError(N_("What is on screen cannot be saved as a picture."))


def _enlarged(pixels: ByteArray, side_px: int) -> ByteArray:
    height, width = pixels.shape[:2]
    if height >= side_px:
        return pixels
    return enlarge_smooth(pixels, max(1, round(width * side_px / height)), side_px)


def coverage_of(values: NDArray[np.float32], side_px: int) -> ByteArray:
    """Draw one distance field (64, 64) in its cell, or several (N, 64, 64) as a word: uint8 coverage (side_px, W)."""
    fields = values if values.ndim == 3 else values[None]
    width_px, margin_px = round(side_px * (1 + _WIDER_PER_GLYPH * (len(fields) - 1))), side_px * _MARGIN_SHARE
    if len(fields) == 1:
        places = [Placement(margin_px, margin_px, (side_px - 2 * margin_px) / CELLS)]
    else:
        places = layout_word(list(fields), width_px, side_px, margin_px)
    return render_fields(fields, places, width_px, side_px)
