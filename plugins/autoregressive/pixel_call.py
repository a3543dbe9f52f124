"""The calls that the panel of pictures sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from studio.core.picture import read_picture
from studio.core.view import ByteArray

from .pixel_state import Bytes

if TYPE_CHECKING:
    from .pixel_engine import About, PixelEngine


@dataclass(frozen=True, eq=False)
class Look:
    """One pixel of a picture.

    Attributes:
        place: its number in reading order. key: what the look was taken of.
        chances: (V,) probabilities of its levels.
        amount: (H, W) by how many bits others change its surprise. is_seen: (H, W) its receptive field.
        is_seen_plainly: (H, W) that of a plain masked network, with its blind spot.
    """

    place: int
    key: Any
    chances: npt.NDArray[np.float32]
    amount: npt.NDArray[np.float32]
    is_seen: npt.NDArray[np.bool_]
    is_seen_plainly: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Opened:
    """A model that is open: what a panel has to know, and the example of a number, None where none is shipped."""

    about: "About"
    example: Bytes | None
    number: int


def open_pixels(engine: "PixelEngine", number: int) -> Opened:
    """Open the model, and take an example."""
    return Opened(engine.about(), engine.example(number), number)


def look(engine: "PixelEngine", values: Bytes, label: int, place: int, key: Any) -> Generator[None, None, Look]:
    """What is said about a pixel of a picture (H, W), and why."""
    chances = engine.distribution(values, label, place)
    yield
    found = engine.dependence(values, label, place)
    yield
    return Look(place, key, chances, found.amount, found.is_seen, engine.plain_receptive_field(place))


def own_picture(engine: "PixelEngine", source: Path | ByteArray) -> Bytes:
    """A person's picture, from a file or as pixels (H, W, 3), as levels (H, W) in the size of the model."""
    rgb = read_picture(source).rgb if isinstance(source, Path) else source
    return engine.fitted(rgb)
