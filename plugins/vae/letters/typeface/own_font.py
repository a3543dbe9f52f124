"""Reads the letters A to Z and a to z from a person’s font file, laid as the model learnt them.

Shapes: fields (52, 64, 64) in cells, positive inside; D latent numbers.
"""

import io
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from studio.core.character import CHARACTERS
from studio.core.container.source import file_size, open_regular
from studio.core.distance_field import signed_distance_field
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.ink import CELL_PX, FIELD_LIMIT_PX, MASK_PX, Array

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SUFFIXES: Final = (".ttf", ".otf", ".ttc", ".woff")
READ_FROM: Final = "H" + CHARACTERS.replace("H", "")[:51]  # capitals say how large letters are
_MOST_BYTES: Final = 32 << 20
_TRIAL_PX: Final = 200
_CAP_PX, _BASELINE_PX, _MARGIN_PX = 128, 176, 10
_FARTHEST: Final = 20
"""A letter larger than so many times the trial size is none."""


def is_font(path: Path) -> bool:
    """Whether a file is called like a font."""
    return path.suffix.lower() in SUFFIXES


def read_place(engine: Any, path: Path) -> Generator[Frame, None, np.ndarray]:
    """The place (D,) of a font file; yields after each letter. Raises UserError where it is no font with letters."""
    fields = []
    for field in _letters(path):
        fields.append(field)
        yield Frame(len(fields) - 1, len(READ_FROM))
    place: np.ndarray = engine.encode(np.stack(fields), READ_FROM).mean(0)
    return place


def _letters(path: Path) -> Generator[Array, None, None]:
    try:
        font, boxes = _opened(path)
        scale = _scale(boxes)
        font = font.font_variant(size=_TRIAL_PX * scale)
        masks = []
        for letter in READ_FROM:
            masks.append(_mask(font, letter))
            yield signed_distance_field(masks[-1], CELL_PX, FIELD_LIMIT_PX)
    except (OSError, ValueError, MemoryError, OverflowError) as error:
        raise _no_outlines(path) from error
    if any(not mask.any() for mask in masks) or all((mask == masks[0]).all() for mask in masks):
        raise _no_outlines(path)


def _opened(path: Path) -> tuple["FreeTypeFont", list[tuple[float, float, float, float]]]:
    from PIL import ImageFont  # here, since panels know suffixes without it

    with open_regular(path) as file:
        if not 0 < file_size(file) <= _MOST_BYTES:
            raise ValueError("no size of a font")
        data = io.BytesIO(file.read())
    font = ImageFont.truetype(data, _TRIAL_PX, layout_engine=ImageFont.Layout.BASIC)
    boxes = [font.getbbox(letter, anchor="ls") for letter in READ_FROM]
    for left, top, right, bottom in boxes:
        if not (0 < right - left < _FARTHEST * _TRIAL_PX and 0 < bottom - top < _FARTHEST * _TRIAL_PX):
            raise ValueError("no letter")
    return font, boxes


def _scale(boxes: list[tuple[float, float, float, float]]) -> float:
    """How much larger than at the trial size letters are drawn, so that capitals are as high as the model’s."""
    above, below = -boxes[0][1], max(box[3] for box in boxes)
    if above <= 0:
        raise ValueError("a capital below the baseline")
    width = max(box[2] - box[0] for box in boxes)
    limits = (
        _CAP_PX / above,
        (_BASELINE_PX - _MARGIN_PX) / max(-box[1] for box in boxes),
        (MASK_PX - _BASELINE_PX - _MARGIN_PX) / max(below, 1),
        (MASK_PX - 2 * _MARGIN_PX) / width,
    )
    return min(limits)


def _mask(font: "FreeTypeFont", letter: str) -> np.ndarray:
    """A letter (256, 256), True on ink, on the baseline and centred by its ink."""
    from PIL import Image, ImageDraw

    left, _, right, _ = font.getbbox(letter, anchor="ls")
    picture = Image.new("L", (MASK_PX, MASK_PX))
    ImageDraw.Draw(picture).text((MASK_PX / 2 - (left + right) / 2, _BASELINE_PX), letter, 255, font, anchor="ls")
    return np.asarray(picture) > 127


def _no_outlines(path: Path) -> UserError:
    return UserError(
        N_("No letters with outlines were found in “{name}”.").format(name=path.name),
        N_("Choose a TrueType or OpenType font with the letters A to Z."),
    )
