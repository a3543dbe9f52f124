"""Draws a text as a picture: its tokens on chips that are tinted by surprise, for exports without a window."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.place import asset
from studio.core.text.layout import Stretch, TextLayout, lay_out
from studio.core.text.token import EXPECTED_BITS, strength
from studio.core.view import Tokens

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

ASPECT: Final = 16 / 10
COLUMNS: Final = (34, 44, 58, 76, 100, 132, 174)
"""Characters in a line: the first of these with which the whole text has room; with the last, its end is shown."""
_LINE_SHARE: Final = 2.0  # of the width of a character, from line to line
_FONT_SHARE: Final = 1 / 0.6  # of the width of a character, the size of the typeface
_MARGIN: Final = 2.0  # characters
_INKS: Final = {"paper": (16, 17, 20), "black": (230, 233, 239)}
_GROUNDS: Final = {"paper": (255, 255, 255), "black": (16, 18, 22)}
_EXPECTED: Final = (37, 99, 235)
_SURPRISE: Final = (225, 60, 90)
_EXPECTED_ALPHA, _MOST_ALPHA = 0.16, 0.62

ByteArray = NDArray[np.uint8]
Colour = tuple[int, int, int]


def text_picture(tokens: Tokens, side_px: int, ground: str, aspect: float = ASPECT) -> ByteArray:
    """A text on "paper" or "black", uint8 (side_px, W, 3); `aspect` is the width by the height."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    width_px = round(side_px * aspect)
    layout, cell_px, n_lines = _fitted(tokens, width_px, side_px)
    picture = Image.new("RGB", (width_px, side_px), _GROUNDS[ground])
    draw, font = Draw(picture), _font(max(1, round(cell_px * _FONT_SHARE)))
    first = max(0, layout.n_lines - n_lines)
    for one in layout.stretches:
        if one.line >= first:
            weight = tokens.weights[one.token] if tokens.weights else None
            _draw_chip(draw, one, first, cell_px, _tint(weight, ground))
            _draw_words(draw, one, layout.text, first, cell_px, font, _INKS[ground])
    return np.asarray(picture)


def _fitted(tokens: Tokens, width_px: int, side_px: int) -> tuple[TextLayout, float, int]:
    """The layout in characters, the width of one in pixels, and how many lines have room."""
    for columns in COLUMNS:
        layout = lay_out(tokens.pieces, columns, lambda _: 1.0)
        cell_px = width_px / (columns + 2 * _MARGIN)
        n_lines = max(1, int((side_px / cell_px - 2 * _MARGIN) / _LINE_SHARE))
        if layout.n_lines <= n_lines:
            break
    return layout, cell_px, n_lines


def _draw_chip(draw: "ImageDraw", one: Stretch, first: int, cell_px: float, colour: Colour) -> None:
    left, top = (_MARGIN + one.left) * cell_px, (_MARGIN + (one.line - first) * _LINE_SHARE) * cell_px
    right, bottom = (_MARGIN + one.right) * cell_px, top + (_LINE_SHARE - 0.15) * cell_px
    draw.rounded_rectangle((left, top, right, bottom), radius=cell_px * 0.25, fill=colour)


def _draw_words(
    draw: "ImageDraw", one: Stretch, text: str, first: int, cell_px: float, font: "FreeTypeFont", ink: Colour
) -> None:
    top = (_MARGIN + (one.line - first) * _LINE_SHARE + _LINE_SHARE / 2) * cell_px
    for place, char in enumerate(text[one.first : one.last].replace("\n", "")):
        draw.text(((_MARGIN + one.left + place) * cell_px, top), char, fill=ink, font=font, anchor="lm")


def _tint(bits: float | None, ground: str) -> Colour:
    if bits is None:
        return _GROUNDS[ground]
    if bits < EXPECTED_BITS:
        return _mixed(_EXPECTED, _EXPECTED_ALPHA * (1 - bits / EXPECTED_BITS), ground)
    return _mixed(_SURPRISE, _MOST_ALPHA * strength(bits), ground)


def _mixed(colour: Colour, share: float, ground: str) -> Colour:
    pairs = zip(colour, _GROUNDS[ground], strict=True)
    red, green, blue = (round(share * over + (1 - share) * under) for over, under in pairs)
    return red, green, blue


@cache
def _font(size_px: int) -> "FreeTypeFont":
    from PIL.ImageFont import Layout, truetype

    # The basic layout: the other one depends on a library that some machines lack.
    return truetype(asset("fonts/JetBrainsMono-Regular.ttf"), size_px, layout_engine=Layout.BASIC)
