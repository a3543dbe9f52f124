"""The calls that the panel sends to its engine; torch stays behind it, where only the Lane goes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.core.frame import Frame
from studio.core.near_picture import Nearest
from studio.core.picture import read_picture

from .state import Drawing

if TYPE_CHECKING:
    from .engine import DrawEngine, OutlineGallery


@dataclass(frozen=True, eq=False)
class Painted:
    """A drawing with what was painted into it; `seed` is that of the example, None for what a person drew."""

    drawing: Drawing
    frame: Frame
    seed: int | None = None


def paint(engine: "DrawEngine", drawing: Drawing) -> Painted:
    """Paint into a drawing."""
    return Painted(drawing, engine.paint(drawing))


def paint_example(engine: "DrawEngine", seed: int) -> Painted:
    """Paint into the example outline of a seed."""
    drawing = engine.example(seed)
    return Painted(drawing, engine.paint(drawing), seed)


def open_gallery(engine: "DrawEngine") -> "OutlineGallery":
    """The example outlines in small."""
    return engine.gallery()


def find_nearest(engine: "DrawEngine", icon: NDArray[np.uint8]) -> Nearest:
    """The shipped icons nearest to a painted one."""
    return engine.nearest(icon)


def own_outline(engine: "DrawEngine", source: Path | NDArray[np.uint8]) -> Drawing:
    """The outline of a person's picture, from a file or as pixels (H, W, 3)."""
    return engine.outline(read_picture(source).rgb if isinstance(source, Path) else source)
