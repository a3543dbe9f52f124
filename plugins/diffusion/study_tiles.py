"""What the pictures of a study look like on the sheet, and what tells their settings from those of the scene."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar

import numpy as np
from PySide6.QtGui import QImage

from studio.api.panel import coloured_amount, image_from_array
from studio.core.text import N_, translate

from .params import SampleParams
from .study_news import FloatArray, StudyPicture
from .tile_grid import Tile

T = TypeVar("T")
OWN: Final = frozenset({"batch"})  # a study makes one picture of each, however many the scene makes


def tile_of(caption: str, picture: StudyPicture | None, is_timed: bool) -> Tile:
    """The tile of a picture, None where it has not begun; `is_timed` says how long it took and how far off it is."""
    if picture is None:
        return Tile(caption, share=0.0)
    detail = ""
    if is_timed:
        detail = f"{picture.seconds:.1f} s"
    if picture.distance is not None:
        text = translate(N_("{time}, {distance:.3f} off"))
        detail = text.format(time=detail, distance=picture.distance)
    return Tile(caption, detail, image_of(picture.shown), picture.share)


def image_of(shown: FloatArray) -> QImage:
    """A picture (H, W, 3), or the loudness (M, L) of a sound in colours; both in 0..1."""
    if shown.ndim == 2:
        return image_from_array(coloured_amount(shown))
    return image_from_array(np.ascontiguousarray((np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)))


def around(things: Sequence[T]) -> list[T]:
    """Put the first one into the middle of the others."""
    first, *others = things
    half = len(others) // 2
    return [*others[:half], first, *others[half:]]


def changes_between(before: SampleParams, after: SampleParams) -> dict[str, Any]:
    """The settings that differ, by name."""
    names = [field.name for field in fields(SampleParams) if field.name not in OWN]
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
