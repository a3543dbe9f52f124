"""The calls that the panel sends to its engine; torch stays behind it, where only the Worker goes."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.picture import read_picture as read_file

from .atlas import Array, Atlas
from .params import PictureParams

if TYPE_CHECKING:
    from .engine import VaeEngine, VaeReading

MAP_TILES = 15


def open_atlas(engine: "VaeEngine") -> Atlas:
    """Return the atlas that came with the model."""
    return engine.atlas


def draw_manifold(engine: "VaeEngine") -> Generator[Frame, None, npt.NDArray[np.uint8] | None]:
    """Decode the whole map, for models of grey pictures; returns uint8 (H, W) or None."""
    if engine.has_letters or engine.is_coloured:
        return None
    return (yield from engine.manifold(engine.atlas.extent[0], MAP_TILES))


def draw(engine: "VaeEngine", params: PictureParams, z: Array) -> Iterator[Frame]:
    """Draw one place."""
    return engine.generate(params, {"z": z})


def read_own_path(engine: "VaeEngine", path: Path) -> Generator[Frame, None, "VaeReading"]:
    """Read a person's picture from a file; returns a Reading."""
    return engine.read(read_file(path).rgb)


def read_own_pixels(engine: "VaeEngine", rgb: npt.NDArray[np.uint8]) -> Generator[Frame, None, "VaeReading"]:
    """Read a person's picture (H, W, 3); returns a Reading."""
    return engine.read(rgb)
