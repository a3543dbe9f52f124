"""Draws a text as a picture: its tokens on chips that are tinted by surprise, for exports without a window."""

from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.text.token import EXPECTED_BITS, strength
from studio.core.view import Tokens

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from studio.render.text_layout import TextLayout

ASPECT: Final = 16 / 10
COLUMNS: Final = (34, 44, 58, 76, 100, 132, 174)
"""Characters in a line: the first of these with which the whole text has room; with the last, its end is shown."""
FONT_PX: Final = 20
CELL_PX: Final = 12.0
"""The width of a character of that size; pictures are drawn in it and then scaled."""
_LINE_PX: Final = 2.0 * CELL_PX
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
    from PySide6.QtGui import QColor, QImage, QPainter

    width_px = round(side_px * aspect)
    layout, columns, n_lines = _fitted(tokens, width_px, side_px)
    picture = QImage(width_px, side_px, QImage.Format.Format_RGB888)
    picture.fill(QColor(*_GROUNDS[ground]))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = width_px / ((columns + 2 * _MARGIN) * CELL_PX)
    painter.scale(scale, scale)
    painter.translate(_MARGIN * CELL_PX, _MARGIN * CELL_PX)
    _draw(painter, layout, tokens, max(0, layout.n_lines - n_lines), ground)
    painter.end()
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(side_px, picture.bytesPerLine())
    return rows[:, : 3 * width_px].reshape(side_px, width_px, 3).copy()


def laid_out(tokens: Tokens, columns: int, line_px: float, most_lines: int | None = None) -> "TextLayout":
    """A text in lines of so many characters; given up on once it has more than `most_lines`."""
    from studio.render.bundled_font import mono_font, prepare_fonts
    from studio.render.text_block import TextStyle
    from studio.render.text_layout import TextLayout

    prepare_fonts()
    layout = TextLayout(TextStyle(mono_font(FONT_PX), columns * CELL_PX, line_px), "".join(tokens.pieces))
    while not layout.go_on(0) and (most_lines is None or layout.n_lines <= most_lines):
        pass
    return layout


def _fitted(tokens: Tokens, width_px: int, side_px: int) -> tuple["TextLayout", int, int]:
    """The layout, how many characters its lines have, and how many lines have room."""
    for columns in COLUMNS:
        n_lines = max(1, int((side_px * (columns + 2 * _MARGIN) / width_px - 2 * _MARGIN) * CELL_PX / _LINE_PX))
        is_last = columns == COLUMNS[-1]
        layout = laid_out(tokens, columns, _LINE_PX, None if is_last else n_lines)
        if layout.is_whole and layout.n_lines <= n_lines:
            break
    return layout, columns, n_lines


def _draw(painter: "QPainter", layout: "TextLayout", tokens: Tokens, first: int, ground: str) -> None:
    from PySide6.QtCore import QPointF, QRectF, Qt
    from PySide6.QtGui import QColor

    ends = list(accumulate(map(len, tokens.pieces)))
    for line in range(first, layout.n_lines):
        top = (line - first) * _LINE_PX
        painter.setPen(Qt.PenStyle.NoPen)
        for token, left, right in layout.token_spans(line, ends):
            weight = tokens.weights[token] if tokens.weights else None
            painter.setBrush(QColor(*_tint(weight, ground)))
            painter.drawRoundedRect(QRectF(left, top, right - left, _LINE_PX - 0.15 * CELL_PX), 3, 3)
        painter.setPen(QColor(*_INKS[ground]))
        layout.draw(painter, line, QPointF(0, top))


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
