"""A moment of a table as a picture: its first rows with what was filled in, for timeline, files and gallery; no Qt."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from studio.core.place import asset

from .state import TableMoment
from .view_model import TableView, view_of

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH_PX, HEIGHT_PX = 480, 320
_ROW_PX: Final = 20
_FONT_PX: Final = 12
_GROUND: Final = (22, 24, 29)
_LINE: Final = (48, 52, 61)
_INK, _MUTED = (226, 230, 237), (150, 156, 168)
_SURE: Final = (45, 212, 191)
_LEAST_TINT, _MOST_TINT = 0.16, 0.62
_LEAST_COLUMN_PX, _MOST_COLUMN_PX = 44, 130
_CHARACTER_PX: Final = 7.2
_MOST_LOOKED_AT: Final = 15


def picture_of(moment: TableMoment) -> npt.NDArray[np.uint8]:
    """The first rows and columns as they are filled in, (320, 480, 3) sRGB; filled cells are tinted by how sure."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    view = view_of(moment)
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _GROUND)
    draw, font = Draw(picture), _font()
    left = 6
    for column, name in enumerate(view.names):
        width = _column_px(view, column)
        if left >= WIDTH_PX:
            break
        n_letters = int((width - 8) / _CHARACTER_PX)
        draw.text((left + 4, 4), name[:n_letters], _MUTED, font)
        for row in range(min(view.n_rows, HEIGHT_PX // _ROW_PX)):
            top = _ROW_PX * (row + 1)
            sure = view.sureness(row, column)
            if sure is not None:
                draw.rectangle((left + 1, top + 1, left + width - 2, top + _ROW_PX - 2), _tint(sure))
            draw.text((left + 4, top + 3), view.text(row, column)[:n_letters], _INK, font)
        left += width
    for row in range(1, HEIGHT_PX // _ROW_PX + 1):
        draw.line((6, _ROW_PX * row, min(left, WIDTH_PX) - 1, _ROW_PX * row), _LINE)
    return np.asarray(picture)


def _column_px(view: TableView, column: int) -> int:
    texts = [view.names[column], *(view.text(row, column) for row in range(min(view.n_rows, _MOST_LOOKED_AT)))]
    return int(np.clip(max(map(len, texts)) * _CHARACTER_PX + 10, _LEAST_COLUMN_PX, _MOST_COLUMN_PX))


def _tint(sure: float) -> tuple[int, ...]:
    share = _LEAST_TINT + (_MOST_TINT - _LEAST_TINT) * sure
    return tuple(round(ground + share * (ink - ground)) for ground, ink in zip(_GROUND, _SURE, strict=True))


@cache
def _font() -> "FreeTypeFont":
    from PIL import ImageFont

    # The basic layout: the other one depends on a library that some machines lack.
    path = asset("fonts/JetBrainsMono-Regular.ttf")
    return ImageFont.truetype(path, _FONT_PX, layout_engine=ImageFont.Layout.BASIC)
