"""A moment of a table as a picture: its first rows with what was filled in, for timeline, files and gallery; no Qt."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from studio.core.place import asset

from .view_model import TableView

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

WIDTH_PX, HEIGHT_PX = 480, 320
_ROW_PX: Final = 20
_FONT_PX: Final = 12
_GROUND: Final = (22, 24, 29)
_LINE: Final = (48, 52, 61)
_INK, _MUTED = (226, 230, 237), (150, 156, 168)
_SURE: Final = (45, 212, 191)
_ODD: Final = (255, 140, 40)
_LEAST_TINT, _MOST_TINT = 0.16, 0.62
_MARGIN_PX: Final = 8
_LEAST_LETTERS, _MOST_LETTERS = 4, 14
_MOST_LOOKED_AT: Final = 15


def picture_of(view: TableView) -> npt.NDArray[np.uint8]:
    """The first rows and columns shown, (320, 480, 3) sRGB; filled and odd cells are tinted."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    letter_px = _font().getlength("0")
    columns = _columns(view, int((WIDTH_PX - 2 * _MARGIN_PX) / letter_px))
    n_rows = min(view.n_rows, HEIGHT_PX // _ROW_PX - 1)
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _GROUND)
    draw = Draw(picture)
    for at, row in enumerate((-1, *view.rows[:n_rows].tolist())):
        top = _ROW_PX * at
        for column, first, width in columns:
            tint = None if row < 0 else _tint_of(view, row, column)
            if tint is not None:
                left = _MARGIN_PX + (first - 0.5) * letter_px
                box = (left, top + 1, left + width * letter_px - 2, top + _ROW_PX - 2)
                draw.rectangle(box, tint)
            text = view.names[column] if row < 0 else view.text(row, column)
            place = round(_MARGIN_PX + first * letter_px), top
            picture.paste(_MUTED if row < 0 else _INK, place, _letters(text[: width - 1]))
        draw.line((_MARGIN_PX, top + _ROW_PX, WIDTH_PX - _MARGIN_PX, top + _ROW_PX), _LINE)
    return np.asarray(picture)


def _columns(view: TableView, n_letters: int) -> list[tuple[int, int, int]]:
    """The columns for which there is room: place, where they begin and how wide they are, in letters."""
    found, first = [], 0
    for column, name in enumerate(view.names):
        texts = [name, *(view.text(row, column) for row in view.rows[:_MOST_LOOKED_AT].tolist())]
        width = min(max(map(len, texts)), _MOST_LETTERS) + 2
        width = min(width, n_letters - first)
        if width < _LEAST_LETTERS:
            break
        found.append((column, first, width))
        first += width
    return found


def _tint_of(view: TableView, row: int, column: int) -> tuple[int, ...] | None:
    """What lies under a cell: of an odd one how odd it is, of a filled one how sure it is."""
    sure, mark = view.sureness(row, column), view.mark(row, column)
    if not mark and sure is None:
        return None
    share = _LEAST_TINT + (_MOST_TINT - _LEAST_TINT) * (mark or sure or 0.0)
    colour = _ODD if mark else _SURE
    return tuple(round(ground + share * (ink - ground)) for ground, ink in zip(_GROUND, colour, strict=True))


@lru_cache(2048)
def _letters(text: str) -> "Image":
    """A text in one row, as coverage: most of them stand in every frame."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    found = Image.new("L", (max(1, round(_font().getlength(text))), _ROW_PX))
    Draw(found).text((0, 3), text, 255, _font())
    return found


@cache
def _font() -> "FreeTypeFont":
    from PIL import ImageFont

    # The basic layout: the other one depends on a library that some machines lack.
    path = asset("fonts/JetBrainsMono-Regular.ttf")
    return ImageFont.truetype(path, _FONT_PX, layout_engine=ImageFont.Layout.BASIC)
