"""Reads one face of a font file: what it is called, whether it will do, and its 62 glyphs as masks."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont, TTLibError
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.core.character import CHARACTERS

MASK_PX = 256
CAP_HEIGHT_PX = 128
BASELINE_PX = 176
MARGIN_PX = 10
SMALLEST_SCALE = 0.55
# Letters whose lower case differs from the capital in any font that has a lower case.
_CASED = "ABDEGHNQRT"
_SAME_SHAPE_OVERLAP = 0.80
_SMALLEST_DESCENT_PX = 14


@dataclass(frozen=True)
class Typeface:
    """One usable face.

    Attributes:
        family: the name that all its weights and slants share.
        name: family and style.
        masks: (62, 256, 256) bool, True on ink, in the order of CHARACTERS; capitals stand 128 px high on a common
            baseline at row 176 (smaller where the face would not fit), each glyph centred by its ink.
        digest: equal for faces that draw the same.
    """

    family: str
    name: str
    masks: NDArray[np.bool_]
    digest: str


def read_typeface(path: Path) -> Typeface | None:
    """Read a font file; None when it lacks a character, is a bitmap or caps-only face, or cannot be drawn."""
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            if not _has_all_characters(font) or _is_pixel_face(font):
                return None
            family, name = _names(font)
        masks = _draw(path)
    except (TTLibError, OSError, KeyError, AttributeError, ValueError, AssertionError):
        return None
    if masks is None or not masks.any((1, 2)).all() or _is_caps_only(masks) or not _has_plain_outlines(masks):
        return None
    return Typeface(family, name, masks, hashlib.sha256(np.packbits(masks[:, ::4, ::4]).tobytes()).hexdigest())


def _has_all_characters(font: TTFont) -> bool:
    table = font.getBestCmap() or {}
    return all(ord(character) in table for character in CHARACTERS)


def _names(font: TTFont) -> tuple[str, str]:
    table = font["name"]
    family = (table.getDebugName(16) or table.getDebugName(1) or "").strip()
    style = (table.getDebugName(17) or table.getDebugName(2) or "Regular").strip()
    if not family:
        raise ValueError("a font without a name")
    return family, f"{family} {style}"


def _is_pixel_face(font: TTFont) -> bool:
    """True when round letters are drawn with nothing but horizontal and vertical lines."""
    glyphs, table = font.getGlyphSet(), font.getBestCmap()
    for character in "OSae":
        pen = DecomposingRecordingPen(glyphs)
        glyphs[table[ord(character)]].draw(pen)
        here = (0.0, 0.0)
        for operator, points in pen.value:
            if operator in ("qCurveTo", "curveTo"):
                return False
            if operator == "lineTo" and here[0] != points[0][0] and here[1] != points[0][1]:
                return False
            if points:
                here = points[0]
    return True


def _draw(path: Path) -> NDArray[np.bool_] | None:
    trial_px = 400
    trial = ImageFont.truetype(str(path), trial_px)
    left, top, right, bottom = trial.getbbox("H", anchor="ls")
    if top >= 0 or right <= left or bottom > trial_px // 8:
        return None
    boxes = [trial.getbbox(character, anchor="ls") for character in CHARACTERS]
    scale = CAP_HEIGHT_PX / -top
    room = MASK_PX - 2 * MARGIN_PX
    fitting = min(
        scale,
        *((BASELINE_PX - MARGIN_PX) / max(1, -box[1]) for box in boxes),
        *((MASK_PX - MARGIN_PX - BASELINE_PX) / max(1, box[3]) for box in boxes),
        *(room / max(1, box[2] - box[0]) for box in boxes),
    )
    if fitting < SMALLEST_SCALE * scale or any(box[2] - box[0] < 2 for box in boxes):
        return None
    font = ImageFont.truetype(str(path), trial_px * fitting)
    return np.stack([_draw_glyph(font, character) for character in CHARACTERS])


def _draw_glyph(font: ImageFont.FreeTypeFont, character: str) -> NDArray[np.bool_]:
    left, _, right, _ = font.getbbox(character, anchor="ls")
    picture = Image.new("L", (MASK_PX, MASK_PX))
    start = MASK_PX / 2 - (left + right) / 2
    ImageDraw.Draw(picture).text((start, BASELINE_PX), character, fill=255, font=font, anchor="ls")
    return np.asarray(picture) > 127


def _is_caps_only(masks: NDArray[np.bool_]) -> bool:
    """True when the lower case is the capitals again: the same shapes, or nothing below the baseline."""
    overlaps = [
        _shape_overlap(masks[CHARACTERS.index(capital)], masks[CHARACTERS.index(capital.lower())]) for capital in _CASED
    ]
    descents = [masks[CHARACTERS.index(letter), BASELINE_PX:].any(1).sum() for letter in "gpqy"]
    return float(np.median(overlaps)) > _SAME_SHAPE_OVERLAP or float(np.median(descents)) < _SMALLEST_DESCENT_PX


def _has_plain_outlines(masks: NDArray[np.bool_]) -> bool:
    """False for hollow, dotted and sketched faces: letters that are one piece without holes are not so there."""
    odd = 0
    for letter in "HTELnxl":
        ink = masks[CHARACTERS.index(letter)].astype(np.int32)
        across, down = ink[:, 1:] * ink[:, :-1], ink[1:] * ink[:-1]
        pieces_less_holes = ink.sum() - across.sum() - down.sum() + (down[:, 1:] * down[:, :-1]).sum()
        odd += int(pieces_less_holes != 1)
    return odd < 4


def _shape_overlap(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Intersection over union of two glyphs stretched to one box."""
    a, b = _stretched(first), _stretched(second)
    return float((a & b).sum()) / max(1.0, float((a | b).sum()))


def _stretched(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return np.zeros((48, 48), np.bool_)
    box = Image.fromarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(box.convert("L").resize((48, 48), Image.Resampling.BILINEAR)) > 127
