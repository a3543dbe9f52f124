"""Looks for the training picture nearest to a face; torch stays behind it, where only the Lane goes."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from studio.core.near_picture import NearPicture

from .nearest_words import NearFace
from .people_call import ByteArray

if TYPE_CHECKING:
    from .nearest_labels import Reading
    from .people_engine import PeopleEngine

SET: Final = "avatars"
SURE: Final = 0.5


def find_nearest(engine: "PeopleEngine", pixels: ByteArray) -> Generator[None, None, NearFace]:
    """The shipped training face nearest to pixels (64, 64, 3); yields many times a second while the set is read."""
    import numpy as np

    from studio.api.training import near_pictures

    from .nearest_labels import read_pixels

    known = yield from near_pictures(SET)
    numbers, distances = known.find(pixels)
    yield
    near = known.pictures[numbers[0]]
    reading = read_pixels(np.stack([pixels, near]))
    return NearFace(NearPicture(near, float(distances[0])), len(known.pictures), differing_labels(reading))


def differing_labels(reading: "Reading") -> tuple[str, ...]:
    """The labels in which the first two pictures of a reading differ, where the judge is sure of both."""
    from .nearest_labels import LABELS

    is_sure = (reading.sureness[:2] >= SURE).all(0)
    differs = reading.classes[0] != reading.classes[1]
    return tuple(label for label, is_other in zip(LABELS, is_sure & differs, strict=True) if is_other)
